// SPDX-License-Identifier: Apache-2.0
#include "directory/references.h"

#include <algorithm>

#include "directory/description.h"

namespace provost::directory {
namespace {

bool rewrite_list(std::vector<mail::Address>& list, Rewriting const& how)
{
    std::vector<mail::Address> out;
    for (auto const& address : list) {
        auto now_named = how(address);
        if (now_named && std::ranges::find(out, *now_named) == out.end()) out.push_back(*std::move(now_named));
    }
    return std::exchange(list, std::move(out)) != list;
}

bool rewrite_one(std::optional<mail::Address>& address, Rewriting const& how)
{
    if (!address) return false;
    return std::exchange(address, how(*address)) != address;
}

class Following {
public:
    Following(Deed const& deed, Rewriting const& how, std::string const& what, Notes& notes)
        : writing_(deed.writing), authority_(deed.authority), how_(how), what_(what), notes_(notes)
    {
    }

    void run(mail::Mailbox const& mailbox)
    {
        auto changed = mailbox;
        if (!rewrite(changed, how_)) return;
        std::string more;
        auto& state = mailbox.state == mail::MailboxState::deleted ? changed.state_before : changed.state;
        if (state == mail::MailboxState::forward_only && changed.forwards.empty()) {
            state = mail::MailboxState::receive_only;
            more = ", has nowhere to forward to, and keeps its mail";
        }
        if (authority_.sees(mailbox.name)) note("mailbox", mailbox.name, more);
        writing_.put(changed);
        audit_difference(writing_, "mailbox.set", mailbox.name, describe(mailbox), describe(changed));
    }

    void run(mail::Domain const& domain)
    {
        auto changed = domain;
        if (!rewrite(changed, how_)) return;
        if (authority_.sees_domain(domain.name.text())) note("domain", domain.name.text());
        writing_.put(changed);
        audit_difference(writing_, "domain.set", domain.name.text(), describe(domain), describe(changed));
    }

    // Whether the alias is still there.
    bool run(mail::Alias const& alias)
    {
        auto changed = alias;
        if (!rewrite(changed, how_)) return true;
        bool const stays = !changed.targets.empty();
        if (authority_.sees(alias.address.text()))
            note("alias", alias.address.text(), stays ? "" : ", names nobody else, and was removed");
        if (stays) {
            writing_.put(changed);
            audit_difference(writing_, "alias.set", alias.address.text(), describe(alias), describe(changed));
            return true;
        }
        writing_.remove(alias.id);
        audit_difference(writing_, "alias.delete", alias.address.text(), describe(alias), {});
        return false;
    }

private:
    void note(char const* kind, std::string const& name, std::string const& more = {})
    {
        notes_.push_back(std::string(kind) + " " + name + " " + what_ + more);
    }

    store::Writing& writing_;
    Authority const& authority_;
    Rewriting const& how_;
    std::string const& what_;
    Notes& notes_;
};

}  // namespace

std::vector<std::string> names_of(store::Referrers const& referrers, Authority const& authority)
{
    std::vector<std::string> names;
    auto const add = [&](char const* kind, std::string const& name, bool is_seen) {
        names.push_back(is_seen ? std::string(kind) + " " + name : authority.shown(name));
    };
    for (auto const& alias : referrers.aliases)
        add("alias", alias.address.text(), authority.sees(alias.address.text()));
    for (auto const& mailbox : referrers.mailboxes) {
        bool const deleted = mailbox.state == mail::MailboxState::deleted;
        add(deleted ? "deleted mailbox" : "mailbox", mailbox.name, authority.sees(mailbox.name));
    }
    for (auto const& domain : referrers.domains)
        add("domain", domain.name.text(), authority.sees_domain(domain.name.text()));
    return names;
}

Rewriting instead_of(mail::Address const& from, std::optional<mail::Address> const& to, char delimiter)
{
    return [from, to, delimiter](mail::Address const& address) -> std::optional<mail::Address> {
        if (address == from) return to;
        auto const base = address.without_extension(delimiter);
        if (!base || address.domain() != from.domain() || *base != from.local()) return address;
        if (!to) return std::nullopt;
        auto const extended = std::string(to->local()).append(address.extension(delimiter));
        // What has become too long is named without its extension.
        return mail::Address::from_wire(mail::Address::join(extended, to->domain())).value_or(*to);
    };
}

Rewriting instead_of(mail::DomainName const& from, std::optional<mail::DomainName> const& to)
{
    return [from, to](mail::Address const& address) -> std::optional<mail::Address> {
        if (address.domain() != from.text()) return address;
        return to ? std::optional(address.at(to->text())) : std::nullopt;
    };
}

bool rewrite(mail::Alias& alias, Rewriting const& how)
{
    bool const targets = rewrite_list(alias.targets, how);
    return rewrite_list(alias.posters, how) || targets;
}

bool rewrite(mail::Mailbox& mailbox, Rewriting const& how)
{
    bool const forwards = rewrite_list(mailbox.forwards, how);
    bool const recovery = rewrite_one(mailbox.recovery_address, how);
    if (!mailbox.recovery_address) mailbox.recovery_confirmed = false;
    return forwards || recovery;
}

bool rewrite(mail::Domain& domain, Rewriting const& how)
{
    bool const catch_all = rewrite_list(domain.catch_all, how);
    return rewrite_one(domain.archive_to, how) || catch_all;
}

void follow(Deed const& deed, store::Referrers const& referrers, Rewriting const& how, std::string const& what,
            Notes& notes)
{
    Following following(deed, how, what, notes);
    for (auto const& mailbox : referrers.mailboxes) following.run(mailbox);
    for (auto const& domain : referrers.domains) following.run(domain);
    for (auto const& seen : referrers.aliases) {
        // The end of another may have changed it, or ended it too.
        auto const alias = deed.writing.alias_by_id(seen.id.text());
        if (!alias || following.run(*alias)) continue;
        auto const& address = alias->address;
        follow(deed, deed.writing.referrers(address.text(), deed.delimiter),
               instead_of(address, std::nullopt, deed.delimiter),
               "no longer names " + deed.authority.shown(address.text()), notes);
    }
}

}  // namespace provost::directory
