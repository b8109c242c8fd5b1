// SPDX-License-Identifier: Apache-2.0
// Our units for systemd, made from the settings.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

struct Unit {
    std::string name;  // "provost-map.socket"
    std::string text;
};

struct UnitOptions {
    std::string programs = "/usr/local/sbin";  // where provostd and provost-helper are
    std::string settings_file = "/etc/provost/provost.toml";
};

inline constexpr auto unit_folder = "/etc/systemd/system";

// systemd.socket(5) for each socket; provostd.service, which gets all but the helper's; provost-helper.service; and
// provost-sockets.service, which makes those sockets again that went with a server's folder.
std::vector<Unit> systemd_units(config::Settings const& settings, UnitOptions const& options);

// Writes the units into this folder.
Result<void> write_units(Root const& root, std::string const& folder, std::vector<Unit> const& units, Changes& changes);

// Where provostd.service is installed for these settings: writes what they have changed, and starts the daemon, its
// admin socket and its helper; now, and with the host. Nothing elsewhere.
Result<void> start_daemon(Root const& root, config::Settings const& settings, std::string const& settings_file,
                          Runner const& run, Changes& changes);

// The same for the sockets that Postfix and Dovecot ask at, once make_socket_folders() was there. The daemon starts
// again with them.
Result<void> start_server_sockets(Root const& root, config::Settings const& settings, std::string const& settings_file,
                                  Runner const& run, Changes& changes);

// And back: those sockets are gone, and do not come with the host. The daemon starts again without them.
Result<void> stop_server_sockets(Root const& root, config::Settings const& settings, std::string const& settings_file,
                                 Runner const& run, Changes& changes);

}  // namespace provost::host
