// SPDX-License-Identifier: Apache-2.0
#include "password/pool.h"

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

using namespace provost::password;

namespace {

// Work that runs until it is let go. What work refers to is declared before its pool, which ends it.
struct Held {
    std::promise<void> started;
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();

    bool submit_to(Pool& pool, Cost cost)
    {
        return pool.submit(cost, [this] {
            started.set_value();
            released.wait();
        });
    }
};

// As long as a quick check of the dear ones.
void take_a_millisecond()
{
    auto const until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    while (std::chrono::steady_clock::now() < until) continue;
}

}  // namespace

TEST(Pool, RunsWhatItAccepts)
{
    std::latch done(200);
    Pool pool({});
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(pool.submit(Cost::cheap, [&] { done.count_down(); }));
        ASSERT_TRUE(pool.submit(Cost::dear, [&] { done.count_down(); }));
    }
    done.wait();
    EXPECT_EQ(pool.load().refused, 0U);
}

TEST(Pool, CheapWorkRunsWhileAllDearSlotsAreTaken)
{
    Held first;
    Held second;
    Held third;
    std::latch done(50);
    Pool pool({.threads = 3, .kept_for_cheap = 1, .longest_queue = 10});
    ASSERT_TRUE(first.submit_to(pool, Cost::dear));
    ASSERT_TRUE(second.submit_to(pool, Cost::dear));
    first.started.get_future().wait();
    second.started.get_future().wait();
    ASSERT_TRUE(third.submit_to(pool, Cost::dear));

    for (int i = 0; i < 50; ++i) {
        while (!pool.submit(Cost::cheap, [&] { done.count_down(); })) std::this_thread::yield();
    }
    done.wait();
    EXPECT_EQ(pool.load().waiting_dear, 1U) << "a dear check never takes the kept thread";
    first.release.set_value();
    second.release.set_value();
    third.release.set_value();
    third.started.get_future().wait();
}

TEST(Pool, AFloodOfCheapWorkDoesNotStarveTheDear)
{
    std::promise<void> dear_ran;
    auto ran = dear_ran.get_future();
    std::atomic<bool> stop = false;
    Pool pool({.threads = 2, .kept_for_cheap = 1, .longest_queue = 64});
    std::jthread flood([&] {
        while (!stop) pool.submit(Cost::cheap, [] {});
    });
    ASSERT_TRUE(pool.submit(Cost::dear, [&] { dear_ran.set_value(); }));
    EXPECT_EQ(ran.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    stop = true;
}

TEST(Pool, AFullQueueRefusesAndSaysSo)
{
    Held dear;
    std::latch done(3);
    std::promise<void> cheap;
    Pool pool({.threads = 2, .kept_for_cheap = 1, .longest_queue = 3});
    ASSERT_TRUE(dear.submit_to(pool, Cost::dear));
    dear.started.get_future().wait();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool.submit(Cost::dear, [&] { done.count_down(); }));
    EXPECT_FALSE(pool.submit(Cost::dear, [] { FAIL() << "refused work must not run"; }));
    EXPECT_EQ(pool.load().refused, 1U);
    EXPECT_EQ(pool.load().waiting_dear, 3U);
    ASSERT_TRUE(pool.submit(Cost::cheap, [&] { cheap.set_value(); })) << "queues are bounded each on its own";
    cheap.get_future().wait();
    dear.release.set_value();
    done.wait();
}

TEST(Pool, AsManyMayWaitAsAreDoneInTime)
{
    Held dear;
    std::latch done(9);
    Pool pool({.threads = 2,
               .kept_for_cheap = 1,
               .longest_queue = 3,
               .longest_wait = std::chrono::seconds(30),
               .most_waiting = 9});
    std::promise<void> seen;
    ASSERT_TRUE(pool.submit(Cost::dear, take_a_millisecond));
    ASSERT_TRUE(pool.submit(Cost::dear, [&] { seen.set_value(); }));
    seen.get_future().wait();  // how long the first took is known by now
    ASSERT_TRUE(dear.submit_to(pool, Cost::dear));
    dear.started.get_future().wait();
    for (int i = 0; i < 9; ++i) EXPECT_TRUE(pool.submit(Cost::dear, [&] { done.count_down(); })) << i;
    EXPECT_FALSE(pool.submit(Cost::dear, [] { FAIL() << "refused work must not run"; })) << "however quick they are";
    dear.release.set_value();
    done.wait();
}

