// SPDX-License-Identifier: Apache-2.0
// Carries a plan of setup out, whole or not at all, and takes it back: whatever happens in between, what was there is
// kept first, and the record tells the next run how far this one came.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "host/files.h"
#include "host/record.h"
#include "host/reload.h"
#include "host/setup.h"
#include "host/versions.h"

namespace provost::host {

// Called before each step with what it is: "write /etc/postfix/main.cf". Where it refuses, the step has failed.
using Step = std::function<Result<void>(std::string const& what)>;

// Fault::conflict: a file changed since it was planned, or a server does not take what was written. After a failure
// everything is as before, unless the message says otherwise.
Result<Changes> apply_setup(Root const& root, Site const& site, SetupPlan const& plan, Runner const& run,
                            Step const& step);

// The way back to what was before: before the first setup, or before the one that was interrupted.
struct WayBack {
    std::vector<FileChange> files = {};     // what would be brought back
    std::vector<std::string> by_hand = {};  // of these, what somebody changed since: a copy of it is put aside
    bool is_needed = false;                 // there is something to take back, though it may be no file
};

Result<WayBack> plan_undo(Root const& root, Site const& site);
Result<Changes> undo_setup(Root const& root, Site const& site, Runner const& run, Step const& step);

// Of a setup or an undo that was interrupted.
Result<WayBack> plan_recovery(Root const& root, Site const& site);
Result<Changes> recover_setup(Root const& root, Site const& site, Runner const& run, Step const& step);

}  // namespace provost::host
