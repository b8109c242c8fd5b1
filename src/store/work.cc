// SPDX-License-Identifier: Apache-2.0
#include "store/work.h"

#include "sql/engines.h"
#include "store/session.h"

namespace provost::store {
namespace {

constexpr std::string_view select_work =
    "SELECT id, target, verb, subject, detail, due, attempts, last_error FROM work ";

// Nothing is put off for as long: what seems to be was dated by a clock that was ahead.
constexpr std::chrono::hours too_long{1};

std::vector<Work> work_from(sql::Rows const& rows)
{
    std::vector<Work> found;
    for (auto const& row : rows)
        found.push_back({.id = row.text(0),
                         .target = row.text(1),
                         .verb = row.text(2),
                         .subject = row.text(3),
                         .detail = row.text(4),
                         .due = from_millis(row.integer(5)),
                         .attempts = static_cast<int>(row.integer(6)),
                         .last_error = row.text(7)});
    return found;
}

}  // namespace

void Session::add_work(Work const& work)
{
    sql_.query(
        "INSERT INTO work (id, target, verb, subject, detail, due, leased_until, attempts, last_error) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        work.id.empty() ? new_uuid() : work.id, work.target, work.verb, work.subject, work.detail, work.due, 0,
        work.attempts, work.last_error);
}

std::vector<Work> Session::take_work(Time now, std::chrono::milliseconds lease, int most)
{
    auto found =
        work_from(sql_.query(std::string(select_work)
                                 .append("WHERE (due <= ? OR due > ?) AND (leased_until <= ? OR leased_until > ?) "
                                         "ORDER BY due, id LIMIT ?"),
                             now, now + too_long, now, now + lease, most));
    // Another node may have taken one between the two statements.
    std::erase_if(found, [&](Work const& work) {
        sql_.query("UPDATE work SET leased_until = ? WHERE id = ? AND (leased_until <= ? OR leased_until > ?)",
                   now + lease, work.id, now, now + lease);
        return sql_.changes() != 1;
    });
    return found;
}

void Session::finish_work(std::string_view id) { sql_.query("DELETE FROM work WHERE id = ?", id); }

void Session::postpone_work(std::string_view id, Time due, std::string_view error)
{
    sql_.query("UPDATE work SET due = ?, leased_until = 0, attempts = attempts + 1, last_error = ? WHERE id = ?", due,
               error, id);
}

// Whoever has it in hand keeps it.
bool Session::hasten_work(std::string_view id, Time due)
{
    sql_.query("UPDATE work SET due = ? WHERE id = ?", due, id);
    return sql_.changes() == 1;
}

std::vector<Work> Session::work_about(std::string_view subject)
{
    return work_from(sql_.query(std::string(select_work).append("WHERE subject = ? ORDER BY due, id"), subject));
}

std::optional<Work> Session::work_by_id(std::string_view id)
{
    auto found = work_from(sql_.query(std::string(select_work).append("WHERE id = ?"), id));
    return found.empty() ? std::nullopt : std::optional(std::move(found[0]));
}

std::vector<Work> Session::pending_work(WorkPlace const& after, int limit)
{
    return work_from(
        sql_.query(std::string(select_work).append("WHERE due >= ? AND (due > ? OR id > ?) ORDER BY due, id LIMIT ?"),
                   after.due, after.due, after.id, limit));
}

Result<void> free_leases(std::string const& url, std::chrono::milliseconds busy)
{
    auto const connect = TRY(sql::engine_for(url, {.busy = busy}));
    try {
        connect()->query("UPDATE work SET leased_until = 0 WHERE leased_until > 0");
        return {};
    } catch (std::exception const& trouble) {
        return fail(Fault::unavailable, std::string("leases of work cannot be freed: ") + trouble.what());
    }
}

}  // namespace provost::store
