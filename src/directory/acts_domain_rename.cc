// SPDX-License-Identifier: Apache-2.0
// How a domain changes its name, with everything in it and everything that names it.
#include "base/text.h"
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/description.h"
#include "directory/domain_parts.h"
#include "directory/record_view.h"
#include "directory/references.h"
#include "directory/rules.h"
#include "mail/resolver.h"

namespace provost::directory {
namespace {

using mail::DomainName;

// Its own name is no field of an alias or a domain.
Fields named(mail::Alias const& alias)
{
    auto fields = describe(alias);
    fields.emplace_back("address", alias.address.text());
    return fields;
}
Fields named(mail::Domain const& domain)
{
    auto fields = describe(domain);
    fields.emplace_back("name", domain.name.text());
    return fields;
}

class Rename {
public:
    Rename(Deed const& deed, DomainName from, DomainName to, Notes& notes)
        : deed_(deed),
          writing_(deed.writing),
          from_(std::move(from)),
          to_(std::move(to)),
          how_(instead_of(from_, to_)),
          notes_(notes)
    {
    }

    void run(mail::Domain const& domain)
    {
        auto changed = domain;
        changed.name = to_;
        rewrite(changed, how_);
        writing_.put(changed);
        auto others = from_elsewhere(writing_, from_);
        every_mailbox(writing_, from_, [&](auto const& mailbox) { move(mailbox); });
        every_deleted(writing_, from_, [&](auto const& mailbox) { move(mailbox); });
        every_alias(writing_, from_, [&](auto const& alias) { move(alias); });
        for (auto& mailbox : others.mailboxes) rename_logins(mailbox);
        for (auto& other : others.domains) map_anew(other);
        follow(deed_, others, how_, "names " + to_.text() + " from now on", notes_);
        notes_.insert(notes_.begin(), counted(mailboxes, "mailbox", "mailboxes") + " and " +
                                          counted(aliases, "alias", "aliases") + " have it as their domain now");
        audit_difference(writing_, "domain.rename", to_.text(), named(domain), named(changed));
    }

    std::vector<std::string> session_names;
    std::size_t mailboxes = 0;
    std::size_t aliases = 0;

private:
    bool renamed(std::vector<std::string>& names) const
    {
        bool changed = false;
        for (auto& name : names) {
            if (domain_part(name) != from_.text()) continue;
            name = name.substr(0, name.rfind('@') + 1) + to_.text();
            changed = true;
        }
        return changed;
    }

    void move(mail::Mailbox const& mailbox)
    {
        bool const deleted = mailbox.state == mail::MailboxState::deleted;
        if (!deleted) append(session_names, directory::session_names(mailbox));
        auto changed = mailbox;
        changed.name = mail::Address::join(mailbox.name.substr(0, mailbox.name.rfind('@')), to_.text());
        std::erase(changed.former_names, changed.name);
        changed.former_names.push_back(mailbox.name);
        renamed(changed.logins);
        rewrite(changed, how_);
        writing_.put(changed);
        audit_change(writing_, "mailbox.rename", mailbox, changed);
        if (!deleted) ++mailboxes;
    }

    void move(mail::Alias const& alias)
    {
        auto changed = alias;
        changed.address = alias.address.at(to_.text());
        rewrite(changed, how_);
        writing_.put(changed);
        audit_difference(writing_, "alias.rename", changed.address.text(), named(alias), named(changed));
        ++aliases;
    }

    void rename_logins(mail::Mailbox& mailbox)
    {
        auto const before = mailbox;
        if (!renamed(mailbox.logins)) return;
        writing_.put(mailbox);
        audit_change(writing_, "mailbox.set", before, mailbox);
        notes_.push_back("mailbox " + mailbox.name + " signs in by " + joined(mailbox.logins, ", ") + " from now on");
    }

    void map_anew(mail::Domain& other)
    {
        if (other.maps_to != from_) return;
        auto const before = describe(other);
        other.maps_to = to_;
        writing_.put(other);
        audit_difference(writing_, "domain.set", other.name.text(), before, describe(other));
        notes_.push_back("domain " + other.name.text() + " maps to " + to_.text() + " from now on");
    }

    Deed const& deed_;
    store::Writing& writing_;
    DomainName from_;
    DomainName to_;
    Rewriting how_;
    Notes& notes_;
};

// What was an address of another site until the domain was ours: it may lead in a circle by now, or nowhere.
Result<void> check_newly_ours(Deed const& deed, store::Referrers const& named_before, Rules& rules, Notes& notes)
{
    auto& record = deed.writing;
    RecordView const view(record);
    mail::Resolver const resolver(view, deed.now, deed.delimiter);
    auto const check = [&](std::string const& what, mail::Address const& referrer,
                           std::vector<mail::Address> const& targets) -> Result<void> {
        CHECK_OK(rules.check_expansion(referrer, "to"));
        for (auto const& target : targets)
            if (resolver.find(target).sort == mail::Sort::nothing)
                notes.push_back(what + " names " + target.text() + ", who is nobody here");
        return {};
    };
    for (auto const& seen : named_before.aliases) {
        auto const alias = record.alias_by_id(seen.id.text());
        if (alias) CHECK_OK(check("alias " + alias->address.text(), alias->address, alias->targets));
    }
    for (auto const& seen : named_before.mailboxes) {
        auto const found = record.mailbox_by_id(seen.id.text());
        auto const address = found ? mail::Address::from_wire(found->mailbox.name) : std::nullopt;
        if (address) CHECK_OK(check("mailbox " + address->text(), *address, found->mailbox.forwards));
    }
    return {};
}

}  // namespace

Result<Done> Acts::rename_domain(Request const& request, std::string_view name, DomainRenaming const& wish)
{
    auto const from = TRY(DomainName::parse(name, "name"));
    auto const to = TRY(DomainName::parse(wish.to, "to"));
    if (from == to) return refuse(Fault::conflict, "to", to.text(), "is its name already");
    Notes notes;
    std::vector<std::string> names;
    std::vector<std::string> work;
    auto ran = run(request, running(Ground::domain), from.text(), [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        Deed const deed{writing, authority, house_.clock(), house_.delimiter};
        auto const found = writing.domain(from.text());
        if (!found) return refuse(Fault::not_found, "name", from.text(), "is not a domain here");
        if (writing.domain(to.text())) return refuse(Fault::conflict, "to", to.text(), "is a domain already");
        auto const named_before = writing.referrers_into(to.text());
        Rename rename(deed, from, to, notes);
        rename.run(*found);
        names = rename.session_names;
        work = leave_endings(writing, *found, names, deed.now);
        Rules rules(writing, authority, deed.now, deed.delimiter);
        CHECK_OK(check_newly_ours(deed, named_before, rules, notes));
        if (!wish.keep_addresses) return {};
        mail::Domain kept{.id = DomainId::make(), .name = from};
        kept.kind = mail::DomainKind::mapped;
        kept.maps_to = to;
        kept.enabled = found->enabled;
        kept.created = deed.now;
        CHECK_OK(rules.check(kept));
        writing.put(kept);
        audit_difference(writing, "domain.add", from.text(), {}, describe(kept));
        notes.push_back("domain " + from.text() + " stays, and maps to it");
        return {};
    });
    auto done = TRY(std::move(ran));
    done.subject = to.text();
    append(done.notes, notes);
    if (!request.dry_run) end_all(done, names, work);
    return done;
}

}  // namespace provost::directory
