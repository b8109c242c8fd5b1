// SPDX-License-Identifier: Apache-2.0
#include "net/task.h"

#include <memory>

#include <gtest/gtest.h>

using namespace provost::net;

TEST(Task, OwnsWhatCannotBeCopied)
{
    int seen = 0;
    Task task = [&seen, owned = std::make_unique<int>(5)] { seen = *owned; };
    Task moved = std::move(task);
    EXPECT_FALSE(task);
    moved();
    EXPECT_EQ(seen, 5);
}
