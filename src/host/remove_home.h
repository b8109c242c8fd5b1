// SPDX-License-Identifier: Apache-2.0
// Removes the home of a mailbox for good, with no more rights than the mail user has.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>

#include "base/id.h"
#include "base/result.h"

namespace provost::host {

struct MailStore {
    std::string root;  // the folder below which all homes are
    uid_t uid;         // the user who owns them
    gid_t gid;
};

// Acts as that user, never follows a link and never enters another file system. The home is first given another name,
// so that what is half removed is found by nobody, then removed. A home that is not there is removed already.
// Fault::unavailable when it takes longer than `patience`, or something is wrong with the disk; the next time goes on
// from there. Fault::denied where that user may not, or it is not a folder but a link, or has something mounted on it.
// For a process of one thread.
Result<void> remove_home(MailStore const& store, MailboxId const& mailbox, std::chrono::milliseconds patience);

}  // namespace provost::host