TEST(Pool, SlowChecksAreWaitedForOnlySoLong)
{
    Held dear;
    std::latch done(3);
    Pool pool({.threads = 2, .kept_for_cheap = 1, .longest_queue = 3, .longest_wait = std::chrono::milliseconds(2)});
    std::promise<void> seen;
    ASSERT_TRUE(pool.submit(Cost::dear, take_a_millisecond));
    ASSERT_TRUE(pool.submit(Cost::dear, [&] { seen.set_value(); }));
    seen.get_future().wait();
    ASSERT_TRUE(dear.submit_to(pool, Cost::dear));
    dear.started.get_future().wait();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.submit(Cost::dear, [&] { done.count_down(); })) << i;
    EXPECT_FALSE(pool.submit(Cost::dear, [] { FAIL() << "refused work must not run"; }));
    dear.release.set_value();
    done.wait();
}

TEST(Pool, WhatWaitsAndWhatIsRefusedIsShown)
{
    provost::Metrics metrics;
    Held dear;
    std::latch done(2);
    Pool pool({.threads = 2, .kept_for_cheap = 1, .longest_queue = 2}, metrics);
    auto const has = [&](char const* line) { return metrics.text().find(line) != std::string::npos; };
    ASSERT_TRUE(dear.submit_to(pool, Cost::dear));
    dear.started.get_future().wait();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.submit(Cost::dear, [&] { done.count_down(); }));
    EXPECT_FALSE(pool.submit(Cost::dear, [] {}));
    EXPECT_TRUE(has("provost_hashing_waiting{cost=\"dear\"} 2")) << metrics.text();
    EXPECT_TRUE(has("provost_hashing_refused_total 1")) << metrics.text();
    dear.release.set_value();
    done.wait();
    EXPECT_TRUE(has("provost_hashing_waiting{cost=\"dear\"} 0")) << metrics.text();
}

TEST(Pool, TheEndFinishesWhatRunsAndDropsWhatWaits)
{
    auto const witness = std::make_shared<int>(0);
    std::atomic<int> finished = 0;
    Held dear;
    auto pool = std::make_unique<Pool>(Pool::Settings{});
    ASSERT_TRUE(pool->submit(Cost::dear, [&] {
        dear.started.set_value();
        dear.released.wait();
        ++finished;
    }));
    dear.started.get_future().wait();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool->submit(Cost::dear, [witness, &finished] { ++finished; }));
    std::jthread ending([&] { pool.reset(); });
    while (witness.use_count() > 1) std::this_thread::yield();  // the waiting ones are dropped before the join
    dear.release.set_value();
    ending.join();
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(witness.use_count(), 1);
}

TEST(Pool, WorkThatThrowsStopsNothing)
{
    std::promise<void> next;
    Pool pool({});
    ASSERT_TRUE(pool.submit(Cost::cheap, [] { throw std::runtime_error("broken"); }));
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(pool.submit(Cost::cheap, nullptr)) << "nothing to run throws as well";
    ASSERT_TRUE(pool.submit(Cost::cheap, [&] { next.set_value(); }));
    next.get_future().wait();
}

TEST(Pool, NeedsAThreadOfEachKind)
{
    EXPECT_THROW(Pool({.threads = 1, .kept_for_cheap = 1, .longest_queue = 1}), std::invalid_argument);
    EXPECT_THROW(Pool({.threads = 2, .kept_for_cheap = 0, .longest_queue = 1}), std::invalid_argument);
    EXPECT_THROW(Pool({.threads = 2, .kept_for_cheap = 2, .longest_queue = 1}), std::invalid_argument);
    EXPECT_THROW(Pool({.threads = 2, .kept_for_cheap = 1, .longest_queue = 0}), std::invalid_argument);
}
