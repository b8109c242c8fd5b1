// SPDX-License-Identifier: Apache-2.0
#include "sql/pool.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "sql/test_database.h"

namespace provost::sql {
namespace {

struct PoolTest : testing::Test {
    Connect counted()
    {
        return [this] {
            ++opened;
            return database.connect();
        };
    }
    TestDatabase database;
    std::atomic<int> opened = 0;
};

TEST_F(PoolTest, AConnectionIsUsedAgain)
{
    Pool pool(counted());
    for (int i = 0; i < 5; ++i) pool.with(Access::read, [](Connection& c) { c.query("SELECT 1"); });
    EXPECT_EQ(opened, 1);
}

TEST_F(PoolTest, AConnectionThatWasLostIsOpenedAnew)
{
    Pool pool(counted());
    auto const lose = [&] { pool.with(Access::read, [](Connection&) { throw Unreachable("gone"); }); };
    EXPECT_THROW(lose(), Unreachable);
    EXPECT_EQ(pool.with(Access::read, [](Connection& c) { return c.query("SELECT 1").at(0).integer(0); }), 1);
    EXPECT_EQ(opened, 2);
}

TEST_F(PoolTest, ATransactionLeftOpenIsNotHandedOn)
{
    Pool pool(counted());
    pool.with(Access::write, [](Connection& c) { c.begin(Access::write); });
    EXPECT_TRUE(pool.with(Access::write, [](Connection& c) { return c.usable(); }));
    EXPECT_EQ(opened, 2);
}

TEST_F(PoolTest, ThereIsOneWriterAtATime)
{
    Pool pool(counted());
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i)
                pool.with(Access::write, [&](Connection&) {
                    most = std::max<int>(most, ++inside);
                    --inside;
                });
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(opened, 1);
}

TEST_F(PoolTest, WhoWaitsTooLongIsToldBusy)
{
    Pool pool(counted(), {.readers = 1, .wait = std::chrono::milliseconds(20)});
    pool.with(Access::read, [&](Connection&) {
        EXPECT_THROW(pool.with(Access::read, [](Connection&) {}), Busy);
        EXPECT_NO_THROW(pool.with(Access::write, [](Connection&) {}));
    });
    EXPECT_NO_THROW(pool.with(Access::read, [](Connection&) {}));
}

TEST_F(PoolTest, WhoWaitsTooLongIsToldWhatTheOthersWaitFor)
{
    Pool pool(counted());
    auto const wait = std::chrono::milliseconds(20);
    auto const told = [&] {
        std::string words;
        pool.with(Access::write, [&](Connection&) {
            try {
                pool.with(Access::write, wait, [](Connection&) {});
            } catch (Busy const& busy) {
                words = busy.what();
            }
        });
        return words;
    };
    EXPECT_EQ(told(), "no connection to the database became free in 20 ms");
    EXPECT_THROW(pool.with(Access::write, wait, [](Connection&) { throw Busy("it is locked"); }), Busy);
    EXPECT_EQ(told(), "no connection to the database became free in 20 ms; those in use wait: it is locked");
    EXPECT_EQ(told(), "no connection to the database became free in 20 ms") << "the last use was not told so";
}

TEST_F(PoolTest, AFailureToConnectLeavesThePlaceFree)
{
    bool works = false;
    Pool pool(
        [&]() -> std::unique_ptr<Connection> {
            if (!works) throw Unreachable("no");
            return database.connect();
        },
        {.readers = 1, .wait = std::chrono::milliseconds(20)});
    EXPECT_THROW(pool.with(Access::read, [](Connection&) {}), Unreachable);
    works = true;
    EXPECT_NO_THROW(pool.with(Access::read, [](Connection&) {}));
}

}  // namespace
}  // namespace provost::sql
