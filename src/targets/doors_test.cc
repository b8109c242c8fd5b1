// SPDX-License-Identifier: Apache-2.0
#include "targets/doors.h"

#include <functional>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/sockets.h"

using namespace provost;
using namespace provost::targets;
using namespace std::chrono_literals;

namespace {

// The server's end of one connection, in the clear and under TLS.
class Caller {
public:
    explicit Caller(net::Fd socket) : socket_(std::move(socket)) {}

    // False once the client is gone.
    bool say(std::string_view words)
    {
        auto const size = static_cast<int>(words.size());
        if (tls_) return SSL_write(tls_.get(), words.data(), size) == size;
        return ::send(socket_.get(), words.data(), words.size(), MSG_NOSIGNAL) == size;
    }
    std::string hear()
    {
        std::string line;
        for (char c = 0; c != '\n';) {
            auto const got = tls_ ? SSL_read(tls_.get(), &c, 1) : static_cast<int>(::recv(socket_.get(), &c, 1, 0));
            if (got != 1) return line + "<end>";
            if (c != '\r' && c != '\n') line += c;
        }
        return line;
    }
    void wait_until_gone()
    {
        while (hear().find("<end>") == std::string::npos) continue;
    }

    // A certificate that proves nothing: of today, for nobody, by itself.
    bool start_tls()
    {
        std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
        X509_set_pubkey(certificate.get(), key.get());
        X509_sign(certificate.get(), key.get(), EVP_sha256());
        context_.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(context_.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), key.get());
        tls_.reset(SSL_new(context_.get()));
        SSL_set_fd(tls_.get(), socket_.get());
        return SSL_accept(tls_.get()) == 1;
    }

private:
    net::Fd socket_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, SSL_free};
};

// A door behind which one caller is answered as the test says, on a thread.
class Server {
public:
    explicit Server(std::function<void(Caller&)> talk) : listening_(*net::bind_tcp("127.0.0.1", 0))
    {
        thread_ = std::thread([this, talk = std::move(talk)] {
            pollfd waited{listening_.get(), POLLIN, 0};
            ::poll(&waited, 1, 20'000);
            Caller caller(net::Fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
            talk(caller);
        });
    }
    ~Server() { thread_.join(); }

    KnockResult knock(DoorKind kind, DoorTls tls, std::chrono::milliseconds deadline = 20s)
    {
        Door const door{"door", kind, tls, "127.0.0.1", net::port_of(listening_)};
        return targets::knock(door, "jane@x", Secret("pw"), deadline);
    }

private:
    net::Fd listening_;
    std::thread thread_;
};

std::string words(KnockResult const& result) { return std::string(word(result.knock)) + ": " + result.said; }

}  // namespace

TEST(Doors, AreOpenedByTlsThatIsAskedFor)
{
    Server server([](Caller& caller) {
        caller.say("+OK Dovecot ready.\r\n");
        EXPECT_EQ(caller.hear(), "STLS");
        caller.say("+OK Begin TLS negotiation now.\r\n");
        ASSERT_TRUE(caller.start_tls());
        EXPECT_EQ(caller.hear(), "AUTH PLAIN");
        caller.say("+ \r\n");
        EXPECT_EQ(caller.hear(), "AGphbmVAeABwdw==");
        caller.say("-ERR [AUTH] Account disabled\r\n");
    });
    EXPECT_EQ(words(server.knock(DoorKind::pop3, DoorTls::starttls)), "refused: -ERR [AUTH] Account disabled");
}

TEST(Doors, AreOpenedByTlsFromTheStart)
{
    Server server([](Caller& caller) {
        ASSERT_TRUE(caller.start_tls());
        caller.say("220 mx ESMTP\r\n");
        EXPECT_EQ(caller.hear(), "EHLO [127.0.0.1]");
        caller.say("250-mx\r\n250 AUTH PLAIN\r\n");
        EXPECT_EQ(caller.hear(), "AUTH PLAIN AGphbmVAeABwdw==");
        caller.say("235 2.7.0 Authentication successful\r\n");
        EXPECT_EQ(caller.hear(), "QUIT");
        caller.say("221 2.0.0 Bye\r\n");
    });
    EXPECT_EQ(words(server.knock(DoorKind::submission, DoorTls::implicit)),
              "let in: 235 2.7.0 Authentication successful");
}

TEST(Doors, AreUnreachableWhereNobodyListens)
{
    std::uint16_t port = 0;
    {
        auto const closed = *net::bind_tcp("127.0.0.1", 0);
        port = net::port_of(closed);
    }
    auto const result =
        knock({"imap", DoorKind::imap, DoorTls::starttls, "127.0.0.1", port}, "jane@x", Secret("pw"), 2s);
    EXPECT_EQ(words(result), "unreachable: 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST(Doors, ThatStaySilentAreLeftAtTheDeadline)
{
    Server server([](Caller& caller) { caller.wait_until_gone(); });
    auto const result = server.knock(DoorKind::imap, DoorTls::starttls, 100ms);
    EXPECT_EQ(result.knock, Knock::temporary);
    EXPECT_GE(result.took, 100ms);
    EXPECT_LT(result.took, 5s);

    Server no_handshake([](Caller& caller) { caller.wait_until_gone(); });
    EXPECT_EQ(no_handshake.knock(DoorKind::imap, DoorTls::implicit, 100ms).knock, Knock::temporary);
}

TEST(Doors, ThatDripLinesAreLeftAtTheDeadlineToo)
{
    Server server([](Caller& caller) {
        caller.say("* OK\r\n");
        while (caller.say("* ")) {
            std::this_thread::sleep_for(1ms);
        }
    });
    auto const result = server.knock(DoorKind::imap, DoorTls::starttls, 200ms);
    EXPECT_EQ(result.knock, Knock::temporary);
    EXPECT_LT(result.took, 5s);
}

TEST(Doors, ThatSayEndlessLinesOrGarbageAreLeft)
{
    std::pair<std::string, Knock> const cases[] = {
        {std::string(100'000, 'x'), Knock::temporary},
        {"* OK\r\n" + std::string(100'000, 'x'), Knock::temporary},
        {std::string("\0\xff\x01\r\n", 5), Knock::temporary},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", Knock::temporary},
        {"* OK {9999999999}\r\n", Knock::temporary},
        {"* OK {-1}\r\ns OK {5}\r\nabc", Knock::temporary},
    };
    for (auto const& [said, knock] : cases) {
        SCOPED_TRACE(said.substr(0, 20));
        Server server([said = said](Caller& caller) { caller.say(said); });
        EXPECT_STREQ(word(server.knock(DoorKind::imap, DoorTls::starttls).knock), word(knock));
    }
}

TEST(Doors, ThatSpeakInTheClearAfterTlsAreNotBelieved)
{
    Server server([](Caller& caller) {
        caller.say("* OK\r\n");
        caller.hear();
        caller.say("s OK\r\na OK Logged in\r\n");
        caller.wait_until_gone();
    });
    EXPECT_EQ(server.knock(DoorKind::imap, DoorTls::starttls).knock, Knock::temporary);
}
