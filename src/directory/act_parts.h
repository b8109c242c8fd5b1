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
    std::string const& target;  // the site's: whose sessions are ended
};

inline Need administering(Ground ground) { return {Right::administer, ground, true}; }
inline Need running(Ground ground) { return {Right::run, ground, true}; }

// That the record, which stands at this revision, is where the request wants it.
Result<void> check_revision(Request const& request, store::Revision standing);

Result<void> apply(MailboxChange const& change, store::Reading& record, Authority const& authority,
                   mail::Mailbox& mailbox);

// Writes it if the rules say so. They judge what differs from what it was `before`, which is none for what is new: what
// is to be off goes off, whatever became of limits and targets meanwhile.
Result<void> write(Deed const& deed, mail::Mailbox const& mailbox, mail::Mailbox const* before);
Result<void> write(Deed const& deed, mail::Alias const& alias, mail::Alias const* before);

Result<store::MailboxRecord> existing_mailbox(store::Reading& record, std::string_view name);

// For acts that put a mailbox off, or hand it to somebody: an admin that it belongs to goes with it.
Result<void> check_not_above(store::Reading& record, Authority const& authority, mail::Mailbox const& mailbox);

// Whether a deleted mailbox is the caller's business: what was deleted in another domain of that name, which had other
// admins, is that of who runs the site.
bool sees_deleted(store::Reading& record, Authority const& authority, store::MailboxRecord const& mailbox);
// Those of that name: the one that is kept longest first, those that were given up last.
std::vector<store::MailboxRecord> deleted_for(store::Reading& record, Authority const& authority,
                                              std::string_view name);

// The deleted mailbox of that name, or of that name and id, which can still be had back; of several the one that is
// kept longest.
Result<store::MailboxRecord> restorable_mailbox(store::Reading& record, Authority const& authority,
                                                std::string_view name, std::string_view id);

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
store::Work end_sessions(std::string const& target, std::string const& subject, std::vector<std::string> const& names,
                         Time due);

// Leaves an audit entry of what differs.
void audit_difference(store::Writing& writing, char const* act, std::string_view subject, Fields const& from,
                      Fields const& to);
void audit_change(store::Writing& writing, char const* act, mail::Mailbox const& from, mail::Mailbox const& to);

void append(Notes& notes, Notes const& more);

}  // namespace provost::directory
