// SPDX-License-Identifier: Apache-2.0
#include "store/standing.h"

#include "store/session.h"

namespace provost::store {

Standing standing_of(sql::Connection& connection)
{
    Standing standing{Session(connection).position(), {}};
    auto const rows = connection.query("SELECT at FROM revision_log WHERE revision = ?",
                                       static_cast<std::int64_t>(standing.position.revision));
    if (!rows.empty()) standing.last_act = from_millis(rows[0].integer(0));
    return standing;
}

}  // namespace provost::store
