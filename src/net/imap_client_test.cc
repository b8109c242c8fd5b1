// SPDX-License-Identifier: Apache-2.0
#include "net/imap_client.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "net/test_identity.h"
#include "net/test_peer.h"
#include "net/test_server.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr auto can = "* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN SASL-IR ID] ready\r\n";
constexpr auto can_little = "* OK [CAPABILITY IMAP4rev1] ready\r\n";

ImapServer on(std::uint16_t port, ImapServer::Tls tls = ImapServer::Tls::none)
{
    ImapServer server;
    server.host = "127.0.0.1";
    server.port = port;
    server.tls = tls;
    server.limits.timeout = 20s;
    return server;
}

bool says(Result<void> const& result, std::string_view words)
{
    return !result && result.error().message.find(words) != std::string::npos;
}
template <class T>
Result<void> outcome(Result<T> const& result)
{
    if (!result) return tl::make_unexpected(result.error());
    return {};
}

// A server that follows a script, in the clear.
class Scripted {
public:
    explicit Scripted(std::function<void(TestTalk&)> script)
        : server_([script = std::move(script)](int peer) {
              TestTalk talk(peer);
              script(talk);
          }),
          client(ImapClient::connect(on(server_.port)))
    {
    }

private:
    TestServer server_;

public:
    Result<ImapClient> client;
};

class ImapClientTls : public testing::Test {
protected:
    // Asks for the capabilities twice: before TLS, and anew under it.
    void serve_starttls(int peer)
    {
        TestTalk talk(peer);
        talk.say("* OK ready\r\n");
        talk.expect("p1 CAPABILITY");
        talk.say("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED X-FORGED\r\np1 OK done\r\n");
        talk.expect("p2 STARTTLS");
        talk.say("* CAPABILITY X-FORGED-TOO\r\np2 OK [CAPABILITY X-FORGED-AS-WELL] go ahead\r\n");
        identity.serve(peer, [](SSL* tls) {
            TestTalk under(tls);
            under.expect("p3 CAPABILITY");
            under.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\np3 OK done\r\n");
            under.expect("p4 AUTHENTICATE PLAIN " + to_base64("\0jane\0secret"s));
            under.say("p4 OK [CAPABILITY IMAP4rev1 ACL] in\r\n");
            under.line();
        });
    }

    TestDirectory directory;
    std::string ca = directory.file("ca.pem");
    TestIdentity identity{ca};
};

// An address of this host at which the network reaches it; empty where there is none.
std::string outer_address()
{
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return {};
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const held(all, ::freeifaddrs);
    for (auto const* each = all; each; each = each->ifa_next) {
        if (!each->ifa_addr || each->ifa_addr->sa_family != AF_INET || (each->ifa_flags & IFF_LOOPBACK) != 0) continue;
        sockaddr_in address{};
        std::memcpy(&address, each->ifa_addr, sizeof address);
        char text[INET_ADDRSTRLEN];
        if (::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text)) return text;
    }
    return {};
}

}  // namespace

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

// Long answers to short commands: had all of them been sent at once, each end would wait until the other reads.
TEST(ImapClient, NeitherEndWaitsForTheOtherToRead)
{
    constexpr int count = 5000;
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        std::string const answer = "* X " + std::string(2000, 'x') + "\r\n";
        for (int i = 1; i <= count; ++i) {
            if (talk.line().empty()) return;
            talk.say(answer + "p" + std::to_string(i) + " OK\r\n");
        }
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    std::vector<ImapCommand> commands;
    for (int i = 0; i < count; ++i) commands.push_back(ImapCommand("X").text(std::string(300, 'y')));
    auto const replies = server.client->ask_all(commands);
    ASSERT_TRUE(replies) << replies.error().message;
    EXPECT_EQ(replies->size(), static_cast<std::size_t>(count));
    EXPECT_EQ(replies->back().untagged.size(), 1U);
}

TEST(ImapClient, WhatIsOnItsWayIsBounded)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        std::size_t bytes = 0, commands = 0;
        for (int i = 1; i <= 64; ++i) talk.line();
        talk.say("p64 OK\r\n");
        // The rest comes only when half of those are answered.
        for (int i = 1; i < 32; ++i) talk.say("p" + std::to_string(i) + " OK\r\n");
        for (; commands < 32; ++commands) bytes += talk.line().size();
        for (int i = 32; i <= 100; ++i) {
            if (i != 64) talk.say("p" + std::to_string(i) + " OK\r\n");
        }
        EXPECT_LT(bytes, 8192U);
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
        for (int i = 0; i < 2000 && ::poll(&heard, 1, 10) == 0; ++i)
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

