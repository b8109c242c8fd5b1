// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <algorithm>
#include <thread>

#include "base/guarded.h"
#include "base/random.h"
#include "base/step.h"
#include "sql/engines.h"
#include "sql/pool.h"
#include "store/migrations.h"
#include "store/session.h"

namespace provost::store {
namespace {

// One try of a statement. Short, so that those who wait for the connection that writes get their turn at the lock.
constexpr std::chrono::milliseconds one_try{500};

// Between two tries: SQLite says Busy at once where waiting might be a deadlock.
constexpr std::chrono::milliseconds pause{5};

// Calls `attempt(time left)` until the engine does not say Busy, for `at_most`.
template <class Try>
auto while_busy(std::chrono::milliseconds at_most, Try attempt)
{
    Stopwatch const since;
    for (;;) {
        try {
            return attempt(std::max(at_most - since.elapsed(), std::chrono::milliseconds(0)));
        } catch (sql::Busy const&) {
            if (since.elapsed() >= at_most) throw;
            std::this_thread::sleep_for(pause);
        }
    }
}

class SqlStore final : public Store {
    // Calls `use` with the connection that writes, again while it is Busy, and remembers how that went.
    template <class Use>
    auto with_writer(Use use)
    {
        try {
            auto outcome = while_busy(busy_, [&](auto left) {
                return pool_.with(sql::Access::write, left, [&](auto& c) { return use(c); });
            });
            writing_trouble_.with([](std::string& trouble) { trouble.clear(); });
            return outcome;
        } catch (sql::Busy const& busy) {
            writing_trouble_.with([&](std::string& trouble) { trouble = busy.what(); });
            throw;
        } catch (sql::Unreachable const& unreachable) {
            writing_trouble_.with([&](std::string& trouble) { trouble = unreachable.what(); });
            throw;
        }
    }

    // A transaction that is no act.
    template <class Use>
    auto write(Use use)
    {
        return with_writer([&](sql::Connection& connection) {
            sql::Transaction transaction(connection, sql::Access::write);
            Session session(connection);
            auto outcome = use(session);
            transaction.commit();
            return outcome;
        });
    }

public:
    SqlStore(sql::Connect connect, std::chrono::milliseconds busy) : pool_(std::move(connect)), busy_(busy) {}

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
        pool_.with(sql::Access::read, busy_, [&](sql::Connection& connection) {
            sql::Transaction const snapshot(connection, sql::Access::read);
            Session session(connection);
            // The first statement takes the snapshot, and is the only one that may find a lock in its way.
            while_busy(busy_, [&](auto) { return session.position(); });
            use(session);
        });
    }

    void observe_usage(std::vector<std::pair<std::string, Usage>> const& by_name) override
    {
        write([&](Session& session) {
            for (auto const& [name, usage] : by_name) session.observe(name, usage);
            return true;
        });
    }

    void observe_sign_ins(std::vector<SignIn> const& sign_ins) override
    {
        write([&](Session& session) {
            for (auto const& sign_in : sign_ins) session.observe(sign_in);
            return true;
        });
    }

    void observe_token_uses(std::vector<TokenUse> const& uses) override
    {
        write([&](Session& session) {
            for (auto const& use : uses) session.observe(use);
            return true;
        });
    }

    std::vector<Work> take_work(Time now, std::chrono::milliseconds lease, int most) override
    {
        auto taken = write([&](Session& session) { return session.take_work(now, lease, most); });
        if (!taken.empty()) step("work: taken");
        return taken;
    }

    void finish_work(std::string_view id) override
    {
        step("work: done");
        write([&](Session& session) {
            session.finish_work(id);
            return true;
        });
        step("work: put down");
    }

    void postpone_work(std::string_view id, Time due, std::string_view error) override
    {
        write([&](Session& session) {
            session.postpone_work(id, due, error);
            return true;
        });
    }

    bool hasten_work(std::string_view id, Time due) override
    {
        return write([&](Session& session) { return session.hasten_work(id, due); });
    }

    std::int64_t prune_changes(Time before) override
    {
        return write([&](Session& session) { return session.prune_changes(before); });
    }

    std::string writing_trouble() override
    {
        return writing_trouble_.with([](std::string const& trouble) { return trouble; });
    }

private:
    Result<Position> run(Actor const& actor, std::function<Result<void>(Writing&)> const& act, bool keep)
    {
        try {
            return with_writer([&](sql::Connection& connection) -> Result<Position> {
                sql::Transaction transaction(connection, sql::Access::write);
                Session session(connection);
                step("act: begun");
                session.start_act(actor);
                CHECK_OK(act(session));
                auto position = session.position();
                if (!keep) return position;
                step("act: before commit");
                transaction.commit();
                step("act: committed");
                return position;
            });
        } catch (sql::Conflict const& conflict) {
            return fail(Fault::conflict, conflict.what());
        }
    }

    sql::Pool pool_;
    std::chrono::milliseconds busy_;
    Guarded<std::string> writing_trouble_;
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
    step("epoch: before commit");
    transaction.commit();
    step("epoch: committed");
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

Result<std::unique_ptr<Store>> open_store(std::string const& url, std::string const& schema, Options const& options)
{
    auto const one = std::min(one_try, options.busy);
    auto const creating = TRY(sql::engine_for(url, {.busy = one, .create = options.create}));
    auto opening = TRY(sql::engine_for(url, {.busy = one}));
    auto const migrations = TRY(read_migrations(schema));
    try {
        auto const connection = while_busy(options.busy, [&](auto) { return creating(); });
        CHECK_OK(while_busy(options.busy, [&](auto) { return migrate(*connection, migrations, options.create); }));
        while_busy(options.busy, [&](auto) { make_epoch(*connection); });
    } catch (std::exception const& error) {
        return fail(Fault::unavailable, std::string("the database cannot be opened: ") + error.what());
    }
    return std::make_unique<SqlStore>(checked(std::move(opening), migrations.back().number), options.busy);
}

}  // namespace provost::store
