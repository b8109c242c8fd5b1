// SPDX-License-Identifier: Apache-2.0
// A user's session on a mail server, as the server tells of it.
#pragma once

#include <string>

namespace provost::targets {

struct OpenSession {
    std::string name;     // the user as the server knows it
    std::string service;  // "imap", "pop3", "managesieve"
    std::string from;
    std::string id;  // the server's own handle: a process id
};

}  // namespace provost::targets
