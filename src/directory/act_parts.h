// SPDX-License-Identifier: Apache-2.0
// What several acts have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/acts.h"
#include "directory/description.h"
#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

using Notes = std::vector<std::string>;

// What an act is done with.
struct Deed {
    store::Writing& writing;
    Authority const& authority;
    Time now;
    char delimiter;
};

inline Need administering(Ground ground) { return {Right::administer, ground, true}; }
inline Need running(Ground ground) { return {Right::run, ground, true}; }

Result<void> apply(MailboxChange const& change, store::Reading& record, Authority const& authority,
                   mail::Mailbox& mailbox);

// Writes it if the rules say so. `before` is what it was: forwards it had already need not lead anywhere any more.
Result<void> write(Deed const& deed, mail::Mailbox const& mailbox, mail::Mailbox const& before);
// The same of an alias and its targets.
Result<void> write(Deed const& deed, mail::Alias const& alias, std::vector<mail::Address> const& before);

Result<store::MailboxRecord> existing_mailbox(store::Reading& record, std::string_view name);

// For acts that put a mailbox off, or hand it to somebody: an admin that it belongs to goes with it.
Result<void> check_not_above(store::Reading& record, Authority const& authority, mail::Mailbox const& mailbox);

// The deleted mailbox of that name, or of that name and id, which can still be had back; of several the one that is
// kept longest.
Result<store::MailboxRecord> restorable_mailbox(store::Reading& record, std::string_view name, std::string_view id);

// Makes it deleted, and keeps it for so long at least, also where the clock was set back since the last act.
void go_away(store::Reading& record, mail::Mailbox& mailbox, Time now, std::chrono::milliseconds keep);

// Makes what was deleted what it was before, under `name`; says in `notes` what it could not have back.
void come_back(store::Reading& record, mail::Mailbox& mailbox, std::string const& name, Notes& notes);

void note_expiry(mail::Mailbox const& mailbox, Time now, Notes& notes);

// Refused for a mailbox that nobody signs in to by its own name.
Result<void> put_credential(store::Writing& writing, mail::Mailbox const& mailbox,
                            std::optional<mail::Credential> const& credential);

// The names its sessions may run under.
std::vector<std::string> session_names(mail::Mailbox const& mailbox);

// What ends the sessions of these names if this process does not live to do it itself.
store::Work end_sessions(std::string const& subject, std::vector<std::string> const& names, Time due);

// Leaves an audit entry of what differs.
void audit_difference(store::Writing& writing, char const* act, std::string_view subject, Fields const& from,
                      Fields const& to);
void audit_change(store::Writing& writing, char const* act, mail::Mailbox const& from, mail::Mailbox const& to);

void append(Notes& notes, Notes const& more);

}  // namespace provost::directory
