// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>

#include "store/columns.h"
#include "store/pages.h"
#include "store/session.h"

namespace provost::store {
namespace {

AuditEntry entry_from(sql::Row const& row)
{
    return {.revision = static_cast<Revision>(row.integer(0)),
            .at = from_millis(row.integer(1)),
            .actor = {row.text(2), row.text(3)},
            .act = row.text(4),
            .subject = row.text(5),
            .before = row.text(6),
            .after = row.text(7)};
}

// The domain that something was done to or in; empty where it was neither. The name of an admin may look like an
// address.
std::string_view domain_of(AuditEntry const& entry)
{
    if (entry.act.starts_with("domain.")) return entry.subject;
    if (entry.act.starts_with("mailbox.") || entry.act.starts_with("alias.")) return domain_part(entry.subject);
    return {};
}

constexpr std::string_view columns =
    "SELECT revision, at, actor, actor_from, act, subject, state_before, state_after FROM audit ";

}  // namespace

void Session::audit_act(std::string_view act, std::string_view subject, std::string_view before, std::string_view after)
{
    sql_.query(
        "INSERT INTO audit (revision, seq, at, actor, actor_from, act, subject, state_before, state_after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        revision_, ++audit_count_, at_, actor_.name, actor_.from, act, subject, before, after);
}

Revision Session::named_since(std::string_view domain)
{
    auto const rows = sql_.query(
        "SELECT MAX(revision) FROM audit WHERE subject = ? AND act IN ('domain.add', 'domain.rename')", domain);
    return static_cast<Revision>(rows.at(0).integer_or_null(0).value_or(0));
}

// A mailbox that was deleted in the last domain of that name may still be changed and purged.
bool Session::was_there(AuditEntry const& entry, Revision since)
{
    if (entry.act != "mailbox.set" && entry.act != "mailbox.purge" && entry.act != "mailbox.released") return true;
    return !sql_.query(
                    "SELECT revision FROM audit WHERE subject = ? AND revision >= ? AND revision <= ? AND act IN "
                    "('mailbox.add', 'mailbox.adopt', 'mailbox.restore', 'mailbox.rename', 'mailbox.delete') LIMIT 1",
                    entry.subject, since, entry.revision)
                .empty();
}

std::vector<AuditEntry> Session::audit(std::string_view wanted, Revision before, int limit, Scope const& scope)
{
    Mask const mask(wanted);
    std::vector<AuditEntry> found;
    // What was done under a domain's name before is the business of whoever had it then.
    std::map<std::string, Revision, std::less<>> since;
    auto const is_within = [&](AuditEntry const& entry) {
        if (scope.everywhere) return true;
        auto const domain = domain_of(entry);
        if (domain.empty() || !scope.has_domain(domain)) return false;
        auto known = since.find(domain);
        if (known == since.end()) known = since.emplace(domain, named_since(domain)).first;
        return entry.revision >= known->second && was_there(entry, known->second);
    };
    auto last = before == 0 ? INT64_MAX : static_cast<std::int64_t>(before);
    for (;;) {
        // Whole revisions at a time, since a revision is the place the next page goes on from.
        auto const range = sql_.query(
            "SELECT MIN(revision), COUNT(*) FROM (SELECT revision FROM audit WHERE revision < ? "
            "ORDER BY revision DESC LIMIT ?) newest",
            last, page);
        auto const first = range.at(0).integer_or_null(0);
        if (!first) return found;
        auto const rows = mask.is_exact()
                              ? sql_.query(std::string(columns).append("WHERE subject = ? AND revision < ? "
                                                                       "ORDER BY revision DESC, seq DESC LIMIT ?"),
                                           mask.prefix(), last, page)
                              : sql_.query(std::string(columns).append("WHERE revision >= ? AND revision < ? "
                                                                       "ORDER BY revision DESC, seq DESC"),
                                           *first, last);
        for (auto const& row : rows) {
            auto entry = entry_from(row);
            if (!mask.matches(entry.subject) || !is_within(entry)) continue;
            if (found.size() >= static_cast<std::size_t>(limit) && found.back().revision != entry.revision)
                return found;
            found.push_back(std::move(entry));
        }
        if (mask.is_exact()) return found;
        last = *first;
    }
}

}  // namespace provost::store
