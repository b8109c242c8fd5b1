// SPDX-License-Identifier: Apache-2.0
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

// The name of an admin may look like an address.
bool is_within(Scope const& scope, AuditEntry const& entry)
{
    if (scope.everywhere) return true;
    if (entry.act.starts_with("domain.")) return scope.has_domain(entry.subject);
    return (entry.act.starts_with("mailbox.") || entry.act.starts_with("alias.")) && scope.has(entry.subject);
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

std::vector<AuditEntry> Session::audit(std::string_view wanted, Revision before, int limit, Scope const& scope)
{
    Mask const mask(wanted);
    std::vector<AuditEntry> found;
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
            if (!mask.matches(entry.subject) || !is_within(scope, entry)) continue;
            if (found.size() >= static_cast<std::size_t>(limit) && found.back().revision != entry.revision)
                return found;
            found.push_back(std::move(entry));
        }
        if (mask.is_exact()) return found;
        last = *first;
    }
}

}  // namespace provost::store
