// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(MailboxCommand, AddTakesAPasswordUnlessItIsShared)
{
    TestDesk desk;
    desk.answer(done_json("alice@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "add", "alice@example.test", "--password-stdin", "--services", "imap,submission"}),
              0);
    EXPECT_EQ(
        desk.run({"mailbox", "add", "team@example.test", "--kind", "shared", "--members", "alice@example.test=read"}),
        0);
    EXPECT_EQ(desk.run({"mailbox", "add", "bob@example.test", "--no-password"}), 0);
    EXPECT_EQ(
        desk.asked,
        (std::vector<std::string>{
            R"(POST /mailboxes {"services":["imap","submission"],"password":"from stdin","name":"alice@example.test"})",
            R"(POST /mailboxes {"kind":"shared","members":[{"mailbox":"alice@example.test","rights":["read"]}],)"
            R"("name":"team@example.test"})",
            R"(POST /mailboxes {"name":"bob@example.test"})"}));
    EXPECT_EQ(desk.run({"mailbox", "add", "joe@example.test"}), 2);
    EXPECT_EQ(desk.asked.size(), 3U);
}

TEST(MailboxCommand, DisablePrintsTheProof)
{
    TestDesk desk;
    desk.answer(done_json("bob@example.test",
                          R"({"complete":true,"sessions_ended":1,"sessions_took_ms":30,"sessions_trouble":null,)"
                          R"("took_ms":50,"doors":[{"door":"imap","before":"let in","after":"refused","said":"NO",)"
                          R"("took_ms":12,"proved":true}]})"));
    EXPECT_EQ(desk.run({"mailbox", "disable", "bob@example.test", "--hold"}), 0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /mailboxes/bob%40example.test/disable {"suspension":"hold"})");
    EXPECT_EQ(desk.out.str(),
              "mailbox bob@example.test disabled, revision 7\n"
              "  imap  refused in 12 ms  (let in before)\n"
              "  1 session ended in 30 ms\n"
              "  proved at 1 door, 50 ms in all\n");
}

TEST(MailboxCommand, NoPasswordIsTakenFromTheCommandLine)
{
    TestDesk desk;
    desk.answer(done_json("bob@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "passwd", "bob@example.test", "--password", "sesame"}), 2);
    EXPECT_EQ(desk.run({"mailbox", "passwd", "bob@example.test", "sesame"}), 2);
    EXPECT_TRUE(desk.asked.empty());
}

TEST(MailboxCommand, KickEndsSessions)
{
    TestDesk desk;
    desk.answer(done_json("bob@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "kick", "bob@example.test"}), 0);
    EXPECT_EQ(desk.asked.at(0), "POST /mailboxes/bob%40example.test/kick");
}

}  // namespace
}  // namespace provost::cli
