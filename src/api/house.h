// SPDX-License-Identifier: Apache-2.0
// What the API needs of the house; whoever builds it keeps all of this alive as long as the API answers.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "directory/acts.h"
#include "directory/logins.h"
#include "directory/lookups.h"

namespace provost::api {

struct House {
    directory::Acts& acts;
    directory::Lookups& lookups;
    directory::Logins& logins;
    replica::Replica& replica;
    std::string version;
    Time started = now();
    std::chrono::milliseconds login_deadline{15'000};  // of auth test; beyond the delay of failures
};

}  // namespace provost::api
