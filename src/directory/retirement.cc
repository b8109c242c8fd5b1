// SPDX-License-Identifier: Apache-2.0
#include "directory/retirement.h"

#include <algorithm>

#include "directory/act_parts.h"
#include "directory/description.h"

namespace provost::directory {
namespace {

void audit(store::Writing& writing, char const* act, mail::Mailbox const& mailbox)
{
    Fields const before{{"id", mailbox.id.text()},
                        {"restorable_until", mailbox.restorable_until ? to_rfc3339(*mailbox.restorable_until) : ""},
                        {"store", mailbox.store.target + ":" + mailbox.store.name}};
    audit_difference(writing, act, mailbox.name, before, {});
}

}  // namespace

bool is_given_up(mail::Mailbox const& mailbox)
{
    return mailbox.state == mail::MailboxState::deleted && !mailbox.restorable_until;
}

std::string give_up(store::Writing& writing, mail::Mailbox const& mailbox, Time now)
{
    auto changed = mailbox;
    changed.restorable_until.reset();
    writing.put(changed);
    store::Work work{.id = new_uuid(),
                     .target = mailbox.store.target,
                     .verb = std::string(retire_verb),
                     .subject = mailbox.id.text(),
                     .detail = mailbox.name,
                     .due = now,
                     .attempts = 0,
                     .last_error = {}};
    writing.add_work(work);
    audit(writing, "mailbox.purge", mailbox);
    return work.id;
}

Result<std::vector<std::string>> names_to_end(store::Reading& record, mail::Mailbox const& mailbox)
{
    auto const work = record.work_about(mailbox.id.text());
    auto const is_left = [](auto const& one) { return one.verb == "end_sessions"; };
    if (auto const left = std::ranges::find_if(work, is_left); left != work.end())
        return fail(Fault::unavailable, "its sessions are still to be ended" +
                                            (left->last_error.empty() ? std::string() : ": " + left->last_error));
    auto names = session_names(mailbox);
    std::erase_if(names, [&](auto const& name) { return record.owner_of_name(name).has_value(); });
    return names;
}

void forget(store::Writing& writing, mail::Mailbox const& mailbox)
{
    writing.remove(mailbox.id);
    audit(writing, "mailbox.released", mailbox);
}

}  // namespace provost::directory
