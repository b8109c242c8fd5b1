// SPDX-License-Identifier: Apache-2.0
#include "net/signals.h"

#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace provost::net;
using namespace std::chrono_literals;

TEST(Signals, AreWaitedForInTheOrderOfTheirComing)
{
    Signals signals({SIGHUP, SIGUSR2});
    EXPECT_EQ(signals.wait_for(0ms), std::nullopt);
    ::kill(::getpid(), SIGHUP);
    EXPECT_EQ(signals.wait(), SIGHUP);
    std::thread other([] { ::kill(::getpid(), SIGUSR2); });
    EXPECT_EQ(signals.wait_for(20s), SIGUSR2);
    other.join();
    EXPECT_EQ(signals.wait_for(1ms), std::nullopt);
}

TEST(Signals, TheMaskIsAsBeforeAfterwards)
{
    {
        Signals signals({SIGUSR2});
        EXPECT_EQ(sigismember(&signals.before(), SIGUSR2), 0);
    }
    sigset_t now;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
    EXPECT_EQ(sigismember(&now, SIGUSR2), 0);
}
