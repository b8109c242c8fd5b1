// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus_admin.h"

#include <gtest/gtest.h>

#include "targets/test_cyrus.h"

namespace provost::targets {
namespace {

using net::ImapCommand;
using Heard = std::vector<std::string>;

class CyrusAdminTest : public testing::Test {
protected:
    int conversations()
    {
        return cyrus.state.with([](auto& s) { return s.conversations; });
    }
    template <class T>
    static void expect_unavailable(Result<T> const& result, std::string const& words)
    {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().fault, Fault::unavailable);
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
    }

    TestCyrus cyrus;
    CyrusAdmin::Settings settings = cyrus.settings();
};

TEST_F(CyrusAdminTest, AConversationIsKeptAndUsedAgain)
{
    CyrusAdmin admin(settings);
    for (int i = 0; i < 3; ++i) {
        auto lease = admin.open();
        ASSERT_TRUE(lease) << lease.error().message;
        EXPECT_TRUE(lease->ask(ImapCommand("NOOP"))->is_ok());
    }
    EXPECT_EQ(cyrus.take_heard(""), (Heard{"AUTHENTICATE cyrus", "NAMESPACE", "NOOP", "NOOP", "NOOP"}));
    EXPECT_EQ(conversations(), 1);
}

TEST_F(CyrusAdminTest, EachOfTwoAtOnceHasItsOwn)
{
    CyrusAdmin admin(settings);
    for (int i = 0; i < 2; ++i) {
        auto const first = admin.open();
        auto const second = admin.open();
        EXPECT_TRUE(first && second);
        EXPECT_EQ(conversations(), 2);
    }
}

TEST_F(CyrusAdminTest, NoMoreAreKeptThanWereAskedFor)
{
    settings.most_kept = 1;
    CyrusAdmin admin(settings);
    for (int i = 0; i < 2; ++i) {
        auto const first = admin.open();
        auto const second = admin.open();
        EXPECT_TRUE(first && second);
    }
    EXPECT_EQ(conversations(), 3);
}

TEST_F(CyrusAdminTest, OneThatWasSilentForLongIsTriedFirst)
{
    settings.trusted_for = std::chrono::milliseconds(0);
    CyrusAdmin admin(settings);
    EXPECT_TRUE(admin.open());
    cyrus.take_heard("");
    EXPECT_TRUE(admin.open());
    EXPECT_EQ(cyrus.take_heard(""), Heard{"NOOP"});
    EXPECT_EQ(conversations(), 1);
}

TEST_F(CyrusAdminTest, OneThatIsFoundDeadIsReplaced)
{
    settings.trusted_for = std::chrono::milliseconds(0);
    CyrusAdmin admin(settings);
    {
        auto const first = admin.open();
        auto const second = admin.open();
        EXPECT_TRUE(first && second);
    }
    cyrus.hang_up();
    auto lease = admin.open();
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_TRUE(lease->ask(ImapCommand("NOOP"))->is_ok());
    EXPECT_EQ(conversations(), 3);
}

TEST_F(CyrusAdminTest, OneThatBrokeIsNotKept)
{
    CyrusAdmin admin(settings);
    cyrus.end_at("GETACL", "* BYE Server shutting down\r\n");
    {
        auto lease = admin.open();
        ASSERT_TRUE(lease) << lease.error().message;
        expect_unavailable(lease->ask(ImapCommand("GETACL").text("x")), "Server shutting down");
    }
    {
        auto lease = admin.open();
        ASSERT_TRUE(lease) << lease.error().message;
        std::vector<ImapCommand> commands;
        commands.emplace_back("NOOP");
        commands.push_back(ImapCommand("GETACL").text("x"));
        expect_unavailable(lease->ask_all(commands), "shutting down");
    }
    EXPECT_TRUE(admin.open());
    EXPECT_EQ(conversations(), 3);
}

TEST_F(CyrusAdminTest, OneThatBrokeIsNotKeptWhateverIsAskedOfItAfterwards)
{
    CyrusAdmin admin(settings);
    cyrus.end_at("GETACL", "* BYE Server shutting down\r\n");
    {
        auto lease = admin.open();
        ASSERT_TRUE(lease) << lease.error().message;
        EXPECT_FALSE(lease->ask(ImapCommand("GETACL").text("x")));
        EXPECT_FALSE(lease->ask(ImapCommand("X").word("a\r\nb")));
    }
    EXPECT_TRUE(admin.open()->ask(ImapCommand("NOOP")));
}

TEST_F(CyrusAdminTest, WhatCannotBeSentBreaksNothing)
{
    CyrusAdmin admin(settings);
    EXPECT_EQ(admin.open()->ask(ImapCommand("X").word("a\r\nb")).error().fault, Fault::invalid);
    EXPECT_TRUE(admin.open());
    EXPECT_EQ(conversations(), 1);
}

TEST_F(CyrusAdminTest, TheServerTellsHowItNamesMailboxes)
{
    settings.default_domain = "example.org";
    cyrus.state.with([](auto& s) { s.names = {.prefix = "user.", .separator = '.'}; });
    CyrusAdmin admin(settings);
    auto const lease = admin.open();
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(lease->names().mailbox("john.doe@example.net", "Sent"), "user.john^doe.Sent@example.net");
    EXPECT_EQ(lease->names().place("user.alice")->user, "alice@example.org");
}

TEST_F(CyrusAdminTest, AServerThatDoesNotTellIsOfNoUse)
{
    for (auto const* untagged : {"", "* NAMESPACE NIL NIL NIL\r\n", "* NAMESPACE ((\"INBOX/\" \"/\")) NIL NIL\r\n",
                                 "* NAMESPACE ((\"INBOX/\" \"/\")) ((\"user/\" NIL)) NIL\r\n",
                                 "* NAMESPACE \"a\" \"b\" \"c\"\r\n", "* NAMESPACE () () ()\r\n", "* NAMESPACE\r\n"}) {
        SCOPED_TRACE(untagged);
        // Tags of a sign-in and the first question after it.
        cyrus.end_at("NAMESPACE", untagged + std::string("p2 OK Completed\r\n"));
        CyrusAdmin admin(settings);
        expect_unavailable(admin.open(), "does not tell how it names");
        expect_unavailable(admin.open_as("bob"), "does not tell how it names");
    }
    cyrus.end_at("NAMESPACE", "p2 NO Not now\r\n");
    CyrusAdmin admin(settings);
    expect_unavailable(admin.open(), "does not tell how it names");
}

TEST_F(CyrusAdminTest, AWrongPasswordMayBePutRightAndIsNotTold)
{
    cyrus.state.with([](auto& s) { s.password = "another"; });
    CyrusAdmin admin(settings);
    expect_unavailable(admin.open(), "Cyrus does not let cyrus in: ");
    expect_unavailable(admin.open(), "Login incorrect");
    cyrus.answer("AUTHENTICATE", "NO secret-of-cyrus is wrong");
    auto const refused = admin.open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("secret-of-cyrus"), std::string::npos) << refused.error().message;
}