TEST(ImapClient, SignsInBySaslPlain)
{
    auto const words = to_base64("\0cyrus\0secret"s);
    Scripted at_once([&](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 AUTHENTICATE PLAIN " + words);
        talk.say("p1 OK [CAPABILITY IMAP4rev1 ACL] in\r\n");
    });
    ASSERT_TRUE(at_once.client) << at_once.client.error().message;
    EXPECT_TRUE(at_once.client->sign_in("cyrus", Secret("secret")));
    EXPECT_TRUE(at_once.client->is_signed_in());
    EXPECT_TRUE(at_once.client->offers("ACL"));
    EXPECT_FALSE(at_once.client->offers("AUTH=PLAIN"));

    Scripted asked([&](TestTalk& talk) {
        talk.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINDISABLED] ready\r\n");
        talk.expect("p1 AUTHENTICATE PLAIN");
        talk.say("+ \r\n");
        talk.expect(words);
        talk.say("p1 OK in\r\n");
        talk.expect("p2 CAPABILITY");
        talk.say("* CAPABILITY IMAP4rev1 QUOTA\r\np2 OK\r\n");
    });
    ASSERT_TRUE(asked.client) << asked.client.error().message;
    auto const in = asked.client->sign_in("cyrus", Secret("secret"));
    EXPECT_TRUE(in) << in.error().message;
    EXPECT_TRUE(asked.client->offers("QUOTA"));
}

TEST(ImapClient, ActsAsAnother)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        // As Cyrus lets proxyservers act, byte for byte.
        talk.expect("p1 AUTHENTICATE PLAIN YWxpY2VAZXhhbXBsZS50ZXN0AG1hZHByb3h5AG1weA==");
        talk.say("p1 OK [CAPABILITY IMAP4rev1] in\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    EXPECT_TRUE(server.client->sign_in("madproxy", Secret("mpx"), "alice@example.test"));

    Scripted no_plain([](TestTalk& talk) { talk.say(can_little); });
    ASSERT_TRUE(no_plain.client) << no_plain.client.error().message;
    auto const refused = no_plain.client->sign_in("madproxy", Secret("mpx"), "alice@example.test");
    EXPECT_TRUE(says(refused, "offers no AUTH=PLAIN"));
}

