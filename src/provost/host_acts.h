// SPDX-License-Identifier: Apache-2.0
// `provost setup` works on the host itself and not through the daemon.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/transaction.h"

namespace provost::cli {

// What it can ask of the host, and do to it; tests give their own.
struct HostActs {
    std::function<Result<host::SetupPlan>(host::SetupWishes const&)> plan = {};
    std::function<Result<host::Changes>(host::SetupPlan const&)> apply = {};
    std::function<std::vector<std::string>(host::SetupPlan const&)> advice = {};
    std::function<Result<host::WayBack>()> plan_undo = {};
    std::function<Result<host::Changes>()> undo = {};
    std::function<Result<host::WayBack>()> plan_recovery = {};
    std::function<Result<host::Changes>()> recover = {};
};

// Those of this host, with the settings in the file. Fault::denied for everybody but root; Fault::not_found where init
// has not run yet.
Result<HostActs> acts_on_this_host(std::string const& settings_file);

}  // namespace provost::cli
