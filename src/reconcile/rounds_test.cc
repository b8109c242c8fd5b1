// SPDX-License-Identifier: Apache-2.0
#include "reconcile/rounds.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "base/time.h"

using namespace provost;
using namespace provost::reconcile;
using namespace std::chrono_literals;

namespace {

struct Made {
    Awaited<int> rounds{0};
    void one()
    {
        rounds.with([](int& n) { ++n; });
    }
    bool come_to(int count)
    {
        return rounds.wait_for(20s, [&](int n) { return n >= count; });
    }
};

}  // namespace

TEST(Rounds, AreMadeAgainAfterTheTimeTheyAskFor)
{
    Made made;
    Rounds rounds("test", [&] {
        made.one();
        return 1ms;
    });
    EXPECT_TRUE(made.come_to(3));
}

TEST(Rounds, AreMadeSoonerWhenWoken)
{
    Made made;
    Rounds rounds("test", [&] {
        made.one();
        return 1h;
    });
    ASSERT_TRUE(made.come_to(1));
    rounds.wake();
    EXPECT_TRUE(made.come_to(2));
}

TEST(Rounds, AWakeDuringARoundIsNotLost)
{
    Made made;
    Awaited<bool> inside{false};
    Awaited<bool> go_on{false};
    Rounds rounds("test", [&] {
        inside.with([](bool& b) { b = true; });
        go_on.wait([](bool b) { return b; }, [](bool&) {});
        made.one();
        return 1h;
    });
    inside.wait([](bool b) { return b; }, [](bool&) {});
    rounds.wake();
    go_on.with([](bool& b) { b = true; });
    EXPECT_TRUE(made.come_to(2));
}

TEST(Rounds, StopPromptlyAndForGood)
{
    Made made;
    Rounds rounds("test", [&] {
        made.one();
        return 1h;
    });
    ASSERT_TRUE(made.come_to(1));
    Stopwatch const watch;
    rounds.stop();
    rounds.stop();
    rounds.wake();
    EXPECT_LT(watch.elapsed(), 10s);
    EXPECT_EQ(made.rounds.with([](int n) { return n; }), 1);
}

TEST(Rounds, OneThatFailsIsMadeAgain)
{
    Made made;
    Rounds rounds(
        "test",
        [&]() -> std::chrono::milliseconds {
            made.one();
            throw std::runtime_error("no record");
        },
        1ms);
    EXPECT_TRUE(made.come_to(2));
}

TEST(Rounds, OneThatFailsIsNotMadeAgainBeforeItsTime)
{
    Made made;
    Rounds rounds(
        "test",
        [&]() -> std::chrono::milliseconds {
            made.one();
            throw std::runtime_error("no record");
        },
        1h);
    ASSERT_TRUE(made.come_to(1));
    EXPECT_FALSE(made.rounds.wait_for(50ms, [](int n) { return n > 1; }));
}
