// SPDX-License-Identifier: Apache-2.0
// Lets the servers that run read their files anew.
#pragma once

#include "config/settings.h"
#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

// The settings, and their file: the daemon's units name it.
struct Site {
    config::Settings settings;
    std::string file = "/etc/provost/provost.toml";
};

// Whose sockets are to be in Dovecot's folder when it has read its files.
enum class Sockets { ours, its_own };

struct Reload {
    Sockets sockets = Sockets::ours;
    bool dovecot = true;  // whether it is concerned, and the same of Cyrus
    bool cyrus = false;
    bool restart_postfix = false;  // a reload does not change the interfaces it listens at
};

// postfix(1) with this root's configuration.
std::vector<std::string> postfix_command(Root const& root, std::string const& verb);

bool postfix_runs(Root const& root, Runner const& run);
// Starts it, anew where it runs; Fault::unavailable where it does not run then.
Result<void> start_postfix(Root const& root, Runner const& run);

// Dovecot removes its own sockets when it
// goes over to ours, with whatever is at their paths by then: so that is waited for before our links are made. Where
// systemd has our units, it listens at our sockets before, and no more when the servers have their own again.
Result<void> reload_servers(Root const& root, Site const& site, Reload const& reload, Runner const& run,
                            Changes& changes);

}  // namespace provost::host
