// SPDX-License-Identifier: Apache-2.0
#include "store/session.h"

namespace provost::store {

namespace {

// bytes, messages, at: from the column `first` on.
Usage usage_from(sql::Row const& row, std::size_t first)
{
    return {row.integer(first), row.integer(first + 1), from_millis(row.integer(first + 2))};
}

}  // namespace

std::optional<Usage> Session::usage(std::string_view mailbox_id)
{
    auto const rows = sql_.query("SELECT bytes, messages, at FROM mailbox_usage WHERE mailbox_id = ?", mailbox_id);
    if (rows.empty()) return std::nullopt;
    return usage_from(rows[0], 0);
}

void Session::every_usage(std::function<void(std::string_view mailbox_id, Usage const&)> const& visit)
{
    std::string last;
    for (;;) {
        auto const rows = sql_.query(
            "SELECT mailbox_id, bytes, messages, at FROM mailbox_usage WHERE mailbox_id > ? ORDER BY mailbox_id "
            "LIMIT ?",
            last, page);
        for (auto const& row : rows) visit(row.text(0), usage_from(row, 1));
        if (rows.size() < static_cast<std::size_t>(page)) return;
        last = rows.back().text(0);
    }
}

std::vector<std::pair<std::string, Time>> Session::last_logins(std::string_view mailbox_id)
{
    std::vector<std::pair<std::string, Time>> found;
    for (auto const& row :
         sql_.query("SELECT service, at FROM last_login WHERE mailbox_id = ? ORDER BY service", mailbox_id))
        found.emplace_back(row.text(0), from_millis(row.integer(1)));
    return found;
}

// What is seen of a name nobody has, or had, is dropped: its mailbox was purged meanwhile.
void Session::observe(std::string_view name, Usage const& usage)
{
    auto const mailbox = mailbox_known_as(name, usage.at);
    if (!mailbox) return;
    sql_.query("UPDATE mailbox_usage SET bytes = ?, messages = ?, at = ? WHERE mailbox_id = ?", usage.bytes,
               usage.messages, usage.at, *mailbox);
    if (sql_.changes() == 0)
        sql_.query("INSERT INTO mailbox_usage (bytes, messages, at, mailbox_id) VALUES (?, ?, ?, ?)", usage.bytes,
                   usage.messages, usage.at, *mailbox);
}

void Session::observe(Store::SignIn const& sign_in)
{
    auto const mailbox = mailbox_known_as(sign_in.name, sign_in.at);
    if (!mailbox) return;
    auto const known =
        sql_.query("SELECT at FROM last_login WHERE mailbox_id = ? AND service = ?", *mailbox, sign_in.service);
    if (known.empty())
        sql_.query("INSERT INTO last_login (at, from_address, mailbox_id, service) VALUES (?, ?, ?, ?)", sign_in.at,
                   sign_in.from, *mailbox, sign_in.service);
    else if (known[0].integer(0) < to_millis(sign_in.at))
        sql_.query("UPDATE last_login SET at = ?, from_address = ? WHERE mailbox_id = ? AND service = ?", sign_in.at,
                   sign_in.from, *mailbox, sign_in.service);
}

std::optional<TokenUse> Session::last_use(std::string_view token_id)
{
    auto const rows = sql_.query("SELECT at, from_address FROM token_use WHERE token_id = ?", token_id);
    if (rows.empty()) return std::nullopt;
    return TokenUse{std::string(token_id), from_millis(rows[0].integer(0)), rows[0].text(1)};
}

void Session::observe(TokenUse const& use)
{
    sql_.query("UPDATE token_use SET at = ?, from_address = ? WHERE token_id = ?", use.at, use.from, use.token);
    if (sql_.changes() != 0) return;
    // One that was revoked meanwhile is forgotten.
    if (sql_.query("SELECT id FROM token WHERE id = ?", use.token).empty()) return;
    sql_.query("INSERT INTO token_use (at, from_address, token_id) VALUES (?, ?, ?)", use.at, use.from, use.token);
}

}  // namespace provost::store
