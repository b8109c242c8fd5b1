// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "store/session.h"

namespace provost::store {
namespace {

void add(std::vector<Lapse>& found, sql::Rows const& rows, Kind kind)
{
    for (auto const& row : rows) found.push_back({from_millis(row.integer(0)), row.text(1), kind});
}

}  // namespace

std::vector<Lapse> Session::expiring(Lapse const& after, Time until, int limit)
{
    std::vector<Lapse> found;
    add(found,
        sql_.query("SELECT expires, id FROM domain WHERE expires >= ? AND expires <= ? AND (expires > ? OR id > ?) "
                   "ORDER BY expires, id LIMIT ?",
                   after.at, until, after.at, after.id, limit),
        Kind::domain);
    add(found,
        sql_.query("SELECT expires, id FROM mailbox WHERE expires >= ? AND expires <= ? AND (expires > ? OR id > ?) "
                   "AND state <> 'deleted' ORDER BY expires, id LIMIT ?",
                   after.at, until, after.at, after.id, limit),
        Kind::mailbox);
    add(found,
        sql_.query("SELECT expires, id FROM alias WHERE expires >= ? AND expires <= ? AND (expires > ? OR id > ?) "
                   "ORDER BY expires, id LIMIT ?",
                   after.at, until, after.at, after.id, limit),
        Kind::alias);
    std::ranges::sort(found, {}, [](auto const& lapse) { return std::tie(lapse.at, lapse.id); });
    if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
    return found;
}

Time Session::latest_act()
{
    return from_millis(sql_.query("SELECT MAX(at) FROM revision_log").at(0).integer_or_null(0).value_or(0));
}

std::vector<Lapse> Session::past_restoring(Time until, int limit)
{
    std::vector<Lapse> found;
    add(found,
        sql_.query("SELECT restorable_until, id FROM mailbox WHERE restorable_until <= ? AND state = 'deleted' "
                   "ORDER BY restorable_until, id LIMIT ?",
                   until, limit),
        Kind::mailbox);
    return found;
}

}  // namespace provost::store
