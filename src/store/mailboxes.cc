// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "base/text.h"
#include "store/columns.h"
#include "store/pages.h"
#include "store/session.h"

namespace provost::store {
namespace {

constexpr std::string_view select_mailbox =
    "SELECT id, name, kind, display_name, state, suspension, expires, restorable_until, quota_bytes, quota_messages, "
    "keep_copy, services, transport, recovery_address, recovery_confirmed, store_target, store_name, "
    "store_generation, store_state, store_reason, created, revision, state_before, domain_id FROM mailbox ";

// What lies in other tables, for the mailboxes from one id to another.
constexpr std::string_view select_names =
    "SELECT mailbox_id, role, name FROM mailbox_name WHERE mailbox_id >= ? AND mailbox_id <= ? "
    "ORDER BY mailbox_id, role, seq";
constexpr std::string_view select_forwards =
    "SELECT mailbox_id, address FROM mailbox_forward WHERE mailbox_id >= ? AND mailbox_id <= ? "
    "ORDER BY mailbox_id, seq";
constexpr std::string_view select_members =
    "SELECT p.mailbox_id, p.member_id, p.rights, m.name, m.state FROM mailbox_member p "
    "JOIN mailbox m ON m.id = p.member_id WHERE p.mailbox_id >= ? AND p.mailbox_id <= ? "
    "ORDER BY p.mailbox_id, p.seq";
constexpr std::string_view select_credentials =
    "SELECT mailbox_id, id, kind, label, hash, services, networks, expires, created FROM credential "
    "WHERE mailbox_id >= ? AND mailbox_id <= ? ORDER BY mailbox_id, created, id";

std::string text(std::string_view a, std::string_view b)
{
    std::string out;
    out.reserve(a.size() + b.size());
    return out.append(a).append(b);
}

MailboxRecord record_from(sql::Row const& row)
{
    MailboxRecord record;
    auto& mailbox = record.mailbox;
    mailbox.id = MailboxId(row.text(0));
    mailbox.name = row.text(1);
    mailbox.kind = stored(mail::parse_mailbox_kind(row.text(2)));
    mailbox.display_name = row.text(3);
    mailbox.state = stored(mail::parse_mailbox_state(row.text(4)));
    mailbox.suspension = stored(mail::parse_suspension(row.text(5)));
    mailbox.expires = row.time_or_null(6);
    mailbox.restorable_until = row.time_or_null(7);
    mailbox.quota_bytes = stored_limit(row, 8);
    mailbox.quota_messages = stored_limit(row, 9);
    mailbox.keep_copy = row.flag(10);
    mailbox.services = mail::Services::from_bits(static_cast<std::uint8_t>(row.integer(11)));
    mailbox.transport = row.text(12);
    mailbox.recovery_address = stored_address_or_null(row, 13);
    mailbox.recovery_confirmed = row.flag(14);
    mailbox.store.target = row.text(15);
    mailbox.store.name = row.text(16);
    mailbox.store.generation = row.text(17);
    mailbox.store.state = stored(mail::parse_store_state(row.text(18)));
    mailbox.store.reason = row.text(19);
    mailbox.created = from_millis(row.integer(20));
    record.revision = static_cast<Revision>(row.integer(21));
    mailbox.state_before = stored(mail::parse_mailbox_state(row.text(22)));
    record.domain_id = row.text(23);
    return record;
}

mail::Credential credential_from(sql::Row const& row)
{
    mail::Credential credential;
    credential.id = CredentialId(row.text(1));
    credential.kind = stored(mail::parse_credential_kind(row.text(2)));
    credential.label = row.text(3);
    credential.hash = row.text(4);
    credential.services = mail::Services::from_bits(static_cast<std::uint8_t>(row.integer(5)));
    if (!row.text(6).empty())
        for (auto network : split(row.text(6), '\n')) credential.networks.emplace_back(network);
    credential.expires = row.time_or_null(7);
    credential.created = from_millis(row.integer(8));
    return credential;
}

mail::Member member_from(sql::Row const& row)
{
    bool const deleted = row.text(4) == mail::word(mail::MailboxState::deleted);
    return {MailboxId(row.text(1)), deleted ? std::string() : row.text(3), static_cast<std::uint8_t>(row.integer(2))};
}

// Gives each row to the mailbox it belongs to; both are in the order of ids.
template <class Add>
void hand_out(sql::Rows const& rows, std::span<MailboxRecord> records, Add add)
{
    auto record = records.begin();
    for (auto const& row : rows) {
        while (record != records.end() && record->mailbox.id.text() < row.text(0)) ++record;
        if (record == records.end()) return;
        if (record->mailbox.id.text() == row.text(0)) add(row, *record);
    }
}

// `records` are all there are from the first one's id to the last one's.
void add_parts(sql::Connection& sql, std::span<MailboxRecord> records)
{
    auto const& first = records.front().mailbox.id;
    auto const& last = records.back().mailbox.id;
    hand_out(sql.query(select_names, first, last), records, [](auto const& row, auto& record) {
        auto& list = row.text(1) == "login" ? record.mailbox.logins : record.mailbox.former_names;
        list.push_back(row.text(2));
    });
    hand_out(sql.query(select_forwards, first, last), records,
             [](auto const& row, auto& record) { record.mailbox.forwards.push_back(stored_address(row.text(1))); });
    hand_out(sql.query(select_members, first, last), records,
             [](auto const& row, auto& record) { record.mailbox.members.push_back(member_from(row)); });
    hand_out(sql.query(select_credentials, first, last), records,
             [](auto const& row, auto& record) { record.credentials.push_back(credential_from(row)); });
}

}  // namespace

std::vector<MailboxRecord> Session::mailboxes_from(sql::Rows const& rows)
{
    std::vector<MailboxRecord> found;
    found.reserve(rows.size());
    for (auto const& row : rows) {
        found.push_back(record_from(row));
        add_parts(sql_, {&found.back(), 1});
    }
    return found;
}

std::optional<MailboxRecord> Session::mailbox(std::string_view name)
{
    auto found = mailboxes_from(sql_.query(text(select_mailbox, "WHERE name = ? AND state <> 'deleted'"), name));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::vector<MailboxRecord> Session::deleted_mailboxes(std::string_view name)
{
    return mailboxes_from(sql_.query(text(select_mailbox,
                                          "WHERE name = ? AND state = 'deleted' "
                                          "ORDER BY COALESCE(restorable_until, -1) DESC, id DESC"),
                                     name));
}

std::optional<MailboxRecord> Session::mailbox_by_id(std::string_view id)
{
    auto found = mailboxes_from(sql_.query(text(select_mailbox, "WHERE id = ?"), id));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

// `next(last)` reads a page of rows after one that was seen; what fits the mask is kept until `limit` is reached.
template <class Next>
std::vector<mail::Mailbox> Session::paged(Mask const& mask, NameAndId last, int limit, Next next)
{
    std::vector<mail::Mailbox> found;
    for (;;) {
        auto rows = next(last);
        bool const more = rows.size() == static_cast<std::size_t>(page);
        if (more) last = {rows.back().text(1), rows.back().text(0)};
        bool const past = !rows.empty() && mask.is_past(rows.back().text(1));
        std::erase_if(rows, [&](auto const& row) { return !mask.matches(row.text(1)); });
        auto const room = static_cast<std::size_t>(limit) - found.size();
        if (rows.size() > room) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(room), rows.end());
        for (auto& record : mailboxes_from(rows)) found.push_back(std::move(record.mailbox));
        if (!more || past || found.size() >= static_cast<std::size_t>(limit)) return found;
    }
}

std::vector<mail::Mailbox> Session::mailboxes(std::string_view wanted, std::string_view after, int limit,
                                              Scope const& scope)
{
    Mask const mask(wanted);
    return of_domains(
        mask, scope, limit, [&](std::string_view domain) { return mailboxes_in(domain, mask, after, limit); },
        [](mail::Mailbox const& mailbox) { return std::string_view(mailbox.name); });
}

std::vector<mail::Mailbox> Session::mailboxes_in(std::string_view domain, Mask const& mask, std::string_view after,
                                                 int limit)
{
    return paged(mask, {std::string(after), {}}, limit, [&](NameAndId const& last) {
        return domain.empty()
                   ? sql_.query(text(select_mailbox,
                                     "WHERE name > ? AND name >= ? AND state <> 'deleted' ORDER BY name LIMIT ?"),
                                last.name, mask.prefix(), page)
                   : sql_.query(text(select_mailbox,
                                     "WHERE domain = ? AND name > ? AND name >= ? AND state <> 'deleted' "
                                     "ORDER BY name LIMIT ?"),
                                domain, last.name, mask.prefix(), page);
    });
}

std::vector<mail::Mailbox> Session::deleted_mailboxes(std::string_view wanted, NameAndId const& after, int limit,
                                                      Scope const& scope)
{
    Mask const mask(wanted);
    return of_domains(
        mask, scope, limit,
        [&](std::string_view domain) { return deleted_mailboxes_in(domain, !scope.everywhere, mask, after, limit); },
        [](mail::Mailbox const& mailbox) {
            return std::pair<std::string_view, std::string_view>(mailbox.name, mailbox.id.text());
        });
}

std::vector<mail::Mailbox> Session::deleted_mailboxes_in(std::string_view domain, bool of_this_one, Mask const& mask,
                                                         NameAndId const& after, int limit)
{
    return paged(mask, after, limit, [&](NameAndId const& last) {
        return sql_.query(text(select_mailbox,
                               "WHERE state = 'deleted' AND (? = '' OR domain = ?) AND name >= ? AND name >= ? "
                               "AND (name > ? OR id > ?) "
                               "AND (? = 0 OR domain_id = (SELECT d.id FROM domain d WHERE d.name = mailbox.domain)) "
                               "ORDER BY name, id LIMIT ?"),
                          domain, domain, last.name, mask.prefix(), last.name, last.id, of_this_one, page);
    });
}

// In the order of ids, which is that of their making, so that the tables are read from front to back.
void Session::every_mailbox(std::function<void(MailboxRecord const&)> const& visit)
{
    std::string last;
    for (;;) {
        auto const rows = sql_.query(text(select_mailbox, "WHERE id > ? ORDER BY id LIMIT ?"), last, page);
        if (rows.empty()) return;
        std::vector<MailboxRecord> records;
        records.reserve(rows.size());
        for (auto const& row : rows) records.push_back(record_from(row));
        add_parts(sql_, records);
        for (auto const& record : records) visit(record);
        if (rows.size() < static_cast<std::size_t>(page)) return;
        last = records.back().mailbox.id.text();
    }
}

}  // namespace provost::store
