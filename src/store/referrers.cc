// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <set>

#include "store/columns.h"
#include "store/session.h"

namespace provost::store {
namespace {

// Where an address can be named.
struct Place {
    Kind kind;
    std::string_view select;  // who names it, and what
    std::string_view column;
};
constexpr std::array places{
    Place{Kind::alias, "SELECT alias_id, address FROM alias_target ", "address"},
    Place{Kind::alias, "SELECT alias_id, address FROM alias_poster ", "address"},
    Place{Kind::mailbox, "SELECT mailbox_id, address FROM mailbox_forward ", "address"},
    Place{Kind::mailbox, "SELECT id, recovery_address FROM mailbox ", "recovery_address"},
    Place{Kind::domain, "SELECT domain_id, address FROM domain_catch_all ", "address"},
    Place{Kind::domain, "SELECT id, archive_to FROM domain ", "archive_to"},
};

}  // namespace

Referrers Session::read_referrers(std::set<std::pair<Kind, std::string>> const& found)
{
    Referrers referrers;
    for (auto const& [kind, id] : found) {
        switch (kind) {
            case Kind::domain:
                if (auto domain = domain_by_id(id)) referrers.domains.push_back(*std::move(domain));
                break;
            case Kind::mailbox:
                if (auto record = mailbox_by_id(id)) referrers.mailboxes.push_back(std::move(record->mailbox));
                break;
            case Kind::alias:
                if (auto alias = alias_by_id(id)) referrers.aliases.push_back(*std::move(alias));
                break;
            case Kind::admin:
            case Kind::token:
                break;  // name no address
        }
    }
    return referrers;
}

Referrers Session::referrers(std::string_view address, char delimiter)
{
    auto const at = std::min(address.rfind('@'), address.size());
    auto const local = address.substr(0, at);
    // Those with an extension lie between "bob+" and "bob,". What has one itself has no other.
    bool const extends = delimiter != '\0' && at < address.size() && local.find(delimiter) == std::string_view::npos;
    std::string first(extends ? local : address);
    if (extends) first += delimiter;
    auto last = first;
    if (extends) ++last.back();
    std::set<std::pair<Kind, std::string>> found;
    for (auto const& place : places) {
        std::string const column(place.column);
        auto const where = "WHERE " + column + " = ? OR (" + column + " > ? AND " + column + " < ?)";
        for (auto const& row : sql_.query(std::string(place.select) + where, address, first, last))
            if (row.text(1) == address || row.text(1).ends_with(address.substr(at)))
                found.emplace(place.kind, row.text(0));
    }
    return read_referrers(found);
}

Referrers Session::referrers_into(std::string_view domain)
{
    std::set<std::pair<Kind, std::string>> found;
    for (auto const& place : places) {
        auto const where = "WHERE " + std::string(place.column) + " IS NOT NULL";
        for (auto const& row : sql_.query(std::string(place.select) + where))
            if (domain_part(row.text(1)) == domain) found.emplace(place.kind, row.text(0));
    }
    for (auto const& row : sql_.query("SELECT mailbox_id, name FROM mailbox_name WHERE role = 'login'"))
        if (domain_part(row.text(1)) == domain) found.emplace(Kind::mailbox, row.text(0));
    for (auto const& row : sql_.query("SELECT id FROM domain WHERE maps_to = ?", domain))
        found.emplace(Kind::domain, row.text(0));
    return read_referrers(found);
}

}  // namespace provost::store
