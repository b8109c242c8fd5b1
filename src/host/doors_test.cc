// SPDX-License-Identifier: Apache-2.0
#include "host/doors.h"

#include <gtest/gtest.h>

using namespace provost;

TEST(Doors, AreThoseThatAreSet)
{
    config::Doors settings;
    settings.imap = "127.0.0.1:10143";
    settings.sieve = "";
    auto const doors = host::doors_of(settings);
    ASSERT_EQ(doors.size(), 6U);
    EXPECT_EQ(doors[0].name, "imap");
    EXPECT_EQ(doors[0].host, "127.0.0.1");
    EXPECT_EQ(doors[0].port, 10143);
    for (auto const& door : doors) EXPECT_NE(door.name, "sieve");
}
