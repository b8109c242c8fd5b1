// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>

#include "base/text.h"
#include "store/columns.h"
#include "store/session.h"

namespace provost::store {
namespace {

constexpr auto select_domain =
    "SELECT id, name, kind, description, enabled, expires, maps_to, transport, archive_to, limit_mailboxes, "
    "limit_aliases, limit_aliases_per_mailbox, limit_external_aliases, limit_quota_per_mailbox, default_quota, "
    "limit_total_quota, created FROM domain";

mail::Domain domain_from(sql::Row const& row)
{
    mail::Domain domain{.id = DomainId(row.text(0)), .name = stored(mail::DomainName::parse(row.text(1)))};
    domain.kind = stored(mail::parse_domain_kind(row.text(2)));
    domain.description = row.text(3);
    domain.enabled = row.flag(4);
    domain.expires = row.time_or_null(5);
    if (!row.is_null(6)) domain.maps_to = stored(mail::DomainName::parse(row.text(6)));
    domain.transport = row.text(7);
    domain.archive_to = stored_address_or_null(row, 8);
    domain.limits.mailboxes = stored_limit(row, 9);
    domain.limits.aliases = stored_limit(row, 10);
    domain.limits.aliases_per_mailbox = stored_limit(row, 11);
    domain.limits.external_aliases = stored_limit(row, 12);
    domain.limits.quota_per_mailbox = stored_limit(row, 13);
    domain.limits.default_quota = stored_limit(row, 14);
    domain.limits.total_quota = stored_limit(row, 15);
    domain.created = from_millis(row.integer(16));
    return domain;
}

// a * b + c of numbers that are not negative, or the most there is.
std::int64_t saturated(std::int64_t a, std::int64_t b, std::int64_t c)
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return a > (most - c) / b ? most : a * b + c;
}

}  // namespace

std::vector<mail::Domain> Session::domains_from(sql::Rows const& rows)
{
    std::vector<mail::Domain> found;
    found.reserve(rows.size());
    for (auto const& row : rows) {
        auto& domain = found.emplace_back(domain_from(row));
        auto const parts =
            sql_.query("SELECT address FROM domain_catch_all WHERE domain_id = ? ORDER BY seq", domain.id);
        for (auto const& part : parts) domain.catch_all.push_back(stored_address(part.text(0)));
    }
    return found;
}

std::optional<mail::Domain> Session::domain(std::string_view name)
{
    auto found = domains_from(sql_.query(std::string(select_domain) + " WHERE name = ?", name));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::optional<mail::Domain> Session::domain_by_id(std::string_view id)
{
    auto found = domains_from(sql_.query(std::string(select_domain) + " WHERE id = ?", id));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::vector<mail::Domain> Session::domains(std::string_view mask)
{
    auto found = domains_from(sql_.query(std::string(select_domain) + " ORDER BY name"));
    if (!mask.empty()) std::erase_if(found, [&](auto const& d) { return !matches_mask(mask, d.name.text()); });
    return found;
}

void Session::every_domain(std::function<void(mail::Domain const&)> const& visit)
{
    for (auto const& domain : domains("")) visit(domain);
}

DomainCounts Session::counts(std::string_view domain)
{
    DomainCounts counts;
    // In MiB and the bytes beyond, since an engine ends a query whose sum does not fit into 64 bits.
    auto const mailboxes = sql_.query(
        "SELECT COUNT(*), SUM(CASE WHEN quota_bytes > 0 THEN (quota_bytes - quota_bytes % 1048576) / 1048576 ELSE 0 "
        "END), "
        "SUM(CASE WHEN quota_bytes > 0 THEN quota_bytes % 1048576 ELSE 0 END) FROM mailbox "
        "WHERE domain = ? AND state <> 'deleted'",
        domain);
    counts.mailboxes = mailboxes.at(0).integer(0);
    counts.quota_sum = saturated(mailboxes.at(0).integer_or_null(1).value_or(0), std::int64_t{1} << 20U,
                                 mailboxes.at(0).integer_or_null(2).value_or(0));
    counts.aliases = sql_.query("SELECT COUNT(*) FROM alias WHERE domain = ?", domain).at(0).integer(0);
    counts.external_aliases = sql_.query(
                                      "SELECT COUNT(DISTINCT a.id) FROM alias a "
                                      "JOIN alias_target t ON t.alias_id = a.id "
                                      "WHERE a.domain = ? AND t.domain <> a.domain "
                                      "AND NOT EXISTS (SELECT 1 FROM domain d WHERE d.name = t.domain)",
                                      domain)
                                  .at(0)
                                  .integer(0);
    return counts;
}

void Session::put(mail::Domain const& domain)
{
    auto const& limits = domain.limits;
    auto const maps_to = domain.maps_to ? std::optional(domain.maps_to->text()) : std::nullopt;
    sql_.query(
        "UPDATE domain SET name = ?, kind = ?, description = ?, enabled = ?, expires = ?, maps_to = ?, transport = ?, "
        "archive_to = ?, limit_mailboxes = ?, limit_aliases = ?, limit_aliases_per_mailbox = ?, "
        "limit_external_aliases = ?, limit_quota_per_mailbox = ?, default_quota = ?, limit_total_quota = ?, "
        "created = ?, revision = ? WHERE id = ?",
        domain.name.text(), mail::word(domain.kind), domain.description, domain.enabled, domain.expires, maps_to,
        domain.transport, text_of(domain.archive_to), limits.mailboxes.stored(), limits.aliases.stored(),
        limits.aliases_per_mailbox.stored(), limits.external_aliases.stored(), limits.quota_per_mailbox.stored(),
        limits.default_quota.stored(), limits.total_quota.stored(), domain.created, revision_, domain.id);
    if (sql_.changes() == 0) {
        if (!sql_.query("SELECT id FROM domain WHERE name = ?", domain.name.text()).empty())
            throw sql::Conflict("the domain " + domain.name.text() + " exists already");
        sql_.query(
            "INSERT INTO domain (name, kind, description, enabled, expires, maps_to, transport, archive_to, "
            "limit_mailboxes, limit_aliases, limit_aliases_per_mailbox, limit_external_aliases, "
            "limit_quota_per_mailbox, default_quota, limit_total_quota, created, revision, id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            domain.name.text(), mail::word(domain.kind), domain.description, domain.enabled, domain.expires, maps_to,
            domain.transport, text_of(domain.archive_to), limits.mailboxes.stored(), limits.aliases.stored(),
            limits.aliases_per_mailbox.stored(), limits.external_aliases.stored(), limits.quota_per_mailbox.stored(),
            limits.default_quota.stored(), limits.total_quota.stored(), domain.created, revision_, domain.id);
    }
    sql_.query("DELETE FROM domain_catch_all WHERE domain_id = ?", domain.id);
    int seq = 0;
    for (auto const& address : domain.catch_all)
        sql_.query("INSERT INTO domain_catch_all (domain_id, seq, address) VALUES (?, ?, ?)", domain.id, seq++,
                   address.text());
    changed(Kind::domain, domain.id.text());
}

void Session::remove(DomainId const& id)
{
    leave_admins(id);
    leave_tokens(id);
    sql_.query("DELETE FROM domain_catch_all WHERE domain_id = ?", id);
    sql_.query("DELETE FROM domain WHERE id = ?", id);
    changed(Kind::domain, id.text());
}

}  // namespace provost::store
