// SPDX-License-Identifier: Apache-2.0
#include "net/imap_client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "net/test_imap.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST(ImapClient, AsksAndIsAnswered)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 GETQUOTA \"user/a\"");
        talk.say("* QUOTA user/a (STORAGE 0 20)\r\n* 3 EXISTS\r\np1 OK [X y] Completed\r\n");
        talk.expect("p2 DELETE \"user/a\"");
        talk.say("p2 NO Permission denied\r\n");
        talk.expect("p3 FOO");
        talk.say("p3 BAD Unrecognized command\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto& client = *server.client;
    auto quota = client.ask(ImapCommand("GETQUOTA").text("user/a"));
    ASSERT_TRUE(quota) << quota.error().message;
    EXPECT_TRUE(quota->is_ok());
    EXPECT_EQ(quota->code.name, "X");
    EXPECT_EQ(quota->text, "Completed");
    ASSERT_EQ(quota->untagged.size(), 2U);
    EXPECT_EQ(quota->untagged[0].name, "QUOTA");
    EXPECT_EQ(quota->untagged[0].values.at(1).items.at(2).text, "20");
    auto const denied = client.ask(ImapCommand("DELETE").text("user/a"));
    ASSERT_TRUE(denied);
    EXPECT_EQ(denied->status, ImapReply::Status::no);
    EXPECT_EQ(denied->text, "Permission denied");
    EXPECT_TRUE(denied->untagged.empty());
    EXPECT_EQ(client.ask(ImapCommand("FOO"))->status, ImapReply::Status::bad);
}

TEST(ImapClient, KnowsWhatTheServerCan)
{
    Scripted told([](TestTalk& talk) { talk.say(can); });
    ASSERT_TRUE(told.client) << told.client.error().message;
    EXPECT_TRUE(told.client->offers("sasl-ir"));
    EXPECT_FALSE(told.client->offers("SASL"));
    EXPECT_FALSE(told.client->is_signed_in());

    Scripted asked([](TestTalk& talk) {
        talk.say("* PREAUTH welcome\r\n");
        talk.expect("p1 CAPABILITY");
        talk.say("* CAPABILITY IMAP4rev1 Quota\r\np1 OK done\r\n");
    });
    ASSERT_TRUE(asked.client) << asked.client.error().message;
    EXPECT_TRUE(asked.client->offers("QUOTA"));
    EXPECT_TRUE(asked.client->is_signed_in());
    EXPECT_TRUE(says(asked.client->sign_in("jane", Secret("x")), "has somebody signed in already"));

    Scripted silent([](TestTalk& talk) {
        talk.say("* OK\r\n");
        talk.line();
        talk.say("p1 BAD what?\r\n");
    });
    EXPECT_TRUE(says(outcome(silent.client), "does not tell what it can: what?"));
}

TEST(ImapClient, AServerThatDoesNotWelcomeIsUnavailable)
{
    for (auto const& greeting : {"* BYE too many\x1b connections\r\n"s, "220 smtp ESMTP\r\n"s, "p1 OK\r\n"s, "\r\n"s,
                                 "* NO\r\n"s, "* LIST () NIL x\r\n"s, ""s}) {
        Scripted server([&](TestTalk& talk) { talk.say(greeting); });
        ASSERT_FALSE(server.client) << greeting;
        EXPECT_EQ(server.client.error().fault, Fault::unavailable);
        EXPECT_EQ(server.client.error().message.find('\x1b'), std::string::npos);
    }
}

