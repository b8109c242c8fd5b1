// SPDX-License-Identifier: Apache-2.0
#include "directory/act_parts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "directory/domain_parts.h"
#include "directory/rules.h"
#include "directory/store_work.h"

namespace provost::directory {

using mail::Mailbox;

namespace {

// Names to sign in with are the whole site's: nobody gives away one of a domain that is not his.
Result<void> apply_logins(std::vector<std::string> const& wanted, Authority const& authority, Mailbox& mailbox)
{
    auto const before = std::exchange(mailbox.logins, {});
    for (auto const& text : wanted) {
        auto login = TRY(mail::parse_login(text, "logins"));
        auto const had = std::find(before.begin(), before.end(), login) != before.end();
        if (!had && !authority.sees(login))
            return refuse(Fault::denied, "logins", login, "is not in a domain of yours");
        mailbox.logins.push_back(std::move(login));
    }
    return {};
}

Result<void> apply_members(std::vector<MemberChange> const& wanted, store::Reading& record, Authority const& authority,
                           Mailbox& mailbox)
{
    auto const before = std::exchange(mailbox.members, {});
    // Those that are deleted are not shown, so that nobody can say them; they come back as what they were.
    std::ranges::copy_if(before, std::back_inserter(mailbox.members), [](auto const& m) { return m.name.empty(); });
    for (auto const& change : wanted) {
        auto const name = TRY(mail::parse_login(change.mailbox, "members"));
        auto const had = std::any_of(before.begin(), before.end(), [&](auto const& m) { return m.name == name; });
        auto const member = had || authority.sees(name) ? record.mailbox(name) : std::nullopt;
        if (!member) return refuse(Fault::conflict, "members", name, "is not a mailbox here");
        mailbox.members.push_back({member->mailbox.id, name, change.rights});
    }
    return {};
}

}  // namespace

Result<void> apply(MailboxChange const& change, store::Reading& record, Authority const& authority, Mailbox& mailbox)
{
    if (change.state == mail::MailboxState::deleted)
        return fail(Fault::invalid, "state: delete the mailbox instead", "state");
    // It says by which program mail is delivered, and could name any that Postfix knows.
    CHECK_OK(authority.check_field(change.transport.has_value(), "transport"));
    auto const set = [](auto const& wanted, auto& value) {
        if (wanted) value = *wanted;
    };
    set(change.kind, mailbox.kind);
    set(change.display_name, mailbox.display_name);
    set(change.state, mailbox.state);
    set(change.suspension, mailbox.suspension);
    set(change.expires, mailbox.expires);
    set(change.quota_bytes, mailbox.quota_bytes);
    set(change.quota_messages, mailbox.quota_messages);
    set(change.forwards, mailbox.forwards);
    set(change.keep_copy, mailbox.keep_copy);
    set(change.services, mailbox.services);
    set(change.transport, mailbox.transport);
    if (change.recovery_address && *change.recovery_address != mailbox.recovery_address) {
        mailbox.recovery_address = *change.recovery_address;
        mailbox.recovery_confirmed = false;
    }
    if (change.logins) CHECK_OK(apply_logins(*change.logins, authority, mailbox));
    if (change.members) CHECK_OK(apply_members(*change.members, record, authority, mailbox));
    return {};
}

Result<void> write(Deed const& deed, Mailbox const& mailbox, Mailbox const* before)
{
    Rules rules(deed.writing, deed.authority, deed.now, deed.delimiter);
    CHECK_OK(rules.check(mailbox, before));
    put_with_store(deed.writing, mailbox, before, deed.now);
    auto const address = mail::Address::from_wire(mailbox.name);
    if (!address) return {};
    bool const enters = enters_domain(mailbox, before);
    if (enters || before->name != mailbox.name || !gained(mailbox.forwards, before->forwards).empty())
        CHECK_OK(rules.check_expansion(*address, "forwards"));
    if (!enters && mailbox.quota_bytes.number().value_or(0) <= before->quota_bytes.number().value_or(0)) return {};
    return rules.check_counts(*deed.writing.domain(address->domain()));
}

Result<void> write(Deed const& deed, mail::Alias const& alias, mail::Alias const* before)
{
    Rules rules(deed.writing, deed.authority, deed.now, deed.delimiter);
    CHECK_OK(rules.check(alias, before));
    deed.writing.put(alias);
    auto const had = before ? before->targets : Rules::Targets();
    auto const fresh = gained(alias.targets, had);
    if (!fresh.empty()) CHECK_OK(rules.check_expansion(alias.address, "targets"));
    CHECK_OK(rules.check_aliases_per_mailbox(alias, had));
    bool const leads_out =
        std::ranges::any_of(fresh, [&](auto const& target) { return is_external(deed.writing, target); });
    if (before && !leads_out) return {};
    return rules.check_counts(*deed.writing.domain(alias.address.domain()));
}

Result<store::MailboxRecord> existing_mailbox(store::Reading& record, std::string_view name)
{
    auto found = record.mailbox(name);
    if (!found) return refuse(Fault::not_found, "name", name, "is not a mailbox here");
    return std::move(*found);
}

Result<void> check_not_above(store::Reading& record, Authority const& authority, Mailbox const& mailbox)
{
    if (authority.owns(mailbox.name)) return {};
    for (auto const& admin : record.admins_of_mailbox(mailbox.id.text()))
        if (!authority.covers(admin))
            return refuse(Fault::denied, "name", mailbox.name, "belongs to an admin who may more than you");
    return {};
}

bool sees_deleted(store::Reading& record, Authority const& authority, store::MailboxRecord const& mailbox)
{
    if (authority.runs_site()) return true;
    auto const domain = record.domain(domain_part(mailbox.mailbox.name));
    return domain && domain->id.text() == mailbox.domain_id;
}

std::vector<store::MailboxRecord> deleted_for(store::Reading& record, Authority const& authority, std::string_view name)
{
    auto found = record.deleted_mailboxes(name);
    std::erase_if(found, [&](auto const& one) { return !sees_deleted(record, authority, one); });
    return found;
}

Result<store::MailboxRecord> restorable_mailbox(store::Reading& record, Authority const& authority,
                                                std::string_view name, std::string_view id)
{
    auto deleted = deleted_for(record, authority, name);
    if (deleted.empty()) return refuse(Fault::not_found, "name", name, "is not a deleted mailbox");
    auto found = deleted.begin();
    if (!id.empty()) {
        found = std::ranges::find(deleted, id, [](auto const& one) { return one.mailbox.id.text(); });
        if (found == deleted.end())
            return refuse(Fault::not_found, "id", id, "is not that of a deleted mailbox " + escaped(name));
    }
    if (!found->mailbox.restorable_until)
        return refuse(Fault::conflict, "name", name, "was given up: what is left of it is being removed");
    return std::move(*found);
}

void go_away(store::Reading& record, Mailbox& mailbox, Time now, std::chrono::milliseconds keep)
{
    mailbox.state_before = mailbox.state;
    mailbox.state = mail::MailboxState::deleted;
    mailbox.restorable_until = std::max(now, record.latest_act()) + keep;
}

void come_back(store::Reading& record, Mailbox& mailbox, std::string const& name, Notes& notes)
{
    mailbox.name = name;
    mailbox.state = mailbox.state_before;
    mailbox.state_before = mail::MailboxState::active;
    mailbox.restorable_until.reset();
    std::erase(mailbox.logins, name);
    std::erase(mailbox.former_names, name);
    std::erase_if(mailbox.logins, [&](auto const& login) {
        bool const is_taken = record.owner_of_name(login).has_value();
        if (is_taken) notes.push_back("its login " + login + " is another's by now, and was left out");
        return is_taken;
    });
    std::vector<std::string> forwards;
    for (auto const& forward : mailbox.forwards) forwards.push_back(forward.text());
    if (!forwards.empty()) notes.push_back("its mail goes on to " + joined(forwards, ", ") + " again");
}

void note_expiry(Mailbox const& mailbox, Time now, Notes& notes)
{
    if (mailbox.expires && *mailbox.expires <= now)
        notes.push_back("it expired on " + to_rfc3339(*mailbox.expires) + " and stays off until that is changed");
}

Result<void> put_credential(store::Writing& writing, Mailbox const& mailbox,
                            std::optional<mail::Credential> const& credential)
{
    if (!credential) return {};
    if (mailbox.kind == mail::MailboxKind::shared)
        return fail(Fault::invalid, "password: a shared mailbox has no login of its own", "password");
    writing.put_credential(mailbox.id, *credential);
    return {};
}

std::vector<std::string> session_names(Mailbox const& mailbox)
{
    std::vector<std::string> names{mailbox.name};
    names.insert(names.end(), mailbox.former_names.begin(), mailbox.former_names.end());
    return names;
}

store::Work end_sessions(std::string const& target, std::string const& subject, std::vector<std::string> const& names,
                         Time due)
{
    return {.id = new_uuid(),
            .target = target,
            .verb = "end_sessions",
            .subject = subject,
            .detail = joined(names, "\n") + "\n",
            .due = due,
            .attempts = 0,
            .last_error = {}};
}

void audit_difference(store::Writing& writing, char const* act, std::string_view subject, Fields const& from,
                      Fields const& to)
{
    auto const [before, after] = difference(from, to);
    writing.audit_act(act, subject, before, after);
}

void audit_change(store::Writing& writing, char const* act, Mailbox const& from, Mailbox const& to)
{
    audit_difference(writing, act, to.name, describe(from), describe(to));
}

void append(Notes& notes, Notes const& more) { notes.insert(notes.end(), more.begin(), more.end()); }

}  // namespace provost::directory
