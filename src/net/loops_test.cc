// SPDX-License-Identifier: Apache-2.0
#include "net/loops.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "base/time.h"
#include "net/loop.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

TEST(Loops, ABarrierReturnsWhenEveryLoopHasBegunAfresh)
{
    Metrics metrics;
    std::atomic<int> revision{1};
    // What each loop believes since its last fresh start, as a read transaction would.
    thread_local int believed = 0;
    Loops loops(
        2, [&] { believed = revision; }, metrics);
    for (int next = 2; next < 50; ++next) {
        revision = next;
        ASSERT_TRUE(loops.barrier());
        for (std::size_t i = 0; i < loops.size(); ++i) {
            auto seen = std::make_shared<std::promise<int>>();
            loops.at(i).inbox->post([seen] { seen->set_value(believed); });
            EXPECT_GE(seen->get_future().get(), next);
        }
    }
}

TEST(Loops, ABarrierIsPromptWhileALoopNeverRunsOutOfWork)
{
    Metrics metrics;
    std::atomic<bool> busy{true};
    std::function<void()> again;
    Loops loops(1, {}, metrics);
    again = [&] {
        if (busy) loops.post(again);
    };
    loops.post(again);
    EXPECT_TRUE(loops.barrier(5s));
    busy = false;
    EXPECT_TRUE(loops.barrier(5s));
}

TEST(Loops, ABarrierSaysWhenALoopDoesNotPassInTime)
{
    Metrics metrics;
    std::promise<void> begun, go_on;
    Loops loops(2, {}, metrics);
    loops.post([&] {
        begun.set_value();
        go_on.get_future().wait();
    });
    begun.get_future().wait();
    EXPECT_FALSE(loops.barrier(20ms));
    go_on.set_value();
    EXPECT_TRUE(loops.barrier());
}

TEST(Loops, ALoopCannotWaitForItself)
{
    Metrics metrics;
    std::promise<bool> refused;
    Loops loops(1, {}, metrics);
    loops.post([&] {
        try {
            loops.barrier();
            refused.set_value(false);
        } catch (std::logic_error const&) {
            refused.set_value(true);
        }
    });
    EXPECT_TRUE(refused.get_future().get());
}

TEST(Loops, WorkIsDoneWhenItsTimeHasCome)
{
    Metrics metrics;
    std::promise<void> first, second;
    Loops loops(2, {}, metrics);
    Stopwatch const watch;
    loops.post_after(60ms, [&] { second.set_value(); });
    loops.post_after(30ms, [&] { first.set_value(); });
    first.get_future().wait();
    EXPECT_GE(watch.elapsed(), 29ms);
    second.get_future().wait();
    EXPECT_GE(watch.elapsed(), 59ms);
}

TEST(Loops, AnExceptionDoesNotEndTheLoop)
{
    Metrics metrics;
    Loops loops(1, {}, metrics);
    loops.post([] { throw std::runtime_error("a broken invariant"); });
    EXPECT_TRUE(loops.barrier());
}

TEST(Loops, WhatWasPostedAndNotRunIsDestroyedWithTheLoops)
{
    Metrics metrics;
    auto held = std::make_shared<int>(1);
    {
        Loops loops(1, {}, metrics);
        loops.post_after(1h, [held] {});
        auto inbox = loops.at(0).inbox;
        loops.barrier();
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Loops, TheLagIsMeasured)
{
    Metrics metrics;
    Loops loops(1, {}, metrics);
    loops.barrier();
    EXPECT_NE(metrics.text().find("provost_loop_lag_seconds{loop=\"0\"}"), std::string::npos);
}
