// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "directory/acts.h"
#include "directory/description.h"
#include "directory/rules.h"

namespace provost::directory {
namespace {

using mail::Mailbox;
using mail::MailboxState;

Need administering(Ground ground) { return {Right::administer, ground, true}; }
constexpr Need helping{Right::help, Ground::mailbox, true};

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
    for (auto const& change : wanted) {
        auto const name = TRY(mail::parse_login(change.mailbox, "members"));
        auto const had = std::any_of(before.begin(), before.end(), [&](auto const& m) { return m.name == name; });
        auto const member = had || authority.sees(name) ? record.mailbox(name) : std::nullopt;
        if (!member) return refuse(Fault::conflict, "members", name, "is not a mailbox here");
        mailbox.members.push_back({member->mailbox.id, name, change.rights});
    }
    return {};
}

Result<void> apply(MailboxChange const& change, store::Reading& record, Authority const& authority, Mailbox& mailbox)
{
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

Result<void> write(store::Writing& writing, Authority const& authority, Mailbox const& mailbox, char delimiter)
{
    Rules rules(writing, authority, now(), delimiter);
    CHECK_OK(rules.check(mailbox));
    writing.put(mailbox);
    auto const address = mail::Address::from_wire(mailbox.name);
    if (!address) return {};
    CHECK_OK(rules.check_expansion(*address, "forwards"));
    return rules.check_counts(*writing.domain(address->domain()));
}

Result<store::MailboxRecord> existing(store::Reading& record, std::string_view name)
{
    auto found = record.mailbox(name);
    if (!found) return refuse(Fault::not_found, "name", name, "is not a mailbox here");
    return std::move(*found);
}

// For acts that put a mailbox off, or hand it to somebody: an admin that it belongs to goes with it.
Result<void> check_not_above(store::Reading& record, Authority const& authority, Mailbox const& mailbox)
{
    if (authority.owns(mailbox.name)) return {};
    for (auto const& admin : record.admins_of_mailbox(mailbox.id.text()))
        if (!authority.covers(admin))
            return refuse(Fault::denied, "name", mailbox.name, "belongs to an admin who may more than you");
    return {};
}

bool is_on(Mailbox const& mailbox)
{
    return mailbox.state == MailboxState::active && (!mailbox.expires || *mailbox.expires > now());
}

// Whether an act puts a mailbox off that was on, or was asked to do just that: then it is proved, also once more.
bool goes_off(Mailbox const& from, Mailbox const& to, MailboxChange const& change)
{
    return !is_on(to) && (is_on(from) || change.state == MailboxState::suspended);
}

bool loses_services(Mailbox const& from, Mailbox const& to)
{
    return (from.services.bits() & ~to.services.bits()) != 0;
}

// What ends the sessions of a mailbox if this process does not live to do it itself.
store::Work end_sessions(Mailbox const& mailbox)
{
    store::Work work{.id = new_uuid(),
                     .target = "dovecot",
                     .verb = "end_sessions",
                     .subject = mailbox.id.text(),
                     .detail = mailbox.name + "\n",
                     .due = now(),
                     .attempts = 0,
                     .last_error = {}};
    for (auto const& name : mailbox.former_names) work.detail += name + "\n";
    return work;
}

std::vector<std::string> session_names(Mailbox const& mailbox)
{
    std::vector<std::string> names{mailbox.name};
    names.insert(names.end(), mailbox.former_names.begin(), mailbox.former_names.end());
    return names;
}

void audit_change(store::Writing& writing, char const* act, Mailbox const& from, Mailbox const& to)
{
    auto const [before, after] = difference(describe(from), describe(to));
    writing.audit_act(act, to.name, before, after);
}

}  // namespace

Result<Done> Acts::add_mailbox(Request const& request, std::string_view name, MailboxChange const& change,
                               std::optional<NewPassword> secret)
{
    Mailbox mailbox;
    mailbox.id = MailboxId::make();
    mailbox.name = TRY(mail::parse_login(name, "name"));
    mailbox.created = now();
    mailbox.store = house_.new_store(mailbox);
    std::optional<mail::Credential> credential;
    if (secret) {
        credential = mail::Credential{.id = CredentialId::make(), .created = now()};
        if (!secret->hash.empty()) credential->hash = TRY(house_.accept_hash(secret->hash));
        else {
            CHECK_OK(house_.strength(secret->password, {mailbox.name}));
            credential->hash = TRY(house_.hash(secret->password));
        }
    }
    std::vector<std::string> notes;
    Need const need = administering(Ground::new_mailbox);
    auto ran = run(request, need, mailbox.name, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        auto fresh = mailbox;
        CHECK_OK(apply(change, writing, authority, fresh));
        if (fresh.kind == mail::MailboxKind::shared && credential)
            return fail(Fault::invalid, "password: a shared mailbox has no login of its own", "password");
        CHECK_OK(write(writing, authority, fresh, house_.delimiter));
        if (credential) writing.put_credential(fresh.id, *credential);
        auto const [before, after] = difference({}, describe(fresh));
        writing.audit_act("mailbox.add", fresh.name, before, after);
        if (auto const old = writing.mailbox(fresh.name, true); old && old->mailbox.restorable_until)
            notes.push_back(
                "a mailbox of this name was deleted before; this one starts empty, and the old mail is kept apart "
                "until " +
                to_rfc3339(*old->mailbox.restorable_until));
        return {};
    });
    auto done = TRY(std::move(ran));
    done.notes.insert(done.notes.end(), notes.begin(), notes.end());
    return done;
}

