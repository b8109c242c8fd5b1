// SPDX-License-Identifier: Apache-2.0
#include "directory/record_view.h"

namespace provost::directory {

std::optional<mail::DomainFacts> RecordView::domain(std::string_view name) const
{
    auto const domain = record_.domain(name);
    if (!domain) return std::nullopt;
    mail::DomainFacts facts;
    facts.kind = domain->kind;
    facts.enabled = domain->enabled;
    facts.expires = mail::expiry_of(domain->expires);
    facts.maps_to = keep(domain->maps_to ? domain->maps_to->text() : "");
    facts.transport = keep(domain->transport);
    facts.archive_to = keep(domain->archive_to ? domain->archive_to->text() : "");
    facts.catch_all = mail::TextList(keep(mail::TextList::encode(domain->catch_all)));
    facts.default_quota = domain->limits.default_quota.number().value_or(-1);
    return facts;
}

mail::Entry RecordView::entry(std::string_view name) const
{
    mail::Entry entry;
    if (auto const found = record_.mailbox(name)) {
        auto const& mailbox = found->mailbox;
        entry.kind = mail::Entry::Kind::mailbox;
        entry.mailbox.id = keep(mailbox.id.text());
        entry.mailbox.name = keep(mailbox.name);
        entry.mailbox.kind = mailbox.kind;
        entry.mailbox.state = mailbox.state;
        entry.mailbox.suspension = mailbox.suspension;
        entry.mailbox.store = mailbox.store.state;
        entry.mailbox.keep_copy = mailbox.keep_copy;
        entry.mailbox.services = mailbox.services;
        entry.mailbox.expires = mail::expiry_of(mailbox.expires);
        entry.mailbox.stamp = found->revision;
        entry.mailbox.transport = keep(mailbox.transport);
        entry.mailbox.home = keep(mailbox.store.name);
        entry.mailbox.forwards = mail::TextList(keep(mail::TextList::encode(mailbox.forwards)));
        std::string senders;
        for (auto const& member : mailbox.members)
            if ((member.rights & static_cast<std::uint8_t>(mail::Right::send_as)) != 0)
                mail::TextList::append(senders, member.name);
        entry.mailbox.senders = mail::TextList(keep(std::move(senders)));
    } else if (auto const alias = record_.alias(name)) {
        entry.kind = mail::Entry::Kind::alias;
        entry.alias.id = keep(alias->id.text());
        entry.alias.address = keep(alias->address.text());
        entry.alias.enabled = alias->enabled;
        entry.alias.expires = mail::expiry_of(alias->expires);
        entry.alias.targets_may_send = alias->targets_may_send;
        entry.alias.targets = mail::TextList(keep(mail::TextList::encode(alias->targets)));
    }
    return entry;
}

bool RecordView::is_deleted(std::string_view name) const
{
    auto const found = record_.deleted_mailboxes(name);
    return !found.empty() && found.front().mailbox.restorable_until.has_value();
}

std::optional<std::string_view> RecordView::owner_of_login(std::string_view login) const
{
    auto const owner = record_.owner_of_name(login);
    if (!owner || !owner->starts_with("mailbox:")) return std::nullopt;
    auto const mailbox = record_.mailbox_by_id(std::string_view(*owner).substr(8));
    if (!mailbox) return std::nullopt;
    return keep(mailbox->mailbox.name);
}

}  // namespace provost::directory
