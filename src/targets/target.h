// SPDX-License-Identifier: Apache-2.0
// What must follow the directory: one mail store or service that can be asked what is, and told to make one thing so.
// All calls may be repeated; "already so" is success. Errors are the target's own words, Fault::unavailable when
// trying again may help.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "mail/fullness.h"
#include "mail/model.h"

namespace provost::targets {

struct OpenSession {
    std::string name;     // the user as the server knows it
    std::string service;  // "imap", "pop3", "managesieve"
    std::string from;
    std::string id;  // the server's own handle: a process id
};

class Target {
public:
    virtual ~Target() = default;
    virtual std::string const& name() const = 0;

    // Makes sure the mailbox's store exists with its limits; returns what it is called and its generation.
    virtual Result<mail::Store> ensure(mail::Mailbox const& mailbox) = 0;

    // Removes the mailbox's store with all its mail; that there is none is success.
    virtual Result<void> retire(mail::Mailbox const& mailbox) = 0;

    // How full the mailbox of that name is: the messages, and the least that the bytes can be where they come rounded.
    virtual Result<mail::Fullness> usage(std::string const& name) = 0;

    virtual Result<std::vector<OpenSession>> sessions(std::vector<std::string> const& names) = 0;
    virtual Result<void> end_sessions(std::vector<std::string> const& names) = 0;
};

}  // namespace provost::targets
