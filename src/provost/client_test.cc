// SPDX-License-Identifier: Apache-2.0
#include "provost/client.h"

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(Client, NamesAreEscapedForAUrl)
{
    EXPECT_EQ(url_escaped("a/b c+d@example.test"), "a%2Fb%20c%2Bd%40example.test");
    EXPECT_EQ(url_escaped("*"), "%2A");
}

TEST(Client, AListIsReadToItsEnd)
{
    TestDesk desk;
    desk.answer(R"({"items":[{"name":"a"},{"name":"b"}],"next":"b"})");
    desk.answer(R"({"items":[{"name":"c"}],"next":null})");
    auto const items = Client(desk.around.call, Door{.socket = desk.socket}).all("/mailboxes", {{"mask", "*"}});
    ASSERT_TRUE(items);
    EXPECT_EQ(items->size(), 3U);
    EXPECT_EQ(desk.asked, (std::vector<std::string>{"GET /mailboxes?mask=%2A", "GET /mailboxes?after=b&mask=%2A"}));
}

TEST(Client, AListThatDoesNotGoOnIsNotAskedForForEver)
{
    for (std::string const page : {R"({"items":[],"next":"a"})", R"({"items":[{"name":"b"}],"next":"b"})"}) {
        TestDesk desk;
        desk.answer(page);
        desk.answer(page);
        auto const items = Client(desk.around.call, Door{.socket = desk.socket}).all("/mailboxes", {});
        ASSERT_FALSE(items);
        EXPECT_EQ(items.error().fault, Fault::unavailable);
        EXPECT_EQ(items.error().message, "provostd answered with a list that does not go on");
    }
}

TEST(Client, ADaemonThatIsNotRunningIsTemporaryAndSaysWhatToDo)
{
    TestDesk desk;
    desk.socket = "/nonexistent/admin.sock";
    EXPECT_EQ(desk.run({"status"}), 75);
    EXPECT_EQ(desk.err.str(),
              "provost: provostd is not running: /nonexistent/admin.sock: No such file or directory; start it with: "
              "systemctl start provostd\n");
    EXPECT_TRUE(desk.asked.empty());
}

TEST(Client, ADaemonThatDoesNotAnswerIsTemporary)
{
    TestDesk desk;
    EXPECT_EQ(desk.run({"status"}), 75);
    EXPECT_NE(desk.err.str().find("nobody answers"), std::string::npos);
}

TEST(Client, AnAnswerThatIsNoJsonIsTemporary)
{
    TestDesk desk;
    desk.answer("<html>");
    EXPECT_EQ(desk.run({"domain", "show", "example.test"}), 75);
    TestDesk lists;
    lists.answer("{}");
    EXPECT_EQ(lists.run({"domain", "list"}), 75);
}

TEST(Client, TheApisWordsAreTheErrors)
{
    auto const error = error_of({400,
                                 "application/problem+json",
                                 R"({"detail":"quota: '12Q' is not a size","fault":"invalid","field":"quota"})",
                                 {}});
    EXPECT_EQ(error.message, "quota: '12Q' is not a size");
    EXPECT_EQ(error.field, "quota");
    EXPECT_EQ(error.fault, Fault::invalid);
}

}  // namespace
}  // namespace provost::cli