Result<Done> Acts::change_mailbox(Request const& request, std::string_view name, char const* verb,
                                  MailboxChange const& change)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    if (change.kind) return fail(Fault::invalid, "kind: cannot change; add another mailbox", "kind");
    if (change.state == MailboxState::deleted)
        return fail(Fault::invalid, "state: delete the mailbox instead", "state");

    // The doors are tried before the act, so that their refusal afterwards means something.
    std::vector<std::string> names;
    bool to_prove = false;
    auto const need = administering(Ground::mailbox);
    auto const looked = read(request.by, need, key, [&](auto& reading, auto& authority) -> Result<void> {
        auto const found = TRY(existing(reading, key));
        CHECK_OK(check_not_above(reading, authority, found.mailbox));
        auto changed = found.mailbox;
        CHECK_OK(apply(change, reading, authority, changed));
        to_prove = goes_off(found.mailbox, changed, change);
        names = session_names(changed);
        return {};
    });
    CHECK_OK(looked);
    std::unique_ptr<ProofOfOff::Attempt> attempt;
    if (to_prove && house_.proof != nullptr && !request.dry_run) attempt = house_.proof->begin(names);

    std::string work_id;
    auto ran = run(request, need, key, [&](auto& writing, auto& authority) -> Result<void> {
        work_id.clear();
        auto const found = TRY(existing(writing, key));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        auto changed = found.mailbox;
        CHECK_OK(apply(change, writing, authority, changed));
        CHECK_OK(write(writing, authority, changed, house_.delimiter));
        audit_change(writing, verb, found.mailbox, changed);
        if (!goes_off(found.mailbox, changed, change) && !loses_services(found.mailbox, changed)) return {};
        auto const work = end_sessions(changed);
        work_id = work.id;
        writing.add_work(work);
        return {};
    });
    auto done = TRY(std::move(ran));
    if (request.dry_run || work_id.empty()) return done;
    if (to_prove) take_away(done, attempt.get(), work_id);
    else done.notes.emplace_back("its open sessions are being ended");
    return done;
}

Result<Done> Acts::set_mailbox(Request const& request, std::string_view name, MailboxChange const& change)
{
    return change_mailbox(request, name, "mailbox.set", change);
}

Result<Done> Acts::disable_mailbox(Request const& request, std::string_view name, mail::Suspension suspension)
{
    MailboxChange change;
    change.state = MailboxState::suspended;
    change.suspension = suspension;
    return change_mailbox(request, name, "mailbox.disable", change);
}

Result<Done> Acts::enable_mailbox(Request const& request, std::string_view name)
{
    MailboxChange change;
    change.state = MailboxState::active;
    auto done = TRY(change_mailbox(request, name, "mailbox.enable", change));
    auto const looked = look([&](store::Reading& reading) -> Result<void> {
        auto const found = TRY(existing(reading, done.subject));
        if (found.mailbox.expires && *found.mailbox.expires <= now())
            done.notes.push_back("it expired on " + to_rfc3339(*found.mailbox.expires) +
                                 " and stays off until that is changed");
        return {};
    });
    CHECK_OK(looked);
    return done;
}

