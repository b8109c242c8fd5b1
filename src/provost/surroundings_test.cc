// SPDX-License-Identifier: Apache-2.0
#include "provost/surroundings.h"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace provost::cli {
namespace {

TEST(Surroundings, APipeHasNoWidthAndNoColour)
{
    auto const kept = dup(STDOUT_FILENO);
    auto const null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    auto const around = real_surroundings();
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(null);
    EXPECT_EQ(around.width, 0);
    EXPECT_FALSE(around.colour);
}

TEST(Surroundings, TheFirstLineOfStandardInputIsTheSecret)
{
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    auto const kept = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    ASSERT_EQ(write(ends[1], "open sesame\r\nmore\n", 18), 18);
    close(ends[1]);
    auto const around = real_surroundings();
    EXPECT_FALSE(around.can_ask);
    auto const secret = around.read_secret();
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->reveal(), "open sesame");
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(ends[0]);
}

}  // namespace
}  // namespace provost::cli
