// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "base/text.h"
#include "store/session.h"

namespace provost::store {

std::optional<std::string> Session::owner_of_name(std::string_view name)
{
    auto const rows = sql_.query("SELECT owner_kind, owner_id FROM name WHERE name = ? AND role <> 'former'", name);
    if (rows.empty()) return std::nullopt;
    return rows[0].text(0) + ":" + rows[0].text(1);
}

// In the order of acts and not of their times, since a clock may have been set back between two of them.
std::optional<std::string> Session::mailbox_known_as(std::string_view name, Time at)
{
    auto const taken = sql_.query(
        "SELECT t.at, m.id FROM name_taken t LEFT JOIN mailbox m ON m.id = t.mailbox_id "
        "WHERE t.name = ? ORDER BY t.revision",
        name);
    if (taken.empty()) {
        auto const owner = sql_.query("SELECT owner_id FROM name WHERE name = ? AND owner_kind = 'mailbox'", name);
        return owner.empty() ? std::nullopt : std::optional(owner[0].text(0));
    }
    auto const* holder = &taken[0];
    for (auto const& row : taken)
        if (row.integer(0) <= to_millis(at)) holder = &row;
    // Purged by now.
    if (holder->is_null(1)) return std::nullopt;
    return holder->text(1);
}

void Session::claim(std::string_view owner_kind, std::string_view owner_id, std::vector<Claim> const& wanted)
{
    // A name wanted twice is wanted in its first, strongest role.
    std::map<std::string, std::string> missing;
    for (auto const& one : wanted) missing.emplace(one.name, one.role);
    for (auto const& row : sql_.query("SELECT name, role FROM name WHERE owner_id = ?", owner_id)) {
        auto const kept = missing.find(row.text(0));
        if (kept != missing.end() && kept->second == row.text(1)) missing.erase(kept);
        else sql_.query("DELETE FROM name WHERE name = ?", row.text(0));
    }
    for (auto const& [name, role] : missing) take_name(owner_kind, owner_id, {name, role});
}

void Session::take_name(std::string_view owner_kind, std::string_view owner_id, Claim const& claim)
{
    auto const holder = sql_.query("SELECT owner_kind, owner_id, role FROM name WHERE name = ?", claim.name);
    if (!holder.empty()) {
        if (claim.role == "former") return;
        if (holder[0].text(2) != "former")
            throw sql::Conflict(escaped(claim.name) + " is taken: it is the " + holder[0].text(2) + " of " +
                                describe_owner(holder[0].text(0), holder[0].text(1)));
        sql_.query("DELETE FROM name WHERE name = ?", claim.name);
        sql_.query("DELETE FROM mailbox_name WHERE mailbox_id = ? AND name = ? AND role = 'former'", holder[0].text(1),
                   claim.name);
        touch_mailbox(holder[0].text(1));
    }
    sql_.query("INSERT INTO name (name, owner_kind, owner_id, role) VALUES (?, ?, ?, ?)", claim.name, owner_kind,
               owner_id, claim.role);
    if (owner_kind != "mailbox" || claim.role == "former") return;
    sql_.query("DELETE FROM name_taken WHERE name = ? AND revision = ?", claim.name, revision_);
    sql_.query("INSERT INTO name_taken (name, revision, at, mailbox_id) VALUES (?, ?, ?, ?)", claim.name, revision_,
               at_, owner_id);
}

std::string Session::describe_owner(std::string_view kind, std::string_view id)
{
    auto const rows = kind == "alias" ? sql_.query("SELECT address FROM alias WHERE id = ?", id)
                                      : sql_.query("SELECT name FROM mailbox WHERE id = ?", id);
    return (kind == "alias" ? "alias " : "mailbox ") + (rows.empty() ? "(new)" : escaped(rows[0].text(0)));
}

}  // namespace provost::store
