// SPDX-License-Identifier: Apache-2.0
#include "directory/act_parts.h"
#include "directory/acts.h"

namespace provost::directory {
namespace {

using mail::Mailbox;
using mail::MailboxState;

constexpr Need helping{Right::help, Ground::mailbox, true};

bool is_on(Mailbox const& mailbox, Time now)
{
    return mailbox.state == MailboxState::active && (!mailbox.expires || *mailbox.expires > now);
}

// Whether an act puts a mailbox off that was on, or was asked to do just that: then it is proved, also once more.
bool goes_off(Mailbox const& from, Mailbox const& to, MailboxChange const& change, Time now)
{
    return !is_on(to, now) && (is_on(from, now) || change.state == MailboxState::suspended);
}

bool loses_services(Mailbox const& from, Mailbox const& to)
{
    return (from.services.bits() & ~to.services.bits()) != 0;
}

// Who names a mailbox that goes, as far as the caller may know.
void note_referrers(store::Reading& record, Authority const& authority, char delimiter, Mailbox const& mailbox,
                    Notes& notes)
{
    auto const referrers = record.referrers(mailbox.name, delimiter);
    for (auto const& alias : referrers.aliases)
        if (authority.sees(alias.address.text()))
            notes.push_back("alias " + alias.address.text() + " still names it; mail leaves it out");
    for (auto const& other : referrers.mailboxes)
        if (other.id != mailbox.id && other.state != MailboxState::deleted && authority.sees(other.name))
            notes.push_back("mailbox " + other.name + " still names it");
    for (auto const& domain : referrers.domains)
        if (authority.sees_domain(domain.name.text()))
            notes.push_back("domain " + domain.name.text() + " still names it");
}

}  // namespace

Result<mail::Credential> Acts::credential_of(NewPassword const& secret, std::string const& name)
{
    mail::Credential credential{.id = CredentialId::make(), .created = house_.clock()};
    if (!secret.hash.empty()) {
        credential.hash = TRY(house_.accept_hash(secret.hash));
        return credential;
    }
    CHECK_OK(house_.strength(secret.password, {name}));
    credential.hash = TRY(house_.hash(secret.password));
    return credential;
}

Result<Done> Acts::add_mailbox(Request const& request, std::string_view name, MailboxChange const& change,
                               std::optional<NewPassword> const& secret, std::optional<OldMailbox> old)
{
    Mailbox mailbox;
    mailbox.id = MailboxId::make();
    mailbox.name = TRY(mail::parse_login(name, "name"));
    mailbox.created = house_.clock();
    std::optional<mail::Credential> credential;
    if (secret) credential = TRY(credential_of(*secret, mailbox.name));
    Notes notes;
    Mailbox led;
    Need const need = administering(Ground::new_mailbox);
    auto ran = run(request, need, mailbox.name, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        Deed const deed{writing, authority, house_.clock(), house_.delimiter, house_.target};
        auto const adopted = TRY(old_mailbox(writing, authority, mailbox.name, old, notes));
        if (adopted) return adopt(deed, *adopted, change, credential, notes, led);
        auto fresh = mailbox;
        CHECK_OK(apply(change, writing, authority, fresh));
        fresh.store = TRY(house_.new_store(fresh));
        CHECK_OK(write(deed, fresh, nullptr));
        CHECK_OK(put_credential(writing, fresh, credential));
        audit_difference(writing, "mailbox.add", fresh.name, {}, describe(fresh));
        led = fresh;
        return {};
    });
    auto done = TRY(std::move(ran));
    append(done.notes, notes);
    await_store(done, led);
    return done;
}

Result<Done> Acts::change_mailbox(Request const& request, std::string_view name, char const* verb,
                                  MailboxChange const& change)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    if (change.kind) return fail(Fault::invalid, "kind: cannot change; add another mailbox", "kind");

    // The doors are tried before the act, so that their refusal afterwards means something.
    std::vector<std::string> names;
    bool to_prove = false;
    auto const need = administering(Ground::mailbox);
    auto const looked = read(request.by, need, key, [&](auto& reading, auto& authority) -> Result<void> {
        auto const found = TRY(existing_mailbox(reading, key));
        CHECK_OK(check_not_above(reading, authority, found.mailbox));
        auto changed = found.mailbox;
        CHECK_OK(apply(change, reading, authority, changed));
        to_prove = goes_off(found.mailbox, changed, change, house_.clock());
        names = session_names(changed);
        return {};
    });
    CHECK_OK(looked);
    std::unique_ptr<ProofOfOff::Attempt> attempt;
    if (to_prove && house_.proof != nullptr && !request.dry_run) attempt = house_.proof->begin(names);

    std::string work_id;
    Notes notes;
    auto ran = run(request, need, key, [&](auto& writing, auto& authority) -> Result<void> {
        work_id.clear();
        notes.clear();
        auto const found = TRY(existing_mailbox(writing, key));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        auto changed = found.mailbox;
        CHECK_OK(apply(change, writing, authority, changed));
        CHECK_OK(write({writing, authority, house_.clock(), house_.delimiter, house_.target}, changed, &found.mailbox));
        audit_change(writing, verb, found.mailbox, changed);
        if (change.state == MailboxState::active) note_expiry(changed, house_.clock(), notes);
        if (!goes_off(found.mailbox, changed, change, house_.clock()) && !loses_services(found.mailbox, changed))
            return {};
        auto const work = end_sessions(house_.target, changed.id.text(), session_names(changed), house_.clock());
        work_id = work.id;
        writing.add_work(work);
        return {};
    });
    auto done = TRY(std::move(ran));
    append(done.notes, notes);
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
    return change_mailbox(request, name, "mailbox.enable", change);
}