TEST(ImapClient, ATextThatQuotesCannotCarryIsALiteral)
{
    Scripted plus([](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 CREATE {7+}");
        EXPECT_EQ(talk.bytes(7), "m\xc3\xbcller");
        talk.expect(" \"b\"");
        talk.say("p1 OK\r\n");
    });
    ASSERT_TRUE(plus.client) << plus.client.error().message;
    EXPECT_TRUE(plus.client->ask(ImapCommand("CREATE").text("m\xc3\xbcller").text("b"))->is_ok());

    Scripted waits([](TestTalk& talk) {
        talk.say(can_little);
        talk.expect("p1 CREATE {7}");
        talk.say("* 1 EXISTS\r\n+ go ahead {5}\r\n");
        EXPECT_EQ(talk.bytes(7), "m\xc3\xbcller");
        talk.expect(" {1}");
        talk.say("+\r\n");
        talk.expect("");
        talk.expect("");
        talk.say("p1 OK\r\n");
        talk.expect("p2 CREATE {1}");
        talk.say("p2 NO [TOOBIG] no such literal\r\n");  // and the rest is not sent
        talk.expect("p3 NOOP");
        talk.say("p3 OK\r\n");
    });
    ASSERT_TRUE(waits.client) << waits.client.error().message;
    auto const reply = waits.client->ask(ImapCommand("CREATE").text("m\xc3\xbcller").text("\n"));
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->untagged.size(), 1U);
    auto const refused = waits.client->ask(ImapCommand("CREATE").text("\n"));
    ASSERT_TRUE(refused) << refused.error().message;
    EXPECT_EQ(refused->code.name, "TOOBIG");
    EXPECT_TRUE(waits.client->ask(ImapCommand("NOOP")));
}

TEST(ImapClient, AnAnswerMayHoldLiterals)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        talk.line();
        talk.say("* LIST () \"/\" {6}\r\na\r\n {1\r\n* METADATA {1}\r\nb (c ~{3}\r\n\0\r\n)\r\n* OK as in {9}\r\n"s);
        talk.say("p1 OK\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto const reply = server.client->ask(ImapCommand("X"));
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_EQ(reply->untagged.size(), 3U);
    EXPECT_EQ(reply->untagged[0].values.at(2).text, "a\r\n {1");
    EXPECT_EQ(reply->untagged[1].values.at(1).items.at(1).text, "\0\r\n"s);
    EXPECT_EQ(reply->untagged[2].text, "as in {9}");
}

TEST(ImapClient, ManyCommandsGoTogether)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 CREATE \"a\"");
        talk.expect("p2 CREATE \"b\"");
        talk.expect("p3 LIST \"\" \"*\"");
        talk.say("p1 OK first\r\np2 NO second\r\n* LIST () \"/\" a\r\np3 OK third\r\n");
        talk.expect("p4 NOOP");
        talk.say("p4 OK\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    std::vector<ImapCommand> commands;
    commands.push_back(ImapCommand("CREATE").text("a"));
    commands.push_back(ImapCommand("CREATE").text("b"));
    commands.push_back(ImapCommand("LIST").text("").text("*"));
    auto const replies = server.client->ask_all(commands);
    ASSERT_TRUE(replies) << replies.error().message;
    ASSERT_EQ(replies->size(), 3U);
    EXPECT_EQ((*replies)[0].text, "first");
    EXPECT_EQ((*replies)[1].status, ImapReply::Status::no);
    EXPECT_TRUE((*replies)[1].untagged.empty());
    EXPECT_EQ((*replies)[2].untagged.size(), 1U);
    EXPECT_TRUE(server.client->ask_all({})->empty());
    EXPECT_TRUE(server.client->ask(ImapCommand("NOOP")));
}

TEST(ImapClient, RepliesMayComeInAnyOrder)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        for (int i = 0; i < 3; ++i) talk.line();
        talk.say("* X of 3\r\np3 OK c\r\np1 OK a\r\n* X of 2\r\np2 BAD b\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    std::vector<ImapCommand> commands;
    for (int i = 0; i < 3; ++i) commands.emplace_back("X");
    auto const replies = server.client->ask_all(commands);
    ASSERT_TRUE(replies) << replies.error().message;
    EXPECT_EQ((*replies)[0].text, "a");
    EXPECT_EQ((*replies)[1].text, "b");
    EXPECT_EQ((*replies)[2].text, "c");
    EXPECT_EQ((*replies)[1].untagged.at(0).values.at(1).text, "2");
    EXPECT_EQ((*replies)[2].untagged.at(0).values.at(1).text, "3");
}