TEST_F(CyrusAdminTest, ThePasswordIsAskedForAtEachSignIn)
{
    std::string password = "old";
    settings.password = [&]() -> Result<Secret> { return Secret(password); };
    CyrusAdmin admin(settings);
    expect_unavailable(admin.open(), "Login incorrect");
    password = "secret-of-cyrus";
    EXPECT_TRUE(admin.open());
}

TEST_F(CyrusAdminTest, WithoutAPasswordNobodyIsSignedIn)
{
    settings.password = []() -> Result<Secret> { return fail(Fault::unavailable, "there is no password"); };
    CyrusAdmin admin(settings);
    expect_unavailable(admin.open(), "there is no password");
    EXPECT_EQ(cyrus.take_heard(""), Heard{});
}

TEST_F(CyrusAdminTest, ItActsAsAUserByItsOwnPassword)
{
    CyrusAdmin admin(settings);
    auto owner = admin.open_as("bob@example.org");
    ASSERT_TRUE(owner) << owner.error().message;
    EXPECT_EQ(owner->prefix, "INBOX/");
    EXPECT_TRUE(owner->client.ask(ImapCommand("NOOP"))->is_ok());
    EXPECT_EQ(cyrus.take_heard("AUTHENTICATE"), Heard{"AUTHENTICATE cyrus as bob@example.org"});
}

TEST_F(CyrusAdminTest, AsWhomItMayNotActIsTold)
{
    cyrus.answer("AUTHENTICATE", "NO [AUTHORIZATIONFAILED] not a proxy user");
    CyrusAdmin admin(settings);
    expect_unavailable(admin.open_as("bob@example.org"), "Cyrus does not let cyrus in as bob@example.org: ");
    expect_unavailable(admin.open_as("bob@example.org"), "not a proxy user");
}

TEST_F(CyrusAdminTest, AServerThatIsNotThereIsUnavailable)
{
    {
        TestCyrus gone;
        settings.server = gone.settings().server;
    }
    CyrusAdmin admin(settings);
    EXPECT_EQ(admin.open().error().fault, Fault::unavailable);
    EXPECT_EQ(admin.open_as("bob").error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace provost::targets