Result<Done> Acts::delete_mailbox(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    std::unique_ptr<ProofOfOff::Attempt> attempt;
    std::vector<std::string> names;
    auto const need = administering(Ground::mailbox);
    auto const looked = read(request.by, need, key, [&](auto& reading, auto& authority) -> Result<void> {
        auto const found = TRY(existing_mailbox(reading, key));
        CHECK_OK(check_not_above(reading, authority, found.mailbox));
        names = session_names(found.mailbox);
        return {};
    });
    CHECK_OK(looked);
    if (house_.proof != nullptr && !request.dry_run) attempt = house_.proof->begin(names);
    std::string work_id;
    Notes notes;
    auto ran = run(request, need, key, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        auto const found = TRY(existing_mailbox(writing, key));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        auto changed = found.mailbox;
        go_away(writing, changed, house_.clock(), house_.keep_deleted);
        writing.put(changed);
        audit_change(writing, "mailbox.delete", found.mailbox, changed);
        auto const work = end_sessions(house_.target, changed.id.text(), session_names(changed), house_.clock());
        work_id = work.id;
        writing.add_work(work);
        notes.push_back("restorable until " + to_rfc3339(*changed.restorable_until));
        note_referrers(writing, authority, house_.delimiter, changed, notes);
        return {};
    });
    auto done = TRY(std::move(ran));
    append(done.notes, notes);
    if (!request.dry_run) take_away(done, attempt.get(), work_id);
    return done;
}

Result<Done> Acts::set_password(Request const& request, std::string_view name, NewPassword const& secret)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    auto const credential = TRY(credential_of(secret, key));
    std::string work_id;
    std::vector<std::string> names;
    auto ran = run(request, helping, key, [&](auto& writing, auto& authority) -> Result<void> {
        auto const found = TRY(existing_mailbox(writing, key));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        if (found.mailbox.kind == mail::MailboxKind::shared)
            return refuse(Fault::conflict, "name", key, "is a shared mailbox, which has no login of its own");
        for (auto const& known : found.credentials) {
            if (known.kind != mail::CredentialKind::password && known.kind != mail::CredentialKind::scram) continue;
            writing.remove_credential(found.mailbox.id, known.id);
        }
        writing.put_credential(found.mailbox.id, credential);
        writing.audit_act("mailbox.passwd", key, "{}", "{}");
        names = session_names(found.mailbox);
        auto const work = end_sessions(house_.target, found.mailbox.id.text(), names, house_.clock());
        work_id = work.id;
        writing.add_work(work);
        return {};
    });
    auto done = TRY(std::move(ran));
    if (request.dry_run || house_.proof == nullptr) return done;
    done.proof = house_.proof->end_sessions(names);
    if (done.proof->sessions_trouble.empty()) finish({work_id});
    else done.notes.push_back("sessions could not be ended yet, this is tried again: " + done.proof->sessions_trouble);
    return done;
}

Result<Done> Acts::kick_mailbox(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    std::vector<std::string> names;
    Done done;
    done.dry_run = request.dry_run;
    done.subject = key;
    auto const looked = read(request.by, helping, key, [&](auto& reading, auto&) -> Result<void> {
        auto const found = TRY(existing_mailbox(reading, key));
        auto const standing = reading.position().revision;
        CHECK_OK(check_revision(request, standing));
        names = session_names(found.mailbox);
        if (!request.dry_run) done.revision = standing;
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
    done.dry_run = request.dry_run;
    done.subject = key;
    std::vector<std::string> names;
    auto const looked = read(request.by, helping, key, [&](auto& reading, auto&) -> Result<void> {
        auto const found = TRY(existing_mailbox(reading, key));
        names = session_names(found.mailbox);
        names.insert(names.end(), found.mailbox.logins.begin(), found.mailbox.logins.end());
        auto const standing = reading.position().revision;
        CHECK_OK(check_revision(request, standing));
        if (!request.dry_run) done.revision = standing;
        return {};
    });
    CHECK_OK(looked);
    if (request.dry_run) return done;
    for (auto const& login : names) house_.forgive(login);
    done.answering = true;
    return done;
}

}  // namespace provost::directory