TEST(ImapClient, ACommandThatHasToWaitHoldsUpThoseBehindIt)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can_little);
        talk.expect("p1 NOOP");
        talk.expect("p2 CREATE {1}");
        talk.say("p1 OK\r\n+\r\n");  // nothing more has come until now
        talk.expect("");
        talk.expect("");
        talk.say("p2 OK\r\n");
        talk.expect("p3 NOOP");
        talk.say("p3 OK\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    std::vector<ImapCommand> commands;
    commands.emplace_back("NOOP");
    commands.push_back(ImapCommand("CREATE").text("\n"));
    commands.emplace_back("NOOP");
    auto const replies = server.client->ask_all(commands);
    EXPECT_TRUE(replies) << replies.error().message;
}

// Long answers to many commands: had all of them been sent at once, each end would wait until the other reads.
TEST(ImapClient, NeitherEndWaitsForTheOtherToRead)
{
    constexpr int count = 2000;
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    Fd ours(ends[0]);
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    std::thread serving([peer = ends[1]] {
        Fd const held(peer);
        TestTalk talk(peer);
        talk.say(can);
        std::string const answer = "* X " + std::string(2000, 'x') + "\r\n";
        for (int i = 1; i <= count && !talk.line().empty(); ++i) talk.say(answer + "p" + std::to_string(i) + " OK\r\n");
    });
    {
        auto client = ImapClient::over(LineClient::over(std::move(ours), "here", {}), on(0));
        std::vector<ImapCommand> commands;
        for (int i = 0; i < count; ++i) commands.push_back(ImapCommand("X").text(std::string(300, 'y')));
        auto const replies = client->ask_all(commands);
        EXPECT_TRUE(replies) << replies.error().message;
        EXPECT_TRUE(replies && replies->back().untagged.size() == 1);
    }
    serving.join();
}

