// SPDX-License-Identifier: Apache-2.0
#include "net/line_client.h"

#include <memory>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "net/sockets.h"
#include "net/test_identity.h"
#include "net/test_peer.h"
#include "net/test_server.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

constexpr LineClient::Limits patient{.timeout = 20s};

using Server = TestServer;

void say(int peer, std::string_view words) { ::send(peer, words.data(), words.size(), MSG_NOSIGNAL); }

std::string hear(int peer)
{
    char buffer[256];
    auto const n = ::recv(peer, buffer, sizeof buffer, 0);
    return {buffer, n > 0 ? static_cast<std::size_t>(n) : 0};
}

class LineClientTls : public testing::Test {
protected:
    TestDirectory directory;
    std::string ca = directory.file("ca.pem");
    TestIdentity identity{ca};
};

}  // namespace

TEST(LineClient, AWholeConversationCanHaveOneDeadline)
{
    Server server([](int peer) { hear(peer); });
    auto client = LineClient::connect("127.0.0.1", server.port, patient);
    ASSERT_TRUE(client) << client.error().message;
    client->set_timeout(10ms);
    auto const line = client->read_line();
    ASSERT_FALSE(line);
    EXPECT_NE(line.error().message.find("no answer within 10 ms"), std::string::npos);
}

TEST(LineClient, TalksInLinesAndLiterals)
{
    Server server([](int peer) {
        say(peer, "* OK hel");
        say(peer, "lo\r\n+ more\n");
        EXPECT_EQ(hear(peer), "a LOGIN\r\n");
        say(peer, "* {5}\r\na\r\nb\nrest\r\n");
    });
    auto client = LineClient::connect("127.0.0.1", server.port, patient);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(*client->read_line(), "* OK hello");
    EXPECT_EQ(*client->read_line(), "+ more");
    EXPECT_TRUE(client->write("a LOGIN\r\n"));
    EXPECT_EQ(*client->read_line(), "* {5}");
    EXPECT_EQ(*client->read_bytes(5), "a\r\nb\n");
    EXPECT_EQ(*client->read_line(), "rest");
    auto end = client->read_line();
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().fault, Fault::unavailable);
}

TEST(LineClient, FindsAHostByNameAndASocketByPath)
{
    Server server([](int peer) { say(peer, "hello\r\n"); });
    auto by_name = LineClient::connect("localhost", server.port, patient);
    ASSERT_TRUE(by_name) << by_name.error().message;
    EXPECT_EQ(*by_name->read_line(), "hello");

    TestDirectory directory;
    auto socket = *bind_unix({.path = directory.file("s")});
    EXPECT_TRUE(LineClient::connect_unix(directory.file("s"), patient));
}

TEST(LineClient, TroubleIsUnavailableAndNamesTheServer)
{
    auto socket = *bind_tcp("127.0.0.1", 0);
    auto const port = port_of(socket);
    auto const where = "127.0.0.1:" + std::to_string(port);
    auto client = LineClient::connect("127.0.0.1", port, {.timeout = 50ms});
    ASSERT_TRUE(client);
    auto silent = client->read_line();
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().fault, Fault::unavailable);
    EXPECT_NE(silent.error().message.find(where + ": no answer within 50 ms"), std::string::npos);

    socket.close();
    auto nobody = LineClient::connect("127.0.0.1", port, patient);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().fault, Fault::unavailable);
    EXPECT_EQ(LineClient::connect("no-such-host.invalid", 143, patient).error().fault, Fault::unavailable);
    EXPECT_EQ(LineClient::connect_unix("/no/such/socket", patient).error().fault, Fault::unavailable);
}

TEST(LineClient, ALineMayBeAsLongAsTheLimitAndNoLonger)
{
    Server server([](int peer) { say(peer, std::string(100, 'x') + "\r\n" + std::string(101, 'x') + "\r\n"); });
    auto client = LineClient::connect("127.0.0.1", server.port, {.timeout = 20s, .longest_line = 100});
    EXPECT_EQ(client->read_line()->size(), 100u);
    EXPECT_FALSE(client->read_line());
    EXPECT_FALSE(client->read_bytes((16 << 20) + 1));
}

