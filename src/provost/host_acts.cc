// SPDX-License-Identifier: Apache-2.0
#include "provost/host_acts.h"

#include <unistd.h>

#include "config/file.h"
#include "host/advice.h"
#include "host/command.h"

namespace provost::cli {

Result<HostActs> acts_on_this_host(std::string const& settings_file)
{
    if (geteuid() != 0) return fail(Fault::denied, "only root may set this host up: sudo provost setup");
    auto const read = config::read_settings(settings_file);
    if (!read && read.error().fault == Fault::not_found) {
        return fail(Fault::not_found, read.error().message + ": run `provost init` first");
    }
    auto const settings = TRY(read);
    host::Site const site{settings, settings_file};
    auto const run = host::host_commands();
    auto const step = [](std::string const&) { return Result<void>(); };
    HostActs acts;
    acts.plan = [=](auto const& wishes) { return host::plan_setup(host::Root(), site, wishes, run); };
    acts.apply = [=](auto const& plan) { return host::apply_setup(host::Root(), site, plan, run, step); };
    acts.advice = [](auto const& plan) {
        auto lines = host::advice(host::Root(), plan.settings, plan.options);
        // Where there is systemd, it was started again.
        if (plan.restart_daemon && !host::Root().exists("/run/systemd/system")) {
            lines.insert(lines.begin(), "Start provostd again: it goes by the settings that it read when it started.");
        }
        return lines;
    };
    acts.plan_undo = [=] { return host::plan_undo(host::Root(), site); };
    acts.undo = [=] { return host::undo_setup(host::Root(), site, run, step); };
    acts.plan_recovery = [=] { return host::plan_recovery(host::Root(), site); };
    acts.recover = [=] { return host::recover_setup(host::Root(), site, run, step); };
    return acts;
}

}  // namespace provost::cli
