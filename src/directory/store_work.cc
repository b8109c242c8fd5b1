// SPDX-License-Identifier: Apache-2.0
#include "directory/store_work.h"

#include "directory/domain_parts.h"

namespace provost::directory {
namespace {

using mail::Mailbox;
using mail::MailboxState;

void leave(store::Writing& writing, Mailbox const& mailbox, Time now)
{
    writing.add_work({.id = new_uuid(),
                      .target = mailbox.store.target,
                      .verb = std::string(ensure_verb),
                      .subject = mailbox.id.text(),
                      .detail = mailbox.name,
                      .due = now,
                      .attempts = 0,
                      .last_error = {}});
}

bool is_deleted(Mailbox const& mailbox) { return mailbox.state == MailboxState::deleted; }

bool wants_work(Mailbox const& mailbox, Mailbox const* before)
{
    if (!before || is_deleted(*before) || mailbox.name != before->name) return true;
    return mailbox.quota_bytes != before->quota_bytes || mailbox.quota_messages != before->quota_messages ||
           mailbox.members != before->members;
}

}  // namespace

// A store in Cyrus is named as its owner signs in; a home of Dovecot's is found by the mailbox's id.
bool has_store_to_lead(Mailbox const& mailbox)
{
    return mailbox.store.target == "cyrus" && mailbox.kind != mail::MailboxKind::service;
}

void put_with_store(store::Writing& writing, Mailbox mailbox, Mailbox const* before, Time now)
{
    if (!has_store_to_lead(mailbox)) return writing.put(mailbox);
    bool const takes_name = !is_deleted(mailbox) && (!before || is_deleted(*before) || mailbox.name != before->name);
    // Where it is called otherwise, nothing can be delivered yet.
    if (takes_name && mailbox.store.name != mailbox.name) mailbox.store.state = mail::StoreState::preparing;
    writing.put(mailbox);
    if (is_deleted(mailbox)) return;
    if (takes_name)
        for (auto const& other : writing.deleted_mailboxes(mailbox.name))
            if (has_store_to_lead(other.mailbox)) leave(writing, other.mailbox, now);
    if (wants_work(mailbox, before)) leave(writing, mailbox, now);
}

Mailbox with_limits(store::Reading& record, Mailbox mailbox)
{
    if (auto const domain = record.domain(domain_part(mailbox.name)))
        mailbox.quota_bytes = mailbox.quota_bytes.or_else(domain->limits.default_quota);
    return mailbox;
}

void leave_limits(store::Writing& writing, mail::Domain const& domain, Time now)
{
    std::string after;
    for (;;) {
        auto const some = writing.mailboxes("*@" + domain.name.text(), after, domain_page);
        if (some.empty()) return;
        for (auto const& mailbox : some)
            if (has_store_to_lead(mailbox) && mailbox.quota_bytes.is_unset()) leave(writing, mailbox, now);
        after = some.back().name;
    }
}

}  // namespace provost::directory
