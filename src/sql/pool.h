// SPDX-License-Identifier: Apache-2.0
// Connections to one database: one that writes, and a few that read. A connection that was lost is opened anew when
// the next is asked for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sql/engines.h"

namespace provost::sql {

class Pool {
public:
    struct Limits {
        std::size_t readers = 4;               // connections that read at one time; further ones wait
        std::chrono::milliseconds wait{2500};  // for a free connection, before Busy
    };
    explicit Pool(Connect connect) : Pool(std::move(connect), Limits()) {}
    Pool(Connect connect, Limits limits);

    // Calls `use(connection)` and returns what it returns. Writers come one after the other; Busy, with what the others
    // wait for, when none is free within `wait`.
    template <class Use>
    decltype(auto) with(Access access, Use&& use)
    {
        return with(access, limits_.wait, std::forward<Use>(use));
    }
    template <class Use>
    decltype(auto) with(Access access, std::chrono::milliseconds wait, Use&& use)
    {
        Lease const lease(*this, access, wait);
        try {
            return use(lease.connection());
        } catch (Busy const& busy) {
            lease.waits_for(busy.what());
            throw;
        } catch (Unreachable const&) {
            lease.spoil();
            throw;
        }
    }

private:
    struct Side {
        std::vector<std::unique_ptr<Connection>> idle;
        std::size_t out = 0;
        std::size_t most = 1;
        std::string waits_for;  // what the last use of a connection was told as Busy; empty when it was not
    };

    class Lease {
    public:
        Lease(Pool& pool, Access access, std::chrono::milliseconds wait)
            : pool_(pool), access_(access), connection_(pool.take(access, wait))
        {
        }
        ~Lease() { pool_.give_back(access_, spoiled_ ? nullptr : std::move(connection_), std::move(waits_for_)); }
        Lease(Lease const&) = delete;
        Lease& operator=(Lease const&) = delete;
        Connection& connection() const { return *connection_; }
        void spoil() const { spoiled_ = true; }
        void waits_for(std::string what) const { waits_for_ = std::move(what); }

    private:
        Pool& pool_;
        Access access_;
        std::unique_ptr<Connection> connection_;
        mutable bool spoiled_ = false;
        mutable std::string waits_for_;
    };

    std::unique_ptr<Connection> take(Access access, std::chrono::milliseconds wait);
    void give_back(Access access, std::unique_ptr<Connection> connection, std::string waits_for);
    Side& side(Access access) { return access == Access::write ? writing_ : reading_; }

    Connect connect_;
    Limits limits_;
    std::mutex mutex_;
    std::condition_variable freed_;
    Side writing_;
    Side reading_;
};

}  // namespace provost::sql
