// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/objects.h"
#include "provost/test_desk.h"

namespace provost::cli {
namespace {

using Asked = std::vector<std::string>;

constexpr auto* none = R"({"items":[],"looked_at":0,"next":null})";
constexpr auto* no_strangers = R"({"items":[],"next":null})";
constexpr auto* stranger = R"({"items":[{"mailbox":"nobody@a.test","id":"c9","target":"cyrus","kind":"stranger",)"
                           R"("what":"is nobody's in the directory","repair":null}],"next":null})";
constexpr auto* first_page = "GET /drift?limit=200&mask=%2A";
constexpr auto* mended = R"({"id":"m1","left":[]})";

// Two differences of one mailbox, and one of another.
std::string two_pages_in_one()
{
    auto const item = [](char const* mailbox, char const* id, char const* kind) {
        return std::string(R"({"mailbox":")") + mailbox + R"(","id":")" + id + R"(","target":"cyrus","kind":")" + kind +
               R"(","what":"has none","repair":"set it"})";
    };
    return R"({"items":[)" + item("jane@a.test", "m1", "quota") + "," + item("jane@a.test", "m1", "rights") + "," +
           item("john@a.test", "m2", "quota") + R"(],"looked_at":5,"next":null})";
}

bool says(TestDesk const& desk, std::string const& text) { return desk.out.str().find(text) != std::string::npos; }

TEST(DriftCommand, ASiteInOrderHasNone)
{
    TestDesk desk;
    desk.answer(R"({"items":[],"looked_at":200,"next":"jane@a.test"})");
    desk.answer(R"({"items":[],"looked_at":3,"next":"deleted "})");
    desk.answer(R"({"items":[],"looked_at":1,"next":null})");
    desk.answer(no_strangers);
    EXPECT_EQ(desk.run({"drift"}), 0);
    EXPECT_TRUE(says(desk, "204 mailboxes looked at, 0 differences\n")) << desk.out.str();
    EXPECT_EQ(desk.asked, (Asked{first_page, "GET /drift?after=jane%40a.test&limit=200&mask=%2A",
                                 "GET /drift?after=deleted%20&limit=200&mask=%2A", "GET /strangers"}));
}

TEST(DriftCommand, WhatIsOtherwiseIsShownAndEndsWithFive)
{
    TestDesk desk;
    desk.answer(two_pages_in_one());
    desk.answer(stranger);
    EXPECT_EQ(desk.run({"drift"}), 5);
    EXPECT_TRUE(says(desk, "jane@a.test    quota     has none                      set it  m1")) << desk.out.str();
    EXPECT_TRUE(says(desk, "nobody@a.test  stranger  is nobody's in the directory  -       c9")) << desk.out.str();
    EXPECT_TRUE(says(desk, "5 mailboxes looked at, 4 differences\n")) << desk.out.str();
}

TEST(DriftCommand, WhoLooksAtSomeDoesNotAskForStrangers)
{
    TestDesk desk;
    desk.answer(none);
    EXPECT_EQ(desk.run({"drift", "*@a.test"}), 0);
    EXPECT_EQ(desk.asked, Asked{"GET /drift?limit=200&mask=%2A%40a.test"});
}

TEST(DriftCommand, JsonHasEverything)
{
    TestDesk desk;
    desk.answer(two_pages_in_one());
    desk.answer(stranger);
    desk.answer(mended);
    desk.answer(R"({"detail":"Cyrus does not answer","fault":"unavailable"})", 503);
    EXPECT_EQ(desk.run({"-o", "json", "drift", "--repair", "--yes"}), 6);
    auto const said = json::parse(desk.out.str()).as_object();
    EXPECT_EQ(said.at("looked_at"), 5);
    EXPECT_EQ(said.at("found").as_array().size(), 4U);
    EXPECT_EQ(said.at("repaired"), 1);
    ASSERT_EQ(said.at("left").as_array().size(), 1U);
    EXPECT_EQ(said.at("left").at(0).at("kind"), "stranger");
    EXPECT_EQ(said.at("failed"),
              (json::array{json::object{{"mailbox", "john@a.test"}, {"reason", "Cyrus does not answer"}}}));
}

TEST(DriftCommand, OtherFormsHaveTheRowsAlone)
{
    TestDesk desk;
    desk.answer(two_pages_in_one());
    desk.answer(no_strangers);
    EXPECT_EQ(desk.run({"-o", "csv", "drift"}), 5);
    EXPECT_TRUE(says(desk, "jane@a.test,quota,has none,set it,m1")) << desk.out.str();
    EXPECT_FALSE(says(desk, "looked at")) << desk.out.str();
}

TEST(DriftCommand, ARepairIsAskedForAndDoneOnceForEachMailbox)
{
    TestDesk desk;
    desk.around.can_ask = true;
    desk.agrees = true;
    desk.answer(two_pages_in_one());
    desk.answer(no_strangers);
    desk.answer(mended);
    EXPECT_EQ(desk.run({"drift", "--repair"}), 0);
    EXPECT_EQ(desk.prompts, "Do what REPAIR says?");
    EXPECT_EQ(desk.asked, (Asked{first_page, "GET /strangers", "POST /drift/m1/repair", "POST /drift/m2/repair"}));
    EXPECT_TRUE(says(desk, "5 mailboxes looked at, 3 differences, 2 mended\n")) << desk.out.str();
}

