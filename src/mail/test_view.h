// SPDX-License-Identifier: Apache-2.0
// A snapshot made of plain values, for tests of this room and of those above it.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "mail/facts.h"

namespace provost::mail {

class TestView final : public View {
public:
    void add(Domain const& domain)
    {
        DomainFacts facts;
        facts.kind = domain.kind;
        facts.enabled = domain.enabled;
        facts.expires = expiry_of(domain.expires);
        facts.maps_to = keep(domain.maps_to ? domain.maps_to->text() : "");
        facts.transport = keep(domain.transport);
        facts.archive_to = keep(domain.archive_to ? domain.archive_to->text() : "");
        facts.catch_all = TextList(keep(TextList::encode(domain.catch_all)));
        facts.default_quota = domain.limits.default_quota.number().value_or(-1);
        domains_[domain.name.text()] = facts;
    }

    void add(Mailbox const& mailbox, std::vector<std::string> const& senders = {})
    {
        if (mailbox.state == MailboxState::deleted) {
            entries_.erase(mailbox.name);
            std::erase_if(logins_, [&](auto const& each) { return each.second == mailbox.name; });
            deleted_.insert(mailbox.name);
            return;
        }
        deleted_.erase(mailbox.name);
        MailboxFacts facts;
        facts.id = keep(mailbox.id.text());
        facts.name = keep(mailbox.name);
        facts.kind = mailbox.kind;
        facts.state = mailbox.state;
        facts.suspension = mailbox.suspension;
        facts.store = mailbox.store.state;
        facts.keep_copy = mailbox.keep_copy;
        facts.services = mailbox.services;
        facts.expires = expiry_of(mailbox.expires);
        facts.quota_bytes = mailbox.quota_bytes.number().value_or(-1);
        facts.quota_messages = mailbox.quota_messages.number().value_or(-1);
        facts.transport = keep(mailbox.transport);
        facts.forwards = TextList(keep(TextList::encode(mailbox.forwards)));
        facts.senders = TextList(keep(TextList::encode(senders)));
        Entry entry;
        entry.kind = Entry::Kind::mailbox;
        entry.mailbox = facts;
        entries_[mailbox.name] = entry;
        for (auto const& login : mailbox.logins) logins_[login] = mailbox.name;
        for (auto const& name : mailbox.former_names) former_names_[name] = mailbox.name;
    }

    void add(Alias const& alias)
    {
        AliasFacts facts;
        facts.id = keep(alias.id.text());
        facts.address = keep(alias.address.text());
        facts.enabled = alias.enabled;
        facts.expires = expiry_of(alias.expires);
        facts.targets_may_send = alias.targets_may_send;
        facts.targets = TextList(keep(TextList::encode(alias.targets)));
        Entry entry;
        entry.kind = Entry::Kind::alias;
        entry.alias = facts;
        entries_[alias.address.text()] = entry;
    }

    std::optional<DomainFacts> domain(std::string_view name) const override
    {
        auto const found = domains_.find(name);
        return found == domains_.end() ? std::nullopt : std::optional(found->second);
    }
    Entry entry(std::string_view name) const override
    {
        auto const found = entries_.find(name);
        return found == entries_.end() ? Entry{} : found->second;
    }
    bool is_deleted(std::string_view name) const override { return deleted_.contains(name); }
    std::optional<std::string_view> owner_of_login(std::string_view login) const override
    {
        auto const found = logins_.find(login);
        return found == logins_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    }
    std::optional<std::string_view> owner_of_former_name(std::string_view name) const override
    {
        auto const found = former_names_.find(name);
        return found == former_names_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    }

private:
    std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

    std::deque<std::string> kept_;
    std::map<std::string, DomainFacts, std::less<>> domains_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::map<std::string, std::string, std::less<>> logins_;
    std::map<std::string, std::string, std::less<>> former_names_;
    std::set<std::string, std::less<>> deleted_;
};

// Short ways to the values tests are made of.
inline Address addr(std::string_view text) { return Address::parse(text).value(); }
inline std::vector<Address> addrs(std::initializer_list<std::string_view> texts)
{
    std::vector<Address> out;
    for (auto text : texts) out.push_back(addr(text));
    return out;
}
inline Domain a_domain(std::string_view name, DomainKind kind = DomainKind::hosted)
{
    Domain domain{.id = DomainId::make(), .name = DomainName::parse(name).value()};
    domain.kind = kind;
    return domain;
}
inline Mailbox a_mailbox(std::string_view name, MailboxState state = MailboxState::active)
{
    Mailbox mailbox;
    mailbox.id = MailboxId::make();
    mailbox.name = std::string(name);
    mailbox.state = state;
    mailbox.store = {.target = "dovecot", .name = "m", .generation = "", .state = StoreState::ready, .reason = ""};
    return mailbox;
}
inline Alias an_alias(std::string_view address, std::initializer_list<std::string_view> targets)
{
    return {.id = AliasId::make(), .address = addr(address), .targets = addrs(targets)};
}

}  // namespace provost::mail
