// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "store/columns.h"
#include "store/session.h"

namespace provost::store {

void Session::put(mail::Mailbox const& mailbox)
{
    auto const before = sql_.query("SELECT name, state FROM mailbox WHERE id = ?", mailbox.id);
    bool const deleted = mailbox.state == mail::MailboxState::deleted;

    std::vector<Claim> claims;
    if (!deleted) {
        claims.push_back({mailbox.name, "address"});
        for (auto const& login : mailbox.logins) claims.push_back({login, "login"});
        for (auto const& name : mailbox.former_names) claims.push_back({name, "former"});
    }
    claim("mailbox", mailbox.id.text(), claims);
    write_row(mailbox);
    // What is deleted was in the domain that it was in last.
    if (!deleted || before.empty())
        sql_.query(
            "UPDATE mailbox SET domain_id = COALESCE((SELECT d.id FROM domain d WHERE d.name = mailbox.domain), '') "
            "WHERE id = ?",
            mailbox.id);
    write_parts(mailbox);
    changed(Kind::mailbox, mailbox.id.text());

    // Those it is a member of are answered with its name.
    bool const was_deleted = !before.empty() && before[0].text(1) == mail::word(mail::MailboxState::deleted);
    if (!before.empty() && (before[0].text(0) != mailbox.name || was_deleted != deleted))
        touch_shared_with(mailbox.id.text());
}

void Session::write_row(mail::Mailbox const& m)
{
    sql_.query(
        "UPDATE mailbox SET name = ?, domain = ?, kind = ?, display_name = ?, state = ?, suspension = ?, expires = ?, "
        "restorable_until = ?, quota_bytes = ?, quota_messages = ?, keep_copy = ?, services = ?, transport = ?, "
        "recovery_address = ?, recovery_confirmed = ?, store_target = ?, store_name = ?, store_generation = ?, "
        "store_state = ?, store_reason = ?, created = ?, revision = ?, state_before = ? WHERE id = ?",
        m.name, domain_part(m.name), mail::word(m.kind), m.display_name, mail::word(m.state), mail::word(m.suspension),
        m.expires, m.restorable_until, m.quota_bytes.stored(), m.quota_messages.stored(), m.keep_copy,
        m.services.bits(), m.transport, text_of(m.recovery_address), m.recovery_confirmed, m.store.target, m.store.name,
        m.store.generation, mail::word(m.store.state), m.store.reason, m.created, revision_, mail::word(m.state_before),
        m.id);
    if (sql_.changes() != 0) return;
    sql_.query(
        "INSERT INTO mailbox (name, domain, kind, display_name, state, suspension, expires, restorable_until, "
        "quota_bytes, quota_messages, keep_copy, services, transport, recovery_address, recovery_confirmed, "
        "store_target, store_name, store_generation, store_state, store_reason, created, revision, state_before, id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        m.name, domain_part(m.name), mail::word(m.kind), m.display_name, mail::word(m.state), mail::word(m.suspension),
        m.expires, m.restorable_until, m.quota_bytes.stored(), m.quota_messages.stored(), m.keep_copy,
        m.services.bits(), m.transport, text_of(m.recovery_address), m.recovery_confirmed, m.store.target, m.store.name,
        m.store.generation, mail::word(m.store.state), m.store.reason, m.created, revision_, mail::word(m.state_before),
        m.id);
}

void Session::write_parts(mail::Mailbox const& mailbox)
{
    sql_.query("DELETE FROM mailbox_name WHERE mailbox_id = ?", mailbox.id);
    auto add_name = [&, seq = 0](std::string_view role, std::string const& name) mutable {
        sql_.query("INSERT INTO mailbox_name (mailbox_id, role, seq, name) VALUES (?, ?, ?, ?)", mailbox.id, role,
                   seq++, name);
    };
    for (auto const& login : mailbox.logins) add_name("login", login);
    for (auto const& name : mailbox.former_names) {
        // While it is not deleted it has those former names that nobody else took.
        if (mailbox.state != mail::MailboxState::deleted &&
            sql_.query("SELECT role FROM name WHERE name = ? AND owner_id = ? AND role = 'former'", name, mailbox.id)
                .empty())
            continue;
        add_name("former", name);
    }

    sql_.query("DELETE FROM mailbox_forward WHERE mailbox_id = ?", mailbox.id);
    int seq = 0;
    for (auto const& address : mailbox.forwards)
        sql_.query("INSERT INTO mailbox_forward (mailbox_id, seq, address) VALUES (?, ?, ?)", mailbox.id, seq++,
                   address.text());

    sql_.query("DELETE FROM mailbox_member WHERE mailbox_id = ?", mailbox.id);
    seq = 0;
    for (auto const& member : mailbox.members)
        sql_.query("INSERT INTO mailbox_member (mailbox_id, seq, member_id, rights) VALUES (?, ?, ?, ?)", mailbox.id,
                   seq++, member.mailbox, member.rights);
}

void Session::remove(MailboxId const& id)
{
    touch_shared_with(id.text());
    leave_admins(id);
    claim("mailbox", id.text(), {});
    sql_.query("DELETE FROM mailbox_name WHERE mailbox_id = ?", id);
    sql_.query("DELETE FROM mailbox_forward WHERE mailbox_id = ?", id);
    sql_.query("DELETE FROM mailbox_member WHERE mailbox_id = ? OR member_id = ?", id, id);
    sql_.query("DELETE FROM credential WHERE mailbox_id = ?", id);
    sql_.query("DELETE FROM mailbox_usage WHERE mailbox_id = ?", id);
    sql_.query("DELETE FROM last_login WHERE mailbox_id = ?", id);
    sql_.query("DELETE FROM mailbox WHERE id = ?", id);
    changed(Kind::mailbox, id.text());
}

void Session::put_credential(MailboxId const& mailbox, mail::Credential const& c)
{
    auto const networks = joined(c.networks, "\n");
    sql_.query(
        "UPDATE credential SET mailbox_id = ?, kind = ?, label = ?, hash = ?, services = ?, networks = ?, expires = ?, "
        "created = ? WHERE id = ?",
        mailbox, mail::word(c.kind), c.label, c.hash, c.services.bits(), networks, c.expires, c.created, c.id);
    if (sql_.changes() == 0)
        sql_.query(
            "INSERT INTO credential (mailbox_id, kind, label, hash, services, networks, expires, created, id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            mailbox, mail::word(c.kind), c.label, c.hash, c.services.bits(), networks, c.expires, c.created, c.id);
    touch_mailbox(mailbox.text());
}

void Session::remove_credential(MailboxId const& mailbox, CredentialId const& credential)
{
    sql_.query("DELETE FROM credential WHERE id = ? AND mailbox_id = ?", credential, mailbox);
    touch_mailbox(mailbox.text());
}

void Session::touch_mailbox(std::string_view id)
{
    sql_.query("UPDATE mailbox SET revision = ? WHERE id = ?", revision_, id);
    changed(Kind::mailbox, id);
}

void Session::touch_shared_with(std::string_view member)
{
    for (auto const& row : sql_.query("SELECT DISTINCT mailbox_id FROM mailbox_member WHERE member_id = ?", member))
        touch_mailbox(row.text(0));
}

}  // namespace provost::store
