// SPDX-License-Identifier: Apache-2.0
// Who is let in, over what, and what is kept from whom.
#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "net/imap_client.h"
#include "net/test_identity.h"
#include "net/test_imap.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

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
