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
    EXPECT_EQ(desk.run({"mailbox", "add", "crew@example.test", "--kind", "shared", "--password-stdin"}), 2);
    EXPECT_NE(desk.err.str().find("a shared mailbox has no login"), std::string::npos) << desk.err.str();
    EXPECT_EQ(desk.asked.size(), 3U);
}

constexpr auto kept = R"({"detail":"old_mailbox: it is kept","fault":"conflict","field":"old_mailbox"})";

TEST(MailboxCommand, AddSaysWhatBecomesOfADeletedMailbox)
{
    TestDesk desk;
    desk.answer(kept, 409);
    EXPECT_EQ(desk.run({"mailbox", "add", "bob@example.test", "--no-password"}), 4);
    EXPECT_EQ(desk.run({"mailbox", "add", "bob@example.test", "--no-password", "--adopt"}), 4);
    EXPECT_EQ(desk.run({"mailbox", "add", "bob@example.test", "--no-password", "--set-aside"}), 4);
    EXPECT_EQ(desk.asked,
              (std::vector<std::string>{R"(POST /mailboxes {"name":"bob@example.test"})",
                                        R"(POST /mailboxes {"name":"bob@example.test","old_mailbox":"adopt"})",
                                        R"(POST /mailboxes {"name":"bob@example.test",)"
                                        R"("old_mailbox":"set-aside"})"}));
    EXPECT_EQ(desk.run({"mailbox", "add", "bob@example.test", "--no-password", "--adopt", "--set-aside"}), 2);
    EXPECT_EQ(desk.prompts, "");
}

TEST(MailboxCommand, AddAsksOnATerminal)
{
    TestDesk desk;
    desk.around.can_ask = true;
    desk.answer(kept, 409);
    desk.answer(done_json("bob@example.test"));
    desk.agrees = true;
    EXPECT_EQ(desk.run({"mailbox", "add", "bob@example.test", "--no-password"}), 0);
    EXPECT_EQ(desk.prompts, "Is the new one to have the old mail?");
    EXPECT_EQ(desk.asked.at(1), R"(POST /mailboxes {"name":"bob@example.test","old_mailbox":"adopt"})");

    TestDesk no;
    no.around.can_ask = true;
    no.answer(kept, 409);
    EXPECT_EQ(no.run({"mailbox", "add", "bob@example.test", "--no-password"}), 1);
    EXPECT_EQ(no.prompts,
              "Is the new one to have the old mail?Is it to start empty, and the old mail to be kept apart?");
    EXPECT_EQ(no.asked.size(), 1U);
    EXPECT_NE(no.err.str().find("it is kept"), std::string::npos);
}

TEST(MailboxCommand, RestoreTakesOneOrAMask)
{
    TestDesk desk;
    desk.answer(done_json("bob@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "restore", "bob@example.test", "--as", "b@example.test", "--id", "7"}), 0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /mailboxes/bob%40example.test/restore {"as":"b@example.test","id":"7"})");
    EXPECT_EQ(desk.run({"mailbox", "restore", "*@example.test", "--id", "7"}), 2);

    TestDesk mask;
    mask.answer(R"({"items":[{"name":"a@example.test"},{"name":"a@example.test"}],"next":null})");
    mask.answer(done_json("a@example.test"));
    EXPECT_EQ(mask.run({"mailbox", "restore", "*@example.test", "--yes"}), 0);
    EXPECT_EQ(mask.asked, (std::vector<std::string>{"GET /deleted-mailboxes?mask=%2A%40example.test",
                                                    "POST /mailboxes/a%40example.test/restore"}));
}

TEST(MailboxCommand, RenameSaysWhetherTheAddressIsKept)
{
    TestDesk desk;
    desk.answer(done_json("b@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "rename", "a@example.test", "b@example.test"}), 0);
    EXPECT_EQ(desk.run({"mailbox", "rename", "a@example.test", "b@example.test", "--keep-address", "-n"}), 0);
    EXPECT_EQ(desk.asked,
              (std::vector<std::string>{R"(POST /mailboxes/a%40example.test/rename {"to":"b@example.test"})",
                                        R"(POST /mailboxes/a%40example.test/rename?dry_run=true )"
                                        R"({"to":"b@example.test","keep_address":true})"}));
}

TEST(MailboxCommand, PurgeWantsTheNameOnceMore)
{
    TestDesk desk;
    desk.answer(done_json("a@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "purge", "a@example.test"}), 2);
    EXPECT_EQ(desk.run({"mailbox", "purge"}), 2);
    EXPECT_TRUE(desk.asked.empty());
    desk.around.can_ask = true;
    desk.typed = {"b@example.test", "a@example.test"};
    EXPECT_EQ(desk.run({"mailbox", "purge", "a@example.test"}), 1);
    EXPECT_TRUE(desk.asked.empty());
    EXPECT_EQ(desk.run({"mailbox", "purge", "a@example.test"}), 0);
    EXPECT_EQ(desk.run({"mailbox", "purge", "a@example.test", "--id", "7", "--yes"}), 0);
    EXPECT_EQ(desk.run({"mailbox", "purge", "--id", "7", "--yes"}), 0);
    EXPECT_EQ(desk.asked, (std::vector<std::string>{"POST /mailboxes/a%40example.test/purge",
                                                    R"(POST /mailboxes/a%40example.test/purge {"id":"7"})",
                                                    "DELETE /deleted-mailboxes/7"}));
}

TEST(MailboxCommand, PurgeByMaskTakesEachByItsId)
{
    TestDesk desk;
    desk.answer(R"({"items":[{"name":"a@example.test","id":"7"},{"name":"a@example.test","id":"8"}],"next":null})");
    desk.answer(done_json("a@example.test"));
    EXPECT_EQ(desk.run({"mailbox", "purge", "a*"}), 2);
    desk.asked.clear();
    desk.answers.push_front({200,
                             "application/json",
                             R"({"items":[{"name":"a@example.test","id":"7"},{"name":"a@example.test","id":"8"}],)"
                             R"("next":null})",
                             {}});
    EXPECT_EQ(desk.run({"mailbox", "purge", "a*", "--yes"}), 0);
    EXPECT_EQ(desk.asked, (std::vector<std::string>{"GET /deleted-mailboxes?mask=a%2A", "DELETE /deleted-mailboxes/7",
                                                    "DELETE /deleted-mailboxes/8"}));
    EXPECT_EQ(desk.out.str(),
              "NAME            OUTCOME  REVISION  NOTE\n"
              "a@example.test  purged   7\n"
              "a@example.test  purged   7\n");
}

TEST(MailboxCommand, ListShowsTheDeletedOnes)
{
    TestDesk desk;
    desk.answer(R"({"items":[{"name":"a@example.test","id":"7","restorable_until":null,"state_before":"active",)"
                R"("display_name":null}],"next":null})");
    EXPECT_EQ(desk.run({"-o", "csv", "mailbox", "list", "--deleted"}), 0);
    EXPECT_EQ(desk.asked.at(0), "GET /deleted-mailboxes?mask=%2A");
    EXPECT_EQ(desk.out.str(), "name,id,restorable_until,state_before,display_name\na@example.test,7,,active,\n");
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
