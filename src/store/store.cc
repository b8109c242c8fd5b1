// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include "base/random.h"
#include "sql/engines.h"
#include "sql/pool.h"
#include "store/migrations.h"
#include "store/session.h"

namespace provost::store {
namespace {

// How long an act is tried while the engine says Busy. The command line waits for an answer, and locks are held for
// milliseconds: who holds one longer is a stuck process, and the administrator is told so.
constexpr std::chrono::milliseconds busy_for{2000};

template <class Try>
auto while_busy(Try attempt)
{
    Stopwatch const since;
    for (;;) {
        try {
            return attempt();
        } catch (sql::Busy const&) {
            if (since.elapsed() >= busy_for) throw;
        }
    }
}

class SqlStore final : public Store {
    // A transaction that is no act.
    template <class Use>
    auto write(Use use)
    {
        return while_busy([&] {
            return pool_.with(sql::Access::write, [&](sql::Connection& connection) {
                sql::Transaction transaction(connection, sql::Access::write);
                Session session(connection);
                if constexpr (std::is_void_v<decltype(use(session))>) {
                    use(session);
                    transaction.commit();
                } else {
                    auto outcome = use(session);
                    transaction.commit();
                    return outcome;
                }
            });
        });
    }

public:
    explicit SqlStore(sql::Connect connect) : pool_(std::move(connect)) {}

    Result<Position> act(Actor const& actor, std::function<Result<void>(Writing&)> const& act) override
    {
        return run(actor, act, true);
    }

    Result<void> rehearse(Actor const& actor, std::function<Result<void>(Writing&)> const& act) override
    {
        CHECK_OK(run(actor, act, false));
        return {};
    }

    void read(std::function<void(Reading&)> const& use) override
    {
        pool_.with(sql::Access::read, [&](sql::Connection& connection) {
            sql::Transaction const snapshot(connection, sql::Access::read);
            Session session(connection);
            // The first statement takes the snapshot, and is the only one that may find a lock in its way.
            while_busy([&] { return session.position(); });
            use(session);
        });
    }

    void observe_usage(std::vector<std::pair<std::string, Usage>> const& by_name) override
    {
        write([&](Session& session) {
            for (auto const& [name, usage] : by_name) session.observe(name, usage);
        });
    }

    void observe_sign_ins(std::vector<SignIn> const& sign_ins) override
    {
        write([&](Session& session) {
            for (auto const& sign_in : sign_ins) session.observe(sign_in);
        });
    }

    std::vector<Work> take_work(Time now, std::chrono::milliseconds lease, int most) override
    {
        return write([&](Session& session) { return session.take_work(now, lease, most); });
    }

    void finish_work(std::string_view id) override
    {
        write([&](Session& session) { session.finish_work(id); });
    }

    void postpone_work(std::string_view id, Time due, std::string_view error) override
    {
        write([&](Session& session) { session.postpone_work(id, due, error); });
    }

    std::vector<Work> pending_work(int most) override
    {
        std::vector<Work> found;
        pool_.with(sql::Access::read,
                   [&](sql::Connection& connection) { found = Session(connection).pending_work(most); });
        return found;
    }

    std::int64_t prune_changes(Time before) override
    {
        return write([&](Session& session) { return session.prune_changes(before); });
    }

private:
    Result<Position> run(Actor const& actor, std::function<Result<void>(Writing&)> const& act, bool keep)
    {
        try {
            return while_busy([&] {
                return pool_.with(sql::Access::write, [&](sql::Connection& connection) -> Result<Position> {
                    sql::Transaction transaction(connection, sql::Access::write);
                    Session session(connection);
                    session.start_act(actor);
                    CHECK_OK(act(session));
                    auto position = session.position();
                    if (keep) transaction.commit();
                    return position;
                });
            });
        } catch (sql::Conflict const& conflict) {
            return fail(Fault::conflict, conflict.what());
        }
    }

    sql::Pool pool_;
};

// The first life of a database begins.
void make_epoch(sql::Connection& connection)
{
    if (!connection.query("SELECT id FROM revision").empty()) return;
    sql::Transaction transaction(connection, sql::Access::write);
    if (!connection.query("SELECT id FROM revision").empty()) return;
    auto const nonce = random_token();
    connection.query("INSERT INTO revision (id, epoch, revision, nonce) VALUES (1, ?, 0, ?)", random_token(), nonce);
    connection.query("INSERT INTO revision_log (revision, nonce, at) VALUES (0, ?, ?)", nonce, now());
    transaction.commit();
}

// A database put in the place of the one that was opened, such as a restored backup, may be of another schema.
sql::Connect checked(sql::Connect connect, int version)
{
    return [connect = std::move(connect), version] {
        auto connection = connect();
        auto const found = schema_version(*connection);
        if (found != version)
            throw sql::Unreachable("the database was replaced by one of schema " + std::to_string(found) +
                                   " where this is schema " + std::to_string(version) + ": restart provostd");
        return connection;
    };
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(std::string const& url, std::string const& schema)
{
    auto const creating = TRY(sql::engine_for(url, {.create = true}));
    auto opening = TRY(sql::engine_for(url));
    auto const migrations = TRY(read_migrations(schema));
    try {
        auto const connection = while_busy(creating);
        CHECK_OK(while_busy([&] { return migrate(*connection, migrations); }));
        while_busy([&] { make_epoch(*connection); });
    } catch (std::exception const& error) {
        return fail(Fault::unavailable, std::string("the database cannot be opened: ") + error.what());
    }
    return std::make_unique<SqlStore>(checked(std::move(opening), migrations.back().number));
}

}  // namespace provost::store