Result<Done> Acts::delete_mailbox(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    std::unique_ptr<ProofOfOff::Attempt> attempt;
    std::vector<std::string> names;
    auto const need = administering(Ground::mailbox);
    auto const looked = read(request.by, need, key, [&](auto& reading, auto& authority) -> Result<void> {
        auto const found = TRY(existing(reading, key));
        CHECK_OK(check_not_above(reading, authority, found.mailbox));
        names = session_names(found.mailbox);
        return {};
    });
    CHECK_OK(looked);
    if (house_.proof != nullptr && !request.dry_run) attempt = house_.proof->begin(names);
    std::string work_id;
    std::vector<std::string> notes;
    auto ran = run(request, need, key, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        auto const found = TRY(existing(writing, key));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        auto changed = found.mailbox;
        changed.state = MailboxState::deleted;
        changed.restorable_until = now() + house_.keep_deleted;
        writing.put(changed);
        audit_change(writing, "mailbox.delete", found.mailbox, changed);
        auto const work = end_sessions(changed);
        work_id = work.id;
        writing.add_work(work);
        notes.push_back("restorable until " + to_rfc3339(*changed.restorable_until));
        for (auto const& alias : writing.aliases_with_target(key))
            if (authority.sees(alias.address.text()))
                notes.push_back("alias " + alias.address.text() + " still names it; mail leaves it out");
        return {};
    });
    auto done = TRY(std::move(ran));
    done.notes.insert(done.notes.end(), notes.begin(), notes.end());
    if (!request.dry_run) take_away(done, attempt.get(), work_id);
    return done;
}

Result<Done> Acts::set_password(Request const& request, std::string_view name, NewPassword secret)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    std::string hash;
    if (!secret.hash.empty()) hash = TRY(house_.accept_hash(secret.hash));
    else {
        CHECK_OK(house_.strength(secret.password, {key}));
        hash = TRY(house_.hash(secret.password));
    }
    std::string work_id;
    std::vector<std::string> names;
    auto ran = run(request, helping, key, [&](auto& writing, auto& authority) -> Result<void> {
        auto const found = TRY(existing(writing, key));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        if (found.mailbox.kind == mail::MailboxKind::shared)
            return refuse(Fault::conflict, "name", key, "is a shared mailbox, which has no login of its own");
        mail::Credential credential{.id = CredentialId::make(), .created = now()};
        for (auto const& known : found.credentials) {
            if (known.kind != mail::CredentialKind::password && known.kind != mail::CredentialKind::scram) continue;
            writing.remove_credential(found.mailbox.id, known.id);
        }
        credential.hash = hash;
        writing.put_credential(found.mailbox.id, credential);
        writing.audit_act("mailbox.passwd", key, "{}", "{}");
        auto const work = end_sessions(found.mailbox);
        work_id = work.id;
        names = session_names(found.mailbox);
        writing.add_work(work);
        return {};
    });
    auto done = TRY(std::move(ran));
    if (request.dry_run || house_.proof == nullptr) return done;
    done.proof = house_.proof->end_sessions(names);
    if (done.proof->sessions_trouble.empty()) (*house_.record())->finish_work(work_id);
    else done.notes.push_back("sessions could not be ended yet, this is tried again: " + done.proof->sessions_trouble);
    return done;
}

Result<Done> Acts::kick_mailbox(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    std::vector<std::string> names;
    Done done;
    done.subject = key;
    auto const looked = read(request.by, helping, key, [&](auto& reading, auto&) -> Result<void> {
        auto const found = TRY(existing(reading, key));
        names = session_names(found.mailbox);
        done.revision = reading.position().revision;
        return {};
    });
    CHECK_OK(looked);
    if (house_.proof == nullptr)
        return fail(Fault::unavailable, "this node has no mail server whose sessions it could end");
    if (request.dry_run) return done;
    done.answering = true;
    done.proof = house_.proof->end_sessions(names);
    if (!done.proof->sessions_trouble.empty())
        return fail(Fault::unavailable, "sessions could not be ended: " + done.proof->sessions_trouble);
    return done;
}

Result<Done> Acts::unlock_mailbox(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    Done done;
    done.subject = key;
    std::vector<std::string> names;
    auto const looked = read(request.by, helping, key, [&](auto& reading, auto&) -> Result<void> {
        auto const found = TRY(existing(reading, key));
        names = session_names(found.mailbox);
        names.insert(names.end(), found.mailbox.logins.begin(), found.mailbox.logins.end());
        done.revision = reading.position().revision;
        return {};
    });
    CHECK_OK(looked);
    if (request.dry_run) return done;
    for (auto const& login : names) house_.forgive(login);
    done.answering = true;
    return done;
}

}  // namespace provost::directory
