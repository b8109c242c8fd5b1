// SPDX-License-Identifier: Apache-2.0
#include "sql/pool.h"

namespace provost::sql {

Pool::Pool(Connect connect, Limits limits) : connect_(std::move(connect)), limits_(limits)
{
    reading_.most = limits.readers;
}

std::unique_ptr<Connection> Pool::take(Access access, std::chrono::milliseconds wait)
{
    std::unique_ptr<Connection> connection;
    {
        std::unique_lock lock(mutex_);
        auto& from = side(access);
        if (!freed_.wait_for(lock, wait, [&] { return from.out < from.most; }))
            throw Busy("no connection to the database became free in " + std::to_string(wait.count()) + " ms" +
                       (from.waits_for.empty() ? "" : "; those in use wait: " + from.waits_for));
        ++from.out;
        if (!from.idle.empty()) {
            connection = std::move(from.idle.back());
            from.idle.pop_back();
        }
    }
    try {
        if (connection && !connection->usable()) connection.reset();
        if (!connection) connection = connect_();
    } catch (...) {
        give_back(access, nullptr, {});
        throw;
    }
    return connection;
}

void Pool::give_back(Access access, std::unique_ptr<Connection> connection, std::string waits_for)
{
    if (connection && !connection->usable()) connection.reset();
    {
        std::lock_guard const lock(mutex_);
        auto& to = side(access);
        --to.out;
        to.waits_for = std::move(waits_for);
        if (connection) to.idle.push_back(std::move(connection));
    }
    freed_.notify_all();
}

}  // namespace provost::sql