TEST(ImapClient, SignsInByLoginWhereThereIsNoPlain)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can_little);
        talk.expect(R"(p1 LOGIN "cyrus" "se\"c\\ret")");
        talk.say("p1 OK [CAPABILITY IMAP4rev1 LITERAL+] in\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    EXPECT_TRUE(server.client->sign_in("cyrus", Secret(R"(se"c\ret)")));

    Scripted disabled([](TestTalk& talk) { talk.say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n"); });
    ASSERT_TRUE(disabled.client) << disabled.client.error().message;
    auto const refused = disabled.client->sign_in("cyrus", Secret("secret"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::unavailable);
}

TEST(ImapClient, ARefusalIsToldFromAServerThatCannotTell)
{
    struct {
        std::string said;
        Fault fault;
        char const* words;
    } const cases[] = {
        {"p1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", Fault::denied, "Authentication failed."},
        {"p1 NO authentication failure\r\n", Fault::denied, "authentication failure"},
        {"p1 NO Login failed: authorization failure\r\n", Fault::denied, "authorization failure"},
        {"p1 NO [UNAVAILABLE] Temporary authentication failure.\r\n", Fault::unavailable, "[UNAVAILABLE] Temporary"},
        {"p1 NO Login failed: generic failure\r\n", Fault::unavailable, "generic failure"},
        {"p1 NO [AUTHENTICATIONFAILED] generic failure\r\n", Fault::denied, "generic failure"},
        {"p1 NO [INUSE] later\r\n", Fault::unavailable, "later"},
        {"p1 BAD what?\r\n", Fault::unavailable, "what?"},
        {"* BYE too many\r\n", Fault::unavailable, "too many"},
    };
    for (auto const& c : cases) {
        Scripted server([&](TestTalk& talk) {
            talk.say(can);
            talk.line();
            talk.say(c.said);
            talk.line();
        });
        ASSERT_TRUE(server.client) << server.client.error().message;
        auto const refused = server.client->sign_in("cyrus", Secret("e"));
        server.client = fail(Fault::unavailable, "over");
        ASSERT_FALSE(refused) << c.said;
        EXPECT_EQ(refused.error().fault, c.fault) << c.said;
    }
}

TEST(ImapClient, WhoWasRefusedMayTryAgain)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        talk.line();
        talk.say("p1 NO [AUTHENTICATIONFAILED] no\r\n");
        talk.line();
        talk.say("p2 OK [CAPABILITY IMAP4rev1] in\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto const refused = server.client->sign_in("cyrus", Secret("wrong"));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("[AUTHENTICATIONFAILED] no"), std::string::npos);
    EXPECT_FALSE(server.client->is_signed_in());
    EXPECT_TRUE(server.client->sign_in("cyrus", Secret("right")));
}

TEST(ImapClient, NoPasswordIsRepeatedInAnError)
{
    auto const words = to_base64("\0cyrus\0hunter2"s);
    for (auto const& said : {"p1 NO hunter2 is wrong\r\n"s, "p1 BAD AUTHENTICATE PLAIN " + words + "?\r\n",
                             "* BYE never " + words + "\r\n", "p9 OK hunter2\r\n"s, "* hunter2 (\r\n"s, "hunter2\r\n"s,
                             "p1 NO [HUNTER2 hunter2]\r\n"s}) {
        Scripted server([&](TestTalk& talk) {
            talk.say(can);
            talk.line();
            talk.say(said);
            talk.line();
        });
        ASSERT_TRUE(server.client) << server.client.error().message;
        auto const refused = server.client->sign_in("cyrus", Secret("hunter2"));
        server.client = fail(Fault::unavailable, "over");
        ASSERT_FALSE(refused) << said;
        EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos) << refused.error().message;
        EXPECT_EQ(refused.error().message.find(words), std::string::npos) << refused.error().message;
    }
    Scripted server([&](TestTalk& talk) {
        talk.say(can);
        talk.line();
        talk.say("* NO not hunter2\r\np1 NO [X hunter2] hunter2\r\n");
    });
    auto const reply = server.client->ask(ImapCommand("X").secret(Secret("hunter2")));
    ASSERT_TRUE(reply) << reply.error().message;
    for (auto const& said : {reply->text, reply->code.arguments, reply->untagged.at(0).text}) {
        EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
    }
}

TEST(ImapClient, NoPasswordLeavesTheHostInTheClear)
{
    auto const address = outer_address();
    if (address.empty()) GTEST_SKIP() << "this host has no other address than loopback";
    TestServer server(
        [](int peer) {
            TestTalk talk(peer);
            talk.say(can);
            EXPECT_EQ(talk.line(), "");
        },
        address);
    auto how = on(server.port);
    how.host = address;
    auto client = ImapClient::connect(how);
    ASSERT_TRUE(client) << client.error().message;
    auto const refused = client->sign_in("cyrus", Secret("secret"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    client = fail(Fault::unavailable, "over");
}

TEST(ImapClient, ASocketByPathIsThisHost)
{
    TestDirectory directory;
    auto listening = *bind_unix({.path = directory.file("imap")});
    std::thread serving([&] {
        pollfd waited{listening.get(), POLLIN, 0};
        ::poll(&waited, 1, 20'000);
        Fd const peer(::accept(listening.get(), nullptr, nullptr));
        TestTalk talk(peer.get());
        talk.say(can);
        talk.line();
        talk.say("p1 OK [CAPABILITY IMAP4rev1] in\r\n");
    });
    ImapServer how;
    how.host = "nowhere.invalid";
    how.unix_path = directory.file("imap");
    how.tls = ImapServer::Tls::none;
    how.limits.timeout = 20s;
    auto client = ImapClient::connect(how);
    EXPECT_TRUE(client) << client.error().message;
    EXPECT_TRUE(client && client->sign_in("cyrus", Secret("secret")));
    serving.join();
}

TEST(ImapClient, SignsOutAndIsDone)
{
    Scripted server([](TestTalk& talk) {
        talk.say(can);
        talk.expect("p1 LOGOUT");
        talk.say("* BYE LOGOUT received\r\np1 OK Completed\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto const out = server.client->sign_out();
    EXPECT_TRUE(out) << out.error().message;
    EXPECT_TRUE(says(outcome(server.client->ask(ImapCommand("NOOP"))), "is signed out"));
    EXPECT_FALSE(server.client->is_signed_in());
}

TEST_F(ImapClientTls, StartsTlsAndForgetsWhatWasSaidBefore)
{
    TestServer server([&](int peer) { serve_starttls(peer); });
    auto how = on(server.port, ImapServer::Tls::starttls);
    how.check = TlsCheck::for_name("imap.example.org", ca);
    auto client = ImapClient::connect(how);
    ASSERT_TRUE(client) << client.error().message;
    for (auto const* forged : {"X-FORGED", "X-FORGED-TOO", "X-FORGED-AS-WELL"}) EXPECT_FALSE(client->offers(forged));
    EXPECT_FALSE(client->offers("LOGINDISABLED"));
    auto const in = client->sign_in("jane", Secret("secret"));
    EXPECT_TRUE(in) << in.error().message;
    EXPECT_TRUE(client->offers("ACL"));
    client = fail(Fault::unavailable, "over");
}

TEST_F(ImapClientTls, SpeaksTlsFromTheStart)
{
    TestServer server([&](int peer) {
        identity.serve(peer, [](SSL* tls) {
            TestTalk talk(tls);
            talk.say(can);
            talk.expect("p1 NOOP");
            talk.say("p1 OK\r\n");
        });
    });
    auto how = on(server.port, ImapServer::Tls::implicit);
    how.check = TlsCheck::for_name({}, ca);  // its host, 127.0.0.1
    auto client = ImapClient::connect(how);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_TRUE(client->ask(ImapCommand("NOOP")));
}

TEST_F(ImapClientTls, TheCertificateMustProveTheName)
{
    struct {
        TlsCheck check;
        bool is_believed;
    } const cases[] = {
        {TlsCheck::for_name({}), false},  // by the system's authorities
        {TlsCheck::for_name("mail.example.org", ca), false},
        {TlsCheck::for_name({}, ca), true},
        {TlsCheck::none("a test"), true},
        {TlsCheck::none({}), false},  // without a reason it is checked
    };
    for (auto const tls : {ImapServer::Tls::implicit, ImapServer::Tls::starttls}) {
        for (auto const& c : cases) {
            SCOPED_TRACE(c.check.name() + " " + c.check.ca_file());
            TestServer server([&](int peer) {
                if (tls == ImapServer::Tls::implicit) {
                    return identity.serve(peer, [](SSL* under) { TestTalk(under).say(can); });
                }
                serve_starttls(peer);
            });
            auto how = on(server.port, tls);
            how.check = c.check;
            auto client = ImapClient::connect(how);
            EXPECT_EQ(client.has_value(), c.is_believed);
            if (!client) {
                EXPECT_EQ(client.error().fault, Fault::denied) << client.error().message;
            } else if (tls == ImapServer::Tls::starttls) {
                EXPECT_TRUE(client->sign_in("jane", Secret("secret")));
            }
            client = fail(Fault::unavailable, "over");
        }
    }
}

TEST_F(ImapClientTls, NothingIsSaidToAServerThatDoesNotStartTls)
{
    struct {
        std::string greeting, answer;
        char const* error;
    } const cases[] = {
        {can, "", "offers no STARTTLS"},
        {"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n", "p1 BAD TLS support isn't enabled\r\n", "refuses STARTTLS"},
        {"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] in\r\n", "", "lets us in before TLS"},
        {"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n", "p1 OK go\r\n* CAPABILITY X-INJECTED\r\n", "in the clear"},
        {"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\np1 OK go\r\n", "p1 OK go\r\n", ""},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.error);
        TestServer server([&](int peer) {
            TestTalk talk(peer);
            talk.say(c.greeting);
            if (!c.answer.empty()) talk.expect("p1 STARTTLS");
            talk.say(c.answer);
            EXPECT_EQ(talk.line().find("secret"), std::string::npos);
        });
        auto how = on(server.port, ImapServer::Tls::starttls);
        how.check = TlsCheck::none("a test");
        how.limits.timeout = 2s;
        auto client = ImapClient::connect(how);
        EXPECT_TRUE(says(outcome(client), c.error)) << (client ? "connected" : client.error().message);
        client = fail(Fault::unavailable, "over");
    }
}
