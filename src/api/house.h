// SPDX-License-Identifier: Apache-2.0
// What the API needs of the house; whoever builds it keeps all of this alive as long as the API answers.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "directory/acts.h"
#include "directory/drift.h"
#include "directory/logins.h"
#include "directory/lookups.h"

namespace provost::api {

struct House {
    directory::Acts& acts;
    directory::Lookups& lookups;
    directory::Logins& logins;
    replica::Replica& replica;
    Metrics& metrics;
    std::string version;
    Time started = now();
    // The differences between the record and what this node answers from; empty where there are none.
    std::function<Result<std::vector<std::string>>()> verify;
    directory::DriftFinder* drift = nullptr;           // none: there are no stores to compare with
    std::chrono::milliseconds login_deadline{15'000};  // of auth test; beyond the delay of failures
};

}  // namespace provost::api
