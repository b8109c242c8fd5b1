// SPDX-License-Identifier: Apache-2.0
// Cyrus's part of what setup would make of a host, and of the questions afterwards.
#pragma once

#include "host/setup.h"

namespace provost::host {

// What Cyrus's files must say: as setup writes them, and as the doctor finds them. Only what is not so yet.
struct CyrusDemands {
    std::vector<ImapdEdit> imapd = {};
    std::vector<CyrusConfEdit> conf = {};
};

// Fault::conflict where a file that imapd.conf includes says otherwise.
Result<CyrusDemands> cyrus_demands(Root const& root, config::Settings const& settings, CyrusFamily family,
                                   CyrusOptions const& options, CyrusNow const& now);

// The groups that Cyrus's user has to join, to ask us and to read its key.
Result<std::vector<Membership>> cyrus_memberships(Root const& root, config::Settings const& settings,
                                                  CyrusOptions const& options);

// What would be different for those who have mail there already.
std::vector<std::string> cyrus_notes(CyrusDemands const& demands, CyrusNow const& now, CyrusOptions const& options);

// Adds to the plan whose options are settled.
Result<void> plan_cyrus(Root const& root, config::Settings const& settings, CyrusFamily family, CyrusNow const& now,
                        SetupPlan& plan);

// Whether Cyrus understands what was written, and goes by it.
Result<void> check_cyrus(Root const& root, config::Settings const& settings, CyrusOptions const& options,
                         Runner const& run);

}  // namespace provost::host
