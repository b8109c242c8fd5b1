// SPDX-License-Identifier: Apache-2.0
#include "provost/objects.h"

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

constexpr auto two = R"({"items":[{"name":"a@example.test"},{"name":"b@example.test"}],"next":null})";
constexpr auto refusal = R"({"detail":"b is needed","fault":"conflict"})";

TEST(Objects, AMaskWantsAYes)
{
    TestDesk desk;
    desk.answer(two);
    EXPECT_EQ(desk.run({"mailbox", "delete", "*@example.test"}), 2);
    EXPECT_EQ(desk.asked.size(), 1U);  // only the list
    EXPECT_NE(desk.err.str().find("2 mailboxes will be deleted"), std::string::npos);

    desk.around.can_ask = true;
    EXPECT_EQ(desk.run({"mailbox", "delete", "*@example.test"}), 1);
    EXPECT_EQ(desk.prompts, "2 mailboxes will be deleted?");
    EXPECT_EQ(desk.asked.size(), 2U);
}

TEST(Objects, EachOfSeveralIsChangedAndTold)
{
    TestDesk desk;
    desk.answer(two);
    desk.answer(done_json("a@example.test"));
    desk.answer(done_json("b@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "delete", "*@example.test", "--yes"}), 0);
    EXPECT_EQ(desk.asked,
              (std::vector<std::string>{"GET /mailboxes?mask=%2A%40example.test", "DELETE /mailboxes/a%40example.test",
                                        "DELETE /mailboxes/b%40example.test"}));
    EXPECT_EQ(desk.out.str(),
              "NAME            OUTCOME  REVISION  NOTE\n"
              "a@example.test  deleted  7\n"
              "b@example.test  deleted  7\n");
}

TEST(Objects, DoneInPartIsACodeOfItsOwn)
{
    TestDesk desk;
    desk.answer(two);
    desk.answer(done_json("a@example.test"));
    desk.answer(refusal, 409);
    EXPECT_EQ(desk.run({"mailbox", "delete", "*@example.test", "--yes"}), 6);
    EXPECT_NE(desk.out.str().find("b@example.test  FAILED             b is needed"), std::string::npos)
        << desk.out.str();

    TestDesk none;
    none.answer(two);
    none.answer(refusal, 409);
    EXPECT_EQ(none.run({"mailbox", "delete", "*@example.test", "--yes"}), 4);
}

TEST(Objects, SeveralOfWhichOneIsNotProvedAreTemporary)
{
    TestDesk desk;
    desk.answer(two);
    desk.answer(done_json("a@example.test", R"({"complete":true})"));
    desk.answer(done_json("b@example.test", R"({"complete":false})"));
    EXPECT_EQ(desk.run({"mailbox", "disable", "*@example.test", "--yes"}), 75);
    EXPECT_NE(desk.out.str().find("b@example.test  disabled  7         NOT PROVED"), std::string::npos);
}

TEST(Objects, AMaskThatFitsNothingIsNoSuchObject)
{
    TestDesk desk;
    desk.answer(R"({"items":[],"next":null})");
    EXPECT_EQ(desk.run({"alias", "disable", "*@nowhere.test", "--yes"}), 3);
    EXPECT_EQ(desk.err.str(), "provost: alias: '*@nowhere.test' fits none\n");
}

TEST(Objects, ADryRunAsksNobodyAndSaysSo)
{
    TestDesk desk;
    desk.answer(two);
    desk.answer(
        R"({"subject":"a@example.test","revision":null,"dry_run":true,"answering":false,"notes":[],"proof":null})");
    EXPECT_EQ(desk.run({"mailbox", "disable", "*@example.test", "-n"}), 0);
    EXPECT_EQ(desk.asked.at(1), R"(POST /mailboxes/a%40example.test/disable?dry_run=true {"suspension":"refuse"})");
    EXPECT_NE(desk.out.str().find("a@example.test  would be disabled"), std::string::npos);
}

TEST(Objects, SetSendsOnlyWhatWasSaid)
{
    TestDesk desk;
    desk.answer(done_json("alice@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "set", "alice@example.test", "--quota", "10G", "--forwards", "b@c.test", "--expires",
                        "none", "--display-name", ""}),
              0);
    EXPECT_EQ(desk.asked.at(0), R"(PATCH /mailboxes/alice%40example.test )"
                                R"({"display_name":null,"expires":null,"quota":"10G","forwards":["b@c.test"]})");
    EXPECT_EQ(desk.run({"mailbox", "set", "alice@example.test"}), 2);
    EXPECT_EQ(desk.run({"mailbox", "set", "alice@example.test", "--quota", "12Q"}), 2);
    EXPECT_EQ(desk.run({"mailbox", "set", "alice@example.test", "--kind", "shared"}), 2);
    EXPECT_EQ(desk.asked.size(), 1U);
}

}  // namespace
}  // namespace provost::cli
