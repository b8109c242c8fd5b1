// SPDX-License-Identifier: Apache-2.0
#include "host/command.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;
using namespace std::chrono_literals;

TEST(Command, ItsOutputIsTheAnswer)
{
    EXPECT_EQ(*run_command({"echo", "a $HOME;b"}, 10s), "a $HOME;b\n");
    EXPECT_EQ(*run_command({"sh", "-c", "echo $LC_ALL; cat"}, 10s), "C\n");
}

TEST(Command, MoreThanAPipeHoldsComesWhole)
{
    EXPECT_EQ(run_command({"head", "-c", "1000000", "/dev/zero"}, 10s)->size(), 1'000'000U);
}

TEST(Command, AnExitOtherThan0IsAnErrorWithItsWords)
{
    auto const outcome = run_command({"sh", "-c", "echo no such map >&2; exit 3"}, 10s);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::invalid);
    EXPECT_NE(outcome.error().message.find("ended with 3: no such map"), std::string::npos);
}

TEST(Command, AMissingProgramIsNotFound)
{
    EXPECT_EQ(run_command({"provost-no-such-program"}, 10s).error().fault, Fault::not_found);
}

TEST(Command, WhatDoesNotEndIsKilledAtItsDeadline)
{
    auto const outcome = run_command({"sleep", "60"}, 100ms);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::unavailable);
}

TEST(Command, WhatWritesWithoutEndIsKilledToo)
{
    auto const outcome = run_command({"yes"}, 30s);
    EXPECT_EQ(outcome.error().fault, Fault::conflict);
    EXPECT_NE(outcome.error().message.find("wrote more than 4 MiB"), std::string::npos) << outcome.error().message;
}
