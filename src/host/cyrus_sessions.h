// SPDX-License-Identifier: Apache-2.0
// Who is signed in to the Cyrus of this host: each of its processes writes down whom it serves (imap/proc.c).
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/result.h"
#include "targets/open_session.h"

namespace provost::host {

struct CyrusProcesses {
    std::string folder = "/run/cyrus/proc";  // imapd.conf's proc_path: a file for each process, named by its number
    uid_t uid = 0;                           // Cyrus's, by whose rights all is done
    gid_t gid = 0;
};

// The sessions of people under this name: not deliveries. A folder that is not there has none: Cyrus is not running.
Result<std::vector<targets::OpenSession>> cyrus_sessions(CyrusProcesses const& processes, std::string_view user);

// Asks their processes to end (SIGTERM), which they do between two commands, and while they wait for one.
Result<void> end_cyrus_sessions(CyrusProcesses const& processes, std::string_view user);

// A line of such a file: service, client, user, mailbox and command, parted by tabs. Nothing where it has no user.
struct CyrusProcess {
    std::string service, from, user;
};
CyrusProcess parse_cyrus_process(std::string_view line);

}  // namespace provost::host