TEST(ImapClient, WhatIsOnItsWayIsBounded)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        auto const answer = [&](int from, int to) {
            for (int i = from; i <= to; ++i) talk.say("p" + std::to_string(i) + " OK\r\n");
        };
        for (int i = 1; i <= 64; ++i) talk.line();
        EXPECT_FALSE(talk.has_more());
        answer(1, 31);
        EXPECT_FALSE(talk.has_more()) << "more comes when half of those are answered";
        answer(32, 32);
        for (int i = 65; i <= 96; ++i) talk.line();
        EXPECT_FALSE(talk.has_more());
        answer(33, 96);
        for (int i = 97; i <= 100; ++i) talk.line();
        answer(97, 100);
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    std::vector<ImapCommand> commands;
    for (int i = 0; i < 100; ++i) commands.emplace_back("NOOP");
    auto const replies = server.client->ask_all(commands);
    EXPECT_TRUE(replies) << replies.error().message;

    // One that is larger than what may be on its way goes alone.
    std::string const large(100'000, 'x');
    Scripted alone([&](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 NOOP");
        talk.say("p1 OK\r\n");
        talk.expect("p2 X {100000+}");
        EXPECT_EQ(talk.bytes(100'000), large);
        talk.expect("");
        talk.say("p2 OK\r\n");
    });
    ASSERT_TRUE(alone.client) << alone.client.error().message;
    commands.clear();
    commands.emplace_back("NOOP");
    commands.push_back(ImapCommand("X").text(large));
    EXPECT_TRUE(alone.client->ask_all(commands));
}

TEST(ImapClient, TroubleEndsTheConversationForGood)
{
    struct {
        std::string said;
        char const* error;
    } const cases[] = {
        {"* LIST () NIL a\r\n* BYE [UNAVAILABLE] shutting\x1b down\r\n",
         "says good-bye: [UNAVAILABLE] shutting\\x1b down"},
        {"p7 OK\r\n", "answers what was not asked: p7"},
        {"+ go on\r\n", "asks to go on with nothing: go on"},
        {"* LIST (a\r\n", "not understood (a list does not end): * LIST (a"},
        {"HTTP/1.1 400\r\n", "not understood (an answer is neither OK nor NO nor BAD)"},
        {"* LIST () \"/\" {9223372036854775807}\r\n", "says more than it should"},
        {"* LIST () \"/\" {17000000}\r\n", "a literal is longer than"},
        {"* LIST () \"/\" {10}\r\nabc", "ended the conversation"},
        {"* LIST () \"/", "ended the conversation"},
        {std::string(70'000, 'x') + "\r\n", "a line is longer than"},
        {"* X " + std::string(100, '(') + "\r\n", "lists are nested too deep"},
        {"", "ended the conversation"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.error);
        Scripted server([&](TestTalk& talk) {
            talk.say(can);
            talk.line();
            talk.say(c.said);
        });
        ASSERT_TRUE(server.client) << server.client.error().message;
        auto const reply = server.client->ask(ImapCommand("X"));
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().fault, Fault::unavailable);
        EXPECT_NE(reply.error().message.find(c.error), std::string::npos) << reply.error().message;
        EXPECT_EQ(reply.error().message.find("127.0.0.1:"), 0U);
        EXPECT_LT(reply.error().message.size(), 1000U);

        auto const again = server.client->ask(ImapCommand("X"));
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().message, reply.error().message);
        EXPECT_FALSE(server.client->ask_all({}));
        EXPECT_FALSE(server.client->sign_in("a", Secret("b")));
        EXPECT_FALSE(server.client->sign_out());
    }
}

TEST(ImapClient, WhatCannotBeSentEndsNothing)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 NOOP");
        talk.say("p1 OK\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto const refused = server.client->ask(ImapCommand("DELETE").text("a\0b"s));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    std::vector<ImapCommand> commands;
    commands.emplace_back("NOOP");
    commands.push_back(ImapCommand("X").word("a\r\nb"));
    EXPECT_FALSE(server.client->ask_all(commands)) << "and nothing of it is sent";
    EXPECT_TRUE(server.client->ask(ImapCommand("NOOP")));
}

TEST(ImapClient, AServerThatDripsIsNotWaitedForLonger)
{
    TestServer server([](int peer) {
        TestTalk talk(peer);
        talk.say(can);
        talk.line();
        // A byte each 10 ms, for as long as the client listens.
        pollfd heard{peer, POLLIN, 0};
        for (int i = 1; i < 2000 && ::poll(&heard, 1, 10) == 0; ++i)
            talk.say(i % 20 == 0 ? "\r\n" : i % 20 == 1 ? "*" : " X");
    });
    auto how = on(server.port);
    how.limits.timeout = 300ms;
    auto client = ImapClient::connect(how);
    ASSERT_TRUE(client) << client.error().message;
    auto const began = std::chrono::steady_clock::now();
    auto const reply = client->ask(ImapCommand("X"));
    auto const took = std::chrono::steady_clock::now() - began;
    ASSERT_FALSE(reply);
    client = fail(Fault::unavailable, "over");
    EXPECT_LT(took, 10s);
    EXPECT_GE(took, 200ms);
}

TEST(ImapClient, SilenceHasItsEnd)
{
    TestServer server([](int peer) {
        TestTalk talk(peer);
        talk.say(can);
        talk.line(), talk.line();
    });
    auto how = on(server.port);
    how.limits.timeout = 50ms;
    auto client = ImapClient::connect(how);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_TRUE(says(outcome(client->ask(ImapCommand("X"))), "no answer within 50 ms"));
    client = fail(Fault::unavailable, "over");
}

TEST(ImapClient, TheAnswersToOneCommandHaveTheirLimits)
{
    auto const talk = [](int peer) {
        TestTalk to(peer);
        to.say(can);
        to.line();
        for (int i = 0; i < 10; ++i) to.say("* X a b c\r\n");
        to.say("p1 OK\r\n");
        to.line();
        for (int i = 0; i < 11; ++i) to.say("* X a b c\r\n");
        to.say("p2 OK\r\n");
    };
    {
        TestServer server(talk);
        auto how = on(server.port);
        how.most_answers = 10;
        auto client = ImapClient::connect(how);
        ASSERT_TRUE(client) << client.error().message;
        EXPECT_EQ(client->ask(ImapCommand("X"))->untagged.size(), 10U);
        EXPECT_TRUE(says(outcome(client->ask(ImapCommand("X"))), "says more than it should"));
    }
    {
        TestServer server(talk);
        auto how = on(server.port);
        how.largest_reply = 2000;
        auto client = ImapClient::connect(how);
        ASSERT_TRUE(client) << client.error().message;
        EXPECT_TRUE(says(outcome(client->ask(ImapCommand("X"))), "says more than it should"));
    }
}
