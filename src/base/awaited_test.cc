// SPDX-License-Identifier: Apache-2.0
#include "base/awaited.h"

#include <thread>

#include <gtest/gtest.h>

using namespace provost;
using namespace std::chrono_literals;

TEST(Awaited, AChangeWakesWhoWaits)
{
    Awaited<int> count(0);
    std::thread other([&] { count.with([](int& c) { c = 5; }); });
    EXPECT_EQ(count.wait([](int c) { return c > 0; }, [](int& c) { return c * 2; }), 10);
    other.join();
}

TEST(Awaited, AWaitWithALimitEndsWithoutTheChange)
{
    Awaited<int> count(0);
    EXPECT_FALSE(count.wait_for(5ms, [](int c) { return c > 0; }));
    count.with([](int& c) { c = 1; });
    EXPECT_TRUE(count.wait_for(5ms, [](int c) { return c > 0; }));
}
