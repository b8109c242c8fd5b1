// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"
#include "store/session.h"

namespace provost::store {

void Session::start_act(Actor const& actor)
{
    actor_ = actor;
    at_ = now();
    auto const nonce = random_token();
    sql_.query("UPDATE revision SET revision = revision + 1, nonce = ? WHERE id = 1", nonce);
    if (sql_.changes() != 1) throw sql::Broken("the database has no revision row");
    revision_ = position().revision;
    sql_.query("INSERT INTO revision_log (revision, nonce, at) VALUES (?, ?, ?)", revision_, nonce, at_);
}

Position Session::position()
{
    auto const rows = sql_.query("SELECT epoch, revision, nonce FROM revision WHERE id = 1");
    if (rows.empty()) throw sql::Broken("the database has no revision row");
    return {rows[0].text(0), static_cast<Revision>(rows[0].integer(1)), rows[0].text(2)};
}

void Session::changed(Kind kind, std::string_view id)
{
    if (!changed_.emplace(kind, id).second) return;
    sql_.query("INSERT INTO change_log (revision, seq, kind, id) VALUES (?, ?, ?, ?)", revision_, ++change_count_,
               static_cast<int>(kind), id);
}

std::optional<std::vector<Change>> Session::changes(Position const& since, int limit)
{
    if (since.epoch != position().epoch) return std::nullopt;
    auto const known =
        sql_.query("SELECT nonce FROM revision_log WHERE revision = ?", static_cast<std::int64_t>(since.revision));
    if (known.empty() || known[0].text(0) != since.nonce) return std::nullopt;
    auto const rows =
        sql_.query("SELECT revision, kind, id FROM change_log WHERE revision > ? ORDER BY revision, seq LIMIT ?",
                   static_cast<std::int64_t>(since.revision), limit);
    std::vector<Change> found;
    found.reserve(rows.size());
    for (auto const& row : rows)
        found.push_back({static_cast<Revision>(row.integer(0)), static_cast<Kind>(row.integer(1)), row.text(2)});
    return found;
}

std::int64_t Session::prune_changes(Time before)
{
    // The newest revision stays, or a follower that is up to date would no longer find its position.
    auto const rows = sql_.query(
        "SELECT MAX(revision) FROM revision_log WHERE at < ? AND revision < (SELECT revision FROM revision WHERE id = "
        "1)",
        before);
    auto const last = rows.at(0).integer_or_null(0);
    if (!last) return 0;
    sql_.query("DELETE FROM change_log WHERE revision <= ?", *last);
    auto const forgotten = sql_.changes();
    sql_.query("DELETE FROM revision_log WHERE revision <= ?", *last);
    sql_.query("DELETE FROM name_taken WHERE at < ? AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.id = mailbox_id)",
               before);
    return forgotten;
}

}  // namespace provost::store
