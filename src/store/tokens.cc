// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "store/columns.h"
#include "store/session.h"

namespace provost::store {
namespace {

constexpr std::string_view select_token =
    "SELECT id, admin_id, label, hash, role, all_domains, read_only, networks, expires, created FROM token ";

std::string select(std::string_view where) { return std::string(select_token).append(where); }

mail::Token token_from(sql::Row const& row)
{
    mail::Token token{.id = TokenId(row.text(0)), .admin = AdminId(row.text(1))};
    token.label = row.text(2);
    auto const hash = from_hex(row.text(3));
    if (!hash || hash->size() != 32) throw sql::Broken("the database holds a token without a SHA-256");
    token.hash = *hash;
    token.role = stored(mail::parse_role(row.text(4)));
    token.domains.all = row.flag(5);
    token.read_only = row.flag(6);
    if (!row.text(7).empty())
        for (auto network : split(row.text(7), '\n')) token.networks.emplace_back(network);
    token.expires = row.time_or_null(8);
    token.created = from_millis(row.integer(9));
    return token;
}

}  // namespace

std::vector<mail::Token> Session::tokens_from(sql::Rows const& rows)
{
    std::vector<mail::Token> found;
    found.reserve(rows.size());
    for (auto const& row : rows) {
        auto& token = found.emplace_back(token_from(row));
        for (auto const& part :
             sql_.query("SELECT d.id, d.name FROM token_domain p JOIN domain d ON d.id = p.domain_id "
                        "WHERE p.token_id = ? ORDER BY d.name",
                        token.id))
            token.domains.some.push_back({DomainId(part.text(0)), part.text(1)});
    }
    return found;
}

std::optional<mail::Token> Session::token_by_id(std::string_view id)
{
    auto found = tokens_from(sql_.query(select("WHERE id = ?"), id));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::vector<mail::Token> Session::tokens_of(std::string_view admin_id)
{
    return tokens_from(sql_.query(select("WHERE admin_id = ? ORDER BY created, id"), admin_id));
}

void Session::put(mail::Token const& t)
{
    auto const networks = joined(t.networks, "\n");
    auto const hash = to_hex(t.hash);
    sql_.query(
        "UPDATE token SET admin_id = ?, label = ?, hash = ?, role = ?, all_domains = ?, read_only = ?, networks = ?, "
        "expires = ?, created = ?, revision = ? WHERE id = ?",
        t.admin, t.label, hash, mail::word(t.role), t.domains.all, t.read_only, networks, t.expires, t.created,
        revision_, t.id);
    if (sql_.changes() == 0)
        sql_.query(
            "INSERT INTO token (admin_id, label, hash, role, all_domains, read_only, networks, expires, created, "
            "revision, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            t.admin, t.label, hash, mail::word(t.role), t.domains.all, t.read_only, networks, t.expires, t.created,
            revision_, t.id);
    sql_.query("DELETE FROM token_domain WHERE token_id = ?", t.id);
    for (auto const& domain : t.domains.some)
        sql_.query("INSERT INTO token_domain (token_id, domain_id) VALUES (?, ?)", t.id, domain.id);
    changed(Kind::token, t.id.text());
}

void Session::remove(TokenId const& id)
{
    sql_.query("DELETE FROM token_domain WHERE token_id = ?", id);
    sql_.query("DELETE FROM token_use WHERE token_id = ?", id);
    sql_.query("DELETE FROM token WHERE id = ?", id);
    changed(Kind::token, id.text());
}

void Session::leave_tokens(DomainId const& domain)
{
    for (auto const& row : sql_.query("SELECT token_id FROM token_domain WHERE domain_id = ?", domain))
        changed(Kind::token, row.text(0));
    sql_.query("DELETE FROM token_domain WHERE domain_id = ?", domain);
}

}  // namespace provost::store
