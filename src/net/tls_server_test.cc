// SPDX-License-Identifier: Apache-2.0
#include "net/tls_server.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/line_client.h"
#include "net/sockets.h"
#include "net/test_identity.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

class Tls : public testing::Test {
protected:
    Tls() { make_identity(); }
    void make_identity() { TestIdentity{certificate, key}; }
    void serve(HttpLimits limits = {})
    {
        auto loaded = TlsServer::load(certificate, key);
        ASSERT_TRUE(loaded) << loaded.error().message;
        tls = *loaded;
        auto listening = *bind_tcp("127.0.0.1", 0);
        port = port_of(listening);
        auto const echo = [](HttpRequest const& request) {
            return HttpResponse{200, "text/plain", request.peer.address.substr(0, 9) + request.body};
        };
        listener = std::make_unique<Listener>(loops, std::move(listening), http_sessions(echo, workers, limits),
                                              for_listener(limits), metrics, "https", tls);
    }
    Result<HttpResponse> post(std::string body, std::string const& ca)
    {
        return call({.method = "POST",
                     .url = "https://127.0.0.1:" + std::to_string(port) + "/",
                     .body = std::move(body),
                     .ca_file = ca});
    }

    TestDirectory directory;
    std::string certificate = directory.file("certificate.pem");
    std::string key = directory.file("key.pem");
    Metrics metrics;
    Loops loops{1, {}, metrics};
    Workers workers{1, 100, metrics, "https"};
    std::shared_ptr<TlsServer> tls;
    std::unique_ptr<Listener> listener;
    std::uint16_t port = 0;
};

}  // namespace

TEST_F(Tls, ARequestAndItsAnswerAreOfAnyLength)
{
    serve();
    for (std::size_t size : {0U, 1U, 16'384U, 16'385U, 3'000'000U}) {
        auto const response = post(std::string(size, 'x'), certificate);
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->body, "127.0.0.1" + std::string(size, 'x'));
    }
}

TEST_F(Tls, WithoutOurAuthorityTheClientDoesNotBelieveUs)
{
    serve();
    auto const response = post("x", "");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().fault, Fault::unavailable);
}

TEST_F(Tls, SeveralRequestsGoOverOneConnectionInAnyPieces)
{
    serve();
    auto client = *LineClient::connect("127.0.0.1", port, {.timeout = 20s});
    ASSERT_TRUE(client.start_tls(TlsCheck::for_name("imap.example.org", certificate)));
    for (int i = 0; i < 3; ++i) {
        std::string const request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
        for (char c : request) ASSERT_TRUE(client.write({&c, 1}));
        EXPECT_EQ(*client.read_line(), "HTTP/1.1 200 OK");
        while (!client.read_line()->empty()) continue;
        EXPECT_EQ(*client.read_bytes(11), "127.0.0.1ab");
    }
}

TEST_F(Tls, WhoSpeaksInTheClearGetsNoAnswerAndIsClosed)
{
    serve();
    TestPeer peer(port);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const said = peer.receive_all();
    EXPECT_EQ(said.find("HTTP"), std::string::npos) << said;
    EXPECT_TRUE(post("x", certificate)) << "and nobody else is";
}

TEST_F(Tls, AHandshakeHasATimeHoweverItIsDrawnOut)
{
    serve({.request_time = 300ms});
    TestPeer silent(port), dripping(port);
    auto const begun = std::chrono::steady_clock::now();
    // The beginning of a ClientHello record of 512 bytes.
    dripping.send(std::string("\x16\x03\x01\x02\x00", 5));
    EXPECT_EQ(silent.receive_all(), "");
    EXPECT_EQ(dripping.receive_all(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_F(Tls, ARenewedCertificateIsShownAfterItWasReadAgain)
{
    serve();
    auto const old = directory.file("old.pem");
    std::filesystem::copy_file(certificate, old);
    make_identity();
    EXPECT_TRUE(post("x", old)) << "not read yet";
    ASSERT_TRUE(tls->reload());
    EXPECT_FALSE(post("x", old));
    EXPECT_TRUE(post("x", certificate));

    std::ofstream(key) << "no key";
    auto const failed = tls->reload();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().field, "key");
    EXPECT_TRUE(post("x", certificate)) << "the last that was good goes on";
}

TEST_F(Tls, FilesThatCannotBeUsedAreNamed)
{
    auto const missing = TlsServer::load(directory.file("none.pem"), key);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("none.pem"), std::string::npos) << missing.error().message;
    auto const other = directory.file("other.key");
    TestIdentity{directory.file("other.pem"), other};
    EXPECT_FALSE(TlsServer::load(certificate, other)) << "of another certificate";
}
