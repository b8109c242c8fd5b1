// SPDX-License-Identifier: Apache-2.0
// What `provost init` does: makes a host ready for the daemon. A second time it finds nothing to change.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

struct InitOptions {
    std::string settings_file = "/etc/provost/provost.toml";
    config::Settings settings = config::default_settings();  // for a host that has no such file yet
};

// How the settings' file and the key for doveadm's interface are to be, and the folders.
Access for_the_daemon();
std::vector<Folder> folders(config::Settings const& settings, std::string const& settings_file);

// Whether all of them are, or can become, ours alone: owner and mode are changed only of a folder that is made, that is
// called provost or is one of the defaults, that has its owner already, or that is empty. Fault::conflict names the
// first that is another's.
Result<void> check_folders(Root const& root, std::vector<Folder> const& folders);

// Users and groups, folders, the settings' file, the key for doveadm's interface; and the daemon is started where its
// units are installed. As root. A settings' file that is there is read, obeyed and left as it is. Users are only made
// on the host itself: in another root they must exist.
Result<Changes> init(Root const& root, InitOptions const& options, Runner const& run);

// The password of Cyrus's administrator, made where it is missing.
Result<void> make_cyrus_password(Root const& root, config::Settings const& settings, Changes& changes);

// The holders' files, beside the settings': for provostd, and for provost-helper. The first names the servers' groups,
// but they need not exist yet.
constexpr auto holder_file_name = "sockets";
constexpr auto helper_holder_file_name = "helper-sockets";

}  // namespace provost::host
