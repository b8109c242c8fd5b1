// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(AliasCommand, TargetsFollowTheAddress)
{
    TestDesk desk;
    desk.answer(done_json("info@example.test"));
    EXPECT_EQ(
        desk.run({"alias", "add", "info@example.test", "a@example.test", "b@example.test", "--posting", "members"}), 0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /aliases {"posting":"members","address":"info@example.test",)"
                                R"("targets":["a@example.test","b@example.test"]})");
    EXPECT_EQ(desk.run({"alias", "add", "info@example.test"}), 2);
}

TEST(AliasCommand, TheTargetsOfAnAliasCanBeReplaced)
{
    TestDesk desk;
    desk.answer(done_json("info@example.test"));
    EXPECT_EQ(desk.run({"alias", "set", "info@example.test", "--targets", "a@example.test,b@example.test"}), 0);
    EXPECT_EQ(desk.asked.at(0),
              R"(PATCH /aliases/info%40example.test {"targets":["a@example.test","b@example.test"]})");
}

}  // namespace
}  // namespace provost::cli
