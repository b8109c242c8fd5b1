// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "store/columns.h"
#include "store/session.h"

namespace provost::store {
namespace {

constexpr std::string_view select_admin =
    "SELECT a.id, a.name, a.role, a.all_domains, a.description, a.enabled, a.expires, a.mailbox_id, m.name, a.created "
    "FROM admin a LEFT JOIN mailbox m ON m.id = a.mailbox_id ";

std::string select(std::string_view where) { return std::string(select_admin).append(where); }

mail::Admin admin_from(sql::Row const& row)
{
    mail::Admin admin{.id = AdminId(row.text(0)), .name = row.text(1)};
    admin.role = stored(mail::parse_role(row.text(2)));
    admin.domains.all = row.flag(3);
    admin.description = row.text(4);
    admin.enabled = row.flag(5);
    admin.expires = row.time_or_null(6);
    if (!row.is_null(7)) admin.mailbox = mail::Named<MailboxId>{MailboxId(row.text(7)), row.text(8)};
    admin.created = from_millis(row.integer(9));
    return admin;
}

}  // namespace

std::vector<mail::Admin> Session::admins_from(sql::Rows const& rows)
{
    std::vector<mail::Admin> found;
    found.reserve(rows.size());
    for (auto const& row : rows) {
        auto& admin = found.emplace_back(admin_from(row));
        for (auto const& part :
             sql_.query("SELECT d.id, d.name FROM admin_domain p JOIN domain d ON d.id = p.domain_id "
                        "WHERE p.admin_id = ? ORDER BY d.name",
                        admin.id))
            admin.domains.some.push_back({DomainId(part.text(0)), part.text(1)});
    }
    return found;
}

std::optional<mail::Admin> Session::admin(std::string_view name)
{
    auto found = admins_from(sql_.query(select("WHERE a.name = ?"), name));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::optional<mail::Admin> Session::admin_by_id(std::string_view id)
{
    auto found = admins_from(sql_.query(select("WHERE a.id = ?"), id));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::vector<mail::Admin> Session::admins(std::string_view mask)
{
    auto rows = sql_.query(select("ORDER BY a.name"));
    if (!mask.empty()) std::erase_if(rows, [&](auto const& row) { return !matches_mask(mask, row.text(1)); });
    return admins_from(rows);
}

std::vector<mail::Admin> Session::admins_of_mailbox(std::string_view mailbox_id)
{
    return admins_from(sql_.query(select("WHERE a.mailbox_id = ? ORDER BY a.name"), mailbox_id));
}

void Session::put(mail::Admin const& a)
{
    auto const mailbox = a.mailbox ? std::optional(a.mailbox->id.text()) : std::nullopt;
    sql_.query(
        "UPDATE admin SET name = ?, role = ?, all_domains = ?, description = ?, enabled = ?, expires = ?, "
        "mailbox_id = ?, created = ?, revision = ? WHERE id = ?",
        a.name, mail::word(a.role), a.domains.all, a.description, a.enabled, a.expires, mailbox, a.created, revision_,
        a.id);
    if (sql_.changes() == 0)
        sql_.query(
            "INSERT INTO admin (name, role, all_domains, description, enabled, expires, mailbox_id, created, revision, "
            "id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            a.name, mail::word(a.role), a.domains.all, a.description, a.enabled, a.expires, mailbox, a.created,
            revision_, a.id);
    sql_.query("DELETE FROM admin_domain WHERE admin_id = ?", a.id);
    for (auto const& domain : a.domains.some)
        sql_.query("INSERT INTO admin_domain (admin_id, domain_id) VALUES (?, ?)", a.id, domain.id);
    changed(Kind::admin, a.id.text());
}

void Session::remove(AdminId const& id)
{
    for (auto const& row : sql_.query("SELECT id FROM token WHERE admin_id = ?", id)) remove(TokenId(row.text(0)));
    sql_.query("DELETE FROM admin_domain WHERE admin_id = ?", id);
    sql_.query("DELETE FROM admin WHERE id = ?", id);
    changed(Kind::admin, id.text());
}

void Session::leave_admins(DomainId const& domain)
{
    for (auto const& row : sql_.query("SELECT admin_id FROM admin_domain WHERE domain_id = ?", domain))
        changed(Kind::admin, row.text(0));
    sql_.query("DELETE FROM admin_domain WHERE domain_id = ?", domain);
}

// One that was off with its mailbox must not come back to life with the mailbox's end.
void Session::leave_admins(MailboxId const& mailbox)
{
    for (auto const& row : sql_.query("SELECT id FROM admin WHERE mailbox_id = ?", mailbox))
        changed(Kind::admin, row.text(0));
    sql_.query("UPDATE admin SET mailbox_id = NULL, enabled = 0, revision = ? WHERE mailbox_id = ?", revision_,
               mailbox);
}

}  // namespace provost::store