TEST(DriftCommand, WhoSaysNoOrCannotBeAskedHasNothingDone)
{
    for (bool const can_ask : {true, false}) {
        TestDesk desk;
        desk.around.can_ask = can_ask;
        desk.answer(two_pages_in_one());
        desk.answer(no_strangers);
        EXPECT_EQ(desk.run({"drift", "--repair"}), can_ask ? 1 : 2);
        EXPECT_EQ(desk.asked.size(), 2U);
    }
}

TEST(DriftCommand, NobodyIsAskedAboutNothing)
{
    TestDesk desk;
    desk.answer(none);
    desk.answer(no_strangers);
    EXPECT_EQ(desk.run({"drift", "--repair", "--delete-strangers"}), 0);
    EXPECT_EQ(desk.prompts, "");
    EXPECT_EQ(desk.asked.size(), 2U);
}

TEST(DriftCommand, ADryRunDoesNothing)
{
    for (auto const* option : {"-n", "--dry-run"}) {
        TestDesk desk;
        desk.answer(two_pages_in_one());
        desk.answer(stranger);
        EXPECT_EQ(desk.run({"drift", "--repair", "--delete-strangers", "--yes", option}), 5);
        EXPECT_EQ(desk.asked.size(), 2U);
        EXPECT_TRUE(says(desk, "5 mailboxes looked at, 4 differences\n")) << desk.out.str();
    }
}

TEST(DriftCommand, StrangersAreDeletedOnlyWhereThatIsSaid)
{
    TestDesk kept;
    kept.answer(none);
    kept.answer(stranger);
    EXPECT_EQ(kept.run({"drift", "--repair", "--yes"}), 5);
    EXPECT_EQ(kept.asked, (Asked{first_page, "GET /strangers"}));

    TestDesk gone;
    gone.around.can_ask = true;
    gone.agrees = true;
    gone.answer(two_pages_in_one());
    gone.answer(stranger);
    gone.answer(mended);
    EXPECT_EQ(gone.run({"drift", "--repair", "--delete-strangers"}), 0);
    EXPECT_EQ(gone.asked.back(), "DELETE /strangers/c9");
    EXPECT_NE(gone.prompts.find("with their mail?"), std::string::npos) << gone.prompts;
}

TEST(DriftCommand, WhoDeletesStrangersMendsNothingBesides)
{
    TestDesk desk;
    desk.answer(two_pages_in_one());
    desk.answer(stranger);
    desk.answer(R"({"id":"c9"})");
    EXPECT_EQ(desk.run({"drift", "--delete-strangers", "--yes"}), 5);
    EXPECT_EQ(desk.asked, (Asked{first_page, "GET /strangers", "DELETE /strangers/c9"}));
}

TEST(DriftCommand, WhatIsLeftEndsWithFive)
{
    TestDesk desk;
    desk.answer(two_pages_in_one());
    desk.answer(no_strangers);
    desk.answer(R"({"id":"m1","left":[{"mailbox":"jane@a.test","id":"m1","target":"cyrus","kind":"rights",)"
                R"("what":"lacks some","repair":"give them"}]})");
    desk.answer(mended);
    EXPECT_EQ(desk.run({"drift", "--repair", "--yes"}), 5);
}

TEST(DriftCommand, WhatCouldNotBeMendedEndsWithSixAndIsNamed)
{
    TestDesk desk;
    desk.answer(two_pages_in_one());
    desk.answer(no_strangers);
    desk.answer(R"({"detail":"Cyrus has no room","fault":"unavailable"})", 503);
    desk.answer(mended);
    EXPECT_EQ(desk.run({"drift", "--repair", "--yes"}), 6);
    EXPECT_TRUE(says(desk, "3 differences, 1 mended\n")) << desk.out.str();
    EXPECT_TRUE(says(desk, "jane@a.test: not mended: Cyrus has no room\n")) << desk.out.str();
}

TEST(DriftCommand, WhatCannotBeToldIsTemporary)
{
    TestDesk away;
    away.answer(R"({"detail":"Cyrus does not answer","fault":"unavailable"})", 503);
    EXPECT_EQ(away.run({"drift"}), 75);
    EXPECT_EQ(away.out.str(), "");
    TestDesk half;
    half.answer(none);
    half.answer(R"({"detail":"Cyrus does not answer","fault":"unavailable"})", 503);
    EXPECT_EQ(half.run({"drift"}), 75);
}

TEST(DriftCommand, AListThatNeverEndsAndWhatIsNoListAreNotBelieved)
{
    for (auto const* answer : {R"({"items":[],"looked_at":1,"next":"jane@a.test"})", R"({"looked_at":1})",
                               R"({"items":{},"next":null})", R"({"items":["jane"],"next":null})"}) {
        TestDesk desk;
        desk.answer(answer);
        EXPECT_EQ(desk.run({"drift"}), 75) << answer;
        EXPECT_LE(desk.asked.size(), 2U);
    }
}

}  // namespace
}  // namespace provost::cli
