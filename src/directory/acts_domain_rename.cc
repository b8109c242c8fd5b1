// SPDX-License-Identifier: Apache-2.0
// How a domain changes its name, with everything in it and everything that names it.
#include "base/text.h"
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/description.h"
#include "directory/domain_parts.h"
#include "directory/led_anew.h"
#include "directory/references.h"
#include "directory/rules.h"
#include "directory/store_work.h"

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

tl::unexpected<Error> too_long(DomainName const& to, std::string const& address)
{
    return refuse(Fault::conflict, "to", to.text(),
                  "would make '" + escaped(address, address.size()) + "' longer than an address may be");
}

// That what is in the domain has addresses under the new name too.
Result<void> check_room(store::Reading& record, DomainName const& from, DomainName const& to)
{
    if (mail::longest_local_part + 1 + to.text().size() <= mail::longest_address) return {};
    auto const in_it = "*@" + from.text();
    auto const check = [&](std::string_view name) -> Result<void> {
        auto const address = mail::Address::join(name.substr(0, name.rfind('@')), to.text());
        if (address.size() > mail::longest_address) return too_long(to, address);
        return {};
    };
    for (std::string after; true;) {
        auto const some = record.mailboxes(in_it, after, domain_page);
        for (auto const& mailbox : some) CHECK_OK(check(mailbox.name));
        if (some.empty()) break;
        after = some.back().name;
    }
    for (store::NameAndId after; true;) {
        auto const some = record.deleted_mailboxes(in_it, after, domain_page, {false, {from.text()}});
        for (auto const& mailbox : some) CHECK_OK(check(mailbox.name));
        if (some.empty()) break;
        after = {some.back().name, some.back().id.text()};
    }
    for (std::string after; true;) {
        auto const some = record.aliases(in_it, after, domain_page);
        for (auto const& alias : some) CHECK_OK(check(alias.address.text()));
        if (some.empty()) break;
        after = some.back().address.text();
    }
    return {};
}

class Rename {
public:
    Rename(Deed const& deed, DomainName from, DomainName to, Notes& notes)
        : deed_(deed),
          writing_(deed.writing),
          from_(std::move(from)),
          to_(std::move(to)),
          how_([this, how = instead_of(from_, to_)](mail::Address const& address) -> std::optional<mail::Address> {
              auto named = how(address);
              return named && has_room(named->text()) ? named : address;
          }),
          notes_(notes)
    {
    }

    Result<void> run(mail::Domain const& domain)
    {
        // First, while it is the domain of its old name.
        every_deleted(writing_, from_, [&](auto const& mailbox) { move(mailbox); });
        auto changed = domain;
        changed.name = to_;
        rewrite(changed, how_);
        writing_.put(changed);
        auto others = from_elsewhere(writing_, from_);
        every_mailbox(writing_, from_, [&](auto const& mailbox) { move(mailbox); });
        every_alias(writing_, from_, [&](auto const& alias) { move(alias); });
        for (auto& mailbox : others.mailboxes) rename_logins(mailbox);
        for (auto& other : others.domains) map_anew(other);
        follow(deed_, others, how_, "names " + to_.text() + " from now on", notes_);
        notes_.insert(notes_.begin(), counted(mailboxes, "mailbox", "mailboxes") + " and " +
                                          counted(aliases, "alias", "aliases") + " have it as their domain now");
        audit_difference(writing_, "domain.rename", to_.text(), named(domain), named(changed));
        if (!too_long_.empty()) return too_long(to_, too_long_);
        return {};
    }

    std::vector<std::string> session_names;
    std::size_t mailboxes = 0;
    std::size_t aliases = 0;

private:
    // What has none stays as it was until all is undone: it could not be read again.
    bool has_room(std::string const& address)
    {
        if (address.size() <= mail::longest_address) return true;
        too_long_ = address;
        return false;
    }

    bool renamed(std::vector<std::string>& names)
    {
        bool changed = false;
        for (auto& name : names) {
            if (domain_part(name) != from_.text()) continue;
            auto const to = mail::Address::join(name.substr(0, name.rfind('@')), to_.text());
            if (has_room(to)) name = to;
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
        put_with_store(writing_, changed, &mailbox, deed_.now);
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
    std::string too_long_;
};

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
        Deed const deed{writing, authority, house_.clock(), house_.delimiter, house_.target};
        auto const found = writing.domain(from.text());
        if (!found) return refuse(Fault::not_found, "name", from.text(), "is not a domain here");
        if (writing.domain(to.text())) return refuse(Fault::conflict, "to", to.text(), "is a domain already");
        auto const named_before = writing.referrers_into(to.text());
        CHECK_OK(check_room(writing, from, to));
        Rename rename(deed, from, to, notes);
        CHECK_OK(rename.run(*found));
        names = rename.session_names;
        work = leave_endings(deed, *found, names);
        Rules rules(writing, authority, deed.now, deed.delimiter);
        CHECK_OK(check_led_anew(deed, to, named_before, rules, "to", notes));
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
