// SPDX-License-Identifier: Apache-2.0
#include "store/columns.h"
#include "store/pages.h"
#include "store/session.h"

namespace provost::store {
namespace {

constexpr std::string_view select_alias =
    "SELECT a.id, a.address, a.description, a.enabled, a.expires, a.targets_may_send, a.posting, a.created "
    "FROM alias a ";

std::string select(std::string_view where) { return std::string(select_alias).append(where); }

mail::Alias alias_from(sql::Row const& row)
{
    mail::Alias alias{.id = AliasId(row.text(0)), .address = stored_address(row.text(1))};
    alias.description = row.text(2);
    alias.enabled = row.flag(3);
    alias.expires = row.time_or_null(4);
    alias.targets_may_send = row.flag(5);
    alias.posting = stored(mail::parse_posting(row.text(6)));
    alias.created = from_millis(row.integer(7));
    return alias;
}

}  // namespace

std::vector<mail::Alias> Session::aliases_from(sql::Rows const& rows)
{
    std::vector<mail::Alias> found;
    found.reserve(rows.size());
    for (auto const& row : rows) {
        auto& alias = found.emplace_back(alias_from(row));
        for (auto const& part :
             sql_.query("SELECT address FROM alias_target WHERE alias_id = ? ORDER BY seq", alias.id))
            alias.targets.push_back(stored_address(part.text(0)));
        for (auto const& part :
             sql_.query("SELECT address FROM alias_poster WHERE alias_id = ? ORDER BY seq", alias.id))
            alias.posters.push_back(stored_address(part.text(0)));
    }
    return found;
}

std::optional<mail::Alias> Session::alias(std::string_view address)
{
    auto found = aliases_from(sql_.query(select("WHERE a.address = ?"), address));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::optional<mail::Alias> Session::alias_by_id(std::string_view id)
{
    auto found = aliases_from(sql_.query(select("WHERE a.id = ?"), id));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::vector<mail::Alias> Session::aliases(std::string_view wanted, std::string_view after, int limit,
                                          Scope const& scope)
{
    Mask const mask(wanted);
    return of_domains(
        mask, scope, limit, [&](std::string_view domain) { return aliases_in(domain, mask, after, limit); },
        [](mail::Alias const& alias) { return std::string_view(alias.address.text()); });
}

std::vector<mail::Alias> Session::aliases_in(std::string_view domain, Mask const& mask, std::string_view after,
                                             int limit)
{
    std::vector<mail::Alias> found;
    std::string last(after);
    for (;;) {
        auto rows =
            domain.empty()
                ? sql_.query(select("WHERE a.address > ? AND a.address >= ? ORDER BY a.address LIMIT ?"), last,
                             mask.prefix(), page)
                : sql_.query(
                      select("WHERE a.domain = ? AND a.address > ? AND a.address >= ? ORDER BY a.address LIMIT ?"),
                      domain, last, mask.prefix(), page);
        bool const more = rows.size() == static_cast<std::size_t>(page);
        if (more) last = rows.back().text(1);
        bool const past = !rows.empty() && mask.is_past(rows.back().text(1));
        std::erase_if(rows, [&](auto const& row) { return !mask.matches(row.text(1)); });
        auto const room = static_cast<std::size_t>(limit) - found.size();
        if (rows.size() > room) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(room), rows.end());
        for (auto& alias : aliases_from(rows)) found.push_back(std::move(alias));
        if (!more || past || found.size() >= static_cast<std::size_t>(limit)) return found;
    }
}

std::vector<mail::Alias> Session::aliases_with_target(std::string_view address)
{
    return aliases_from(sql_.query(
        select("WHERE a.id IN (SELECT alias_id FROM alias_target WHERE address = ?) ORDER BY a.address"), address));
}

void Session::every_alias(std::function<void(mail::Alias const&)> const& visit)
{
    std::string last;
    for (;;) {
        auto const found = aliases("", last, page, {});
        for (auto const& alias : found) visit(alias);
        if (found.size() < static_cast<std::size_t>(page)) return;
        last = found.back().address.text();
    }
}

void Session::put(mail::Alias const& a)
{
    claim("alias", a.id.text(), {{a.address.text(), "address"}});
    sql_.query(
        "UPDATE alias SET address = ?, domain = ?, description = ?, enabled = ?, expires = ?, targets_may_send = ?, "
        "posting = ?, created = ?, revision = ? WHERE id = ?",
        a.address.text(), a.address.domain(), a.description, a.enabled, a.expires, a.targets_may_send,
        mail::word(a.posting), a.created, revision_, a.id);
    if (sql_.changes() == 0)
        sql_.query(
            "INSERT INTO alias (address, domain, description, enabled, expires, targets_may_send, posting, created, "
            "revision, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            a.address.text(), a.address.domain(), a.description, a.enabled, a.expires, a.targets_may_send,
            mail::word(a.posting), a.created, revision_, a.id);

    sql_.query("DELETE FROM alias_target WHERE alias_id = ?", a.id);
    int seq = 0;
    for (auto const& target : a.targets)
        sql_.query("INSERT INTO alias_target (alias_id, seq, address, domain) VALUES (?, ?, ?, ?)", a.id, seq++,
                   target.text(), target.domain());
    sql_.query("DELETE FROM alias_poster WHERE alias_id = ?", a.id);
    seq = 0;
    for (auto const& poster : a.posters)
        sql_.query("INSERT INTO alias_poster (alias_id, seq, address) VALUES (?, ?, ?)", a.id, seq++, poster.text());
    changed(Kind::alias, a.id.text());
}

void Session::remove(AliasId const& id)
{
    claim("alias", id.text(), {});
    sql_.query("DELETE FROM alias_target WHERE alias_id = ?", id);
    sql_.query("DELETE FROM alias_poster WHERE alias_id = ?", id);
    sql_.query("DELETE FROM alias WHERE id = ?", id);
    changed(Kind::alias, id.text());
}

}  // namespace provost::store