TEST(LineClient, KnowsWhetherTheOtherEndIsOnThisHost)
{
    Server server([](int peer) { hear(peer); });
    auto by_address = LineClient::connect("127.0.0.1", server.port, patient);
    ASSERT_TRUE(by_address) << by_address.error().message;
    EXPECT_TRUE(by_address->is_on_this_host());
    EXPECT_FALSE(by_address->is_encrypted());
    EXPECT_EQ(by_address->where(), "127.0.0.1:" + std::to_string(server.port));

    auto six = bind_tcp("::1", 0);
    if (six) {
        EXPECT_TRUE(LineClient::connect("::1", port_of(*six), patient)->is_on_this_host());
    }

    TestDirectory directory;
    auto socket = *bind_unix({.path = directory.file("s")});
    EXPECT_TRUE(LineClient::connect_unix(directory.file("s"), patient)->is_on_this_host());
    // Whatever it is called: no other end, no this host.
    EXPECT_FALSE(LineClient::over(Fd(::socket(AF_INET, SOCK_STREAM, 0)), "127.0.0.1", patient).is_on_this_host());
}

TEST_F(LineClientTls, TheCertificateMustProveTheName)
{
    struct {
        TlsCheck check;
        std::optional<Fault> fault;
    } const cases[] = {
        {TlsCheck::for_name("imap.example.org", ca), std::nullopt},
        {TlsCheck::for_name("127.0.0.1", ca), std::nullopt},
        {TlsCheck::for_name("mail.example.org", ca), Fault::denied},
        {TlsCheck::for_name("127.0.0.2", ca), Fault::denied},
        {TlsCheck::for_name("imap.example.org"), Fault::denied},
        {TlsCheck::for_name("imap.example.org", "/no/such/file"), Fault::invalid},
        {TlsCheck::none("a test"), std::nullopt},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.check.name() + " " + c.check.ca_file());
        Server server([&](int peer) { identity.serve(peer); });
        auto client = LineClient::connect("127.0.0.1", server.port, patient);
        ASSERT_TRUE(client);
        auto secured = client->start_tls(c.check);
        if (c.fault) {
            ASSERT_FALSE(secured);
            EXPECT_EQ(secured.error().fault, *c.fault) << secured.error().message;
            EXPECT_FALSE(client->is_encrypted());
        } else {
            ASSERT_TRUE(secured) << secured.error().message;
            EXPECT_TRUE(client->is_encrypted());
            EXPECT_TRUE(client->write("hello\r\n"));
            EXPECT_EQ(*client->read_line(), "hello");
        }
    }
}

TEST_F(LineClientTls, TheConversationMayBeginInTheClear)
{
    Server server([&](int peer) {
        say(peer, "* OK\r\n");
        EXPECT_EQ(hear(peer), "a STARTTLS\r\n");
        say(peer, "a OK\r\n");
        identity.serve(peer);
    });
    auto client = LineClient::connect("127.0.0.1", server.port, patient);
    EXPECT_EQ(*client->read_line(), "* OK");
    EXPECT_TRUE(client->write("a STARTTLS\r\n"));
    EXPECT_EQ(*client->read_line(), "a OK");
    ASSERT_TRUE(client->start_tls(TlsCheck::for_name("imap.example.org", ca)));
    EXPECT_TRUE(client->write("secret\r\n"));
    EXPECT_EQ(*client->read_line(), "secret");
    EXPECT_FALSE(client->read_line());
}

TEST_F(LineClientTls, BytesInjectedBeforeTheHandshakeEndIt)
{
    Server server([&](int peer) { say(peer, "a OK\r\n* injected\r\n"); });
    auto client = LineClient::connect("127.0.0.1", server.port, patient);
    EXPECT_EQ(*client->read_line(), "a OK");
    auto secured = client->start_tls(TlsCheck::none("a test"));
    ASSERT_FALSE(secured);
    EXPECT_EQ(secured.error().fault, Fault::unavailable);
}

TEST_F(LineClientTls, AServerThatNeverShakesHandsIsLate)
{
    Server server([](int peer) { hear(peer), hear(peer); });
    auto client = LineClient::connect("127.0.0.1", server.port, {.timeout = 50ms});
    auto secured = client->start_tls(TlsCheck::none("a test"));
    ASSERT_FALSE(secured);
    EXPECT_EQ(secured.error().fault, Fault::unavailable);
    client = fail(Fault::unavailable, "over");
}
