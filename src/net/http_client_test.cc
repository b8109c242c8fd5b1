// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <future>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "net/http_server.h"
#include "net/sockets.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

HttpResponse mirror(HttpRequest const& request)
{
    std::string text = request.method;
    for (auto const& segment : request.segments) text += "/" + segment;
    if (auto key = request.header("authorization")) text += " key:" + std::string(*key);
    return {201, "text/plain", text + " " + request.body, {{"ETag", "\"7\""}}};
}

class HttpClient : public testing::Test {
protected:
    TestDirectory directory;
    std::string path = directory.file("s");
    Metrics metrics;
    Loops loops{1, {}, metrics};
    Workers workers{1, 10, metrics, "http"};
};

}  // namespace

TEST_F(HttpClient, CallsOverAUnixSocket)
{
    Listener listener(loops, *bind_unix({.path = path}), http_sessions(mirror, workers, {}), for_listener({}), metrics,
                      "http");
    auto response = call({.method = "POST",
                          .url = "http://provost/api/v1",
                          .headers = {{"Authorization", "X-Dovecot-API a2V5"}},
                          .body = std::string("a\0b", 3),
                          .unix_socket = path});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->type, "text/plain");
    EXPECT_EQ(response->headers.find("etag")->second, "\"7\"");
    EXPECT_EQ(response->body, std::string("POST/api/v1 key:X-Dovecot-API a2V5 a\0b", 38));
}

TEST_F(HttpClient, CallsOverTcpWithAnyMethodAndALongBody)
{
    auto socket = *bind_tcp("127.0.0.1", 0);
    auto const url = "http://127.0.0.1:" + std::to_string(port_of(socket)) + "/x";
    Listener listener(loops, std::move(socket), http_sessions(mirror, workers, {}), for_listener({}), metrics, "http");
    for (auto const* method : {"GET", "DELETE", "PATCH", "PUT"})
        EXPECT_EQ(call({.method = method, .url = url})->body, method + std::string("/x "));
    EXPECT_EQ(call({.method = "HEAD", .url = url})->status, 201);
    EXPECT_EQ(call({.method = "PUT", .url = url, .body = std::string(3'000'000, 'x')})->body.size(), 3'000'006u);
}

TEST_F(HttpClient, TroubleOnTheWayIsUnavailable)
{
    auto nobody = call({.url = "http://x/", .unix_socket = directory.file("nobody")});
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().fault, Fault::unavailable);
    EXPECT_NE(nobody.error().message.find("nobody"), std::string::npos);

    auto other = *bind_unix({.path = directory.file("other")});
    std::jthread const answers([&] {
        Fd const peer(::accept(other.get(), nullptr, nullptr));
        char heard[1000];
        static_cast<void>(::recv(peer.get(), heard, sizeof heard, 0));
        std::string_view const answer = "HTTP/7.1 200 OK\r\n\r\n";
        ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
    auto strange = call({.url = "http://x/", .unix_socket = directory.file("other")});
    ASSERT_FALSE(strange);
    EXPECT_EQ(strange.error().fault, Fault::unavailable);

    auto silent = *bind_unix({.path = path});
    auto waited = call({.url = "http://x/", .unix_socket = path, .total_time = 100ms});
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().fault, Fault::unavailable);
}

TEST_F(HttpClient, AResponseLongerThanTheLimitIsRefused)
{
    auto large = [](HttpRequest const&) { return HttpResponse{200, "text/plain", std::string(5000, 'x')}; };
    Listener listener(loops, *bind_unix({.path = path}), http_sessions(large, workers, {}), for_listener({}), metrics,
                      "http");
    EXPECT_EQ(call({.url = "http://x/", .unix_socket = path, .longest_body = 5000})->body.size(), 5000u);
    EXPECT_FALSE(call({.url = "http://x/", .unix_socket = path, .longest_body = 4999}));
}

TEST_F(HttpClient, WhatCannotBeSentIsRefusedBeforeItIs)
{
    EXPECT_EQ(call({.url = "http://x/", .headers = {{"X", "a\r\nY: b"}}}).error().fault, Fault::invalid);
    EXPECT_EQ(call({.url = "file:///etc/passwd"}).error().fault, Fault::invalid);
}
