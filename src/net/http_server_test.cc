// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <future>
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/text.h"
#include "net/sockets.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

// Says what it was asked.
HttpResponse mirror(HttpRequest const& request)
{
    if (request.segments == std::vector<std::string>{"hunger"}) throw std::bad_alloc();
    if (request.segments == std::vector<std::string>{"throw"}) throw std::runtime_error("password=secret");
    std::string text = request.method;
    for (auto const& segment : request.segments) text += " /" + segment;
    for (auto const& [name, value] : request.query) text += " " + name + "=" + value;
    if (auto colour = request.header("x-colour")) text += " colour:" + std::string(*colour);
    if (!request.body.empty()) text += " body:" + std::to_string(request.body.size());
    return {200, "text/plain", text};
}

class Http : public testing::Test {
protected:
    void serve(HttpHandler handler, HttpLimits limits = {}, std::size_t queue = 100, HttpLater later = {})
    {
        workers = std::make_unique<Workers>(1, queue, metrics, "http");
        listener = std::make_unique<Listener>(loops, *bind_unix({.path = path}),
                                              http_sessions(std::move(handler), *workers, limits, std::move(later)),
                                              for_listener(limits), metrics, "http");
    }
    std::string ask(std::string const& bytes)
    {
        TestPeer peer(path);
        peer.send(bytes);
        return peer.receive_all();
    }

    TestDirectory directory;
    std::string path = directory.file("s");
    Metrics metrics;
    Loops loops{1, {}, metrics};
    std::unique_ptr<Workers> workers;
    std::unique_ptr<Listener> listener;
};

std::string body_of(std::string const& response)
{
    auto const end = response.find("\r\n\r\n");
    return end == std::string::npos ? response : response.substr(end + 4);
}

}  // namespace

TEST_F(Http, ARequestIsUnderstood)
{
    serve(mirror);
    std::string const end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    struct {
        std::string request;
        char const* body;
    } const cases[] = {
        {"GET /" + end + "\r\n", "GET"},
        {"GET /api/v1/mailboxes" + end + "\r\n", "GET /api /v1 /mailboxes"},
        {"GET /m/jane%2Bwork%40example.org/a%2Fb" + end + "\r\n", "GET /m /jane+work@example.org /a/b"},
        {"GET /m?q=a%26b+c&limit=5" + end + "\r\n", "GET /m limit=5 q=a&b c"},
        {"DELETE /m" + end + "X-Colour: blue\r\n\r\n", "DELETE /m colour:blue"},
        {"POST /m" + end + "Content-Length: 5\r\n\r\n12345", "POST /m body:5"},
        {"POST /m" + end + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "POST /m body:5"},
        {"PATCH /m" + end + "\r\n", "PATCH /m"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.request);
        auto const response = ask(c.request);
        EXPECT_EQ(response.substr(0, 17), "HTTP/1.1 200 OK\r\n");
        EXPECT_NE(response.find("Content-Type: text/plain\r\n"), std::string::npos);
        EXPECT_EQ(body_of(response), c.body);
    }
}

TEST_F(Http, RequestsInOneConnectionAreAnsweredInOrder)
{
    serve(mirror);
    auto const response =
        ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /d HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const a = response.find("GET /a"), b = response.find("GET /b"), c = response.find("GET /c");
    EXPECT_LT(a, b);
    EXPECT_LT(b, c);
    EXPECT_NE(c, std::string::npos);
    EXPECT_EQ(response.find("GET /d"), std::string::npos);
}

// Each byte is looked at once: a stranger must not keep an event loop busy with what it has read before.
TEST_F(Http, ABodyInManySmallPiecesCostsNoMoreThanItsBytes)
{
    Workers one(1, 10, metrics, "pieces");
    auto const session = http_sessions(mirror, one, {})({});
    struct Answers final : Exchange {
        void write(std::string_view bytes) override { said += bytes; }
        Responder later(std::chrono::milliseconds, std::optional<std::string>) override
        {
            ++requests;
            return Responder(nullptr);
        }
        void stream(std::function<std::optional<std::string>()>) override {}
        void close() override {}
        std::string said;
        int requests = 0;
    } exchange;

    constexpr std::size_t chunks = 40'000;
    std::string request = "POST /m HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    auto const header = request.size();
    for (std::size_t i = 0; i < chunks; ++i) request += "1\r\nx\r\n";
    request += "0\r\n\r\n";
    auto const started = std::chrono::steady_clock::now();
    for (auto size = header; size < request.size(); ++size)
        ASSERT_EQ(session->on_bytes(std::string_view(request).substr(0, size), exchange), 0U);
    EXPECT_EQ(session->on_bytes(request, exchange), request.size());
    EXPECT_EQ(exchange.requests, 1);
    EXPECT_EQ(exchange.said, "");
    // Read anew with each byte, it would be 28 thousand million bytes.
    EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
}

TEST_F(Http, HeadHasALengthAndNoBody)
{
    serve(mirror);
    auto const response = ask("HEAD /abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(response.find("Content-Length: 9\r\n"), std::string::npos);
    EXPECT_EQ(body_of(response), "");
}

TEST_F(Http, WhatIsMalformedOrTooLargeIsRefusedAndClosed)
{
    serve(mirror, {.header = 1000, .body = 1000});
    struct {
        std::string request;
        char const* status;
    } const cases[] = {
        {"what is this\r\n\r\n", "400"},
        {"GET / H\r\n\r\n", "400"},
        {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
        {"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), "431"},
        {"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n",
         "413"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.request);
        auto const response = ask(c.request);
        EXPECT_EQ(response.substr(9, 3), c.status);
        EXPECT_NE(response.find("application/problem+json"), std::string::npos);
    }
}

TEST_F(Http, ALongBodyMayComeInPiecesAfterAContinue)
{
    serve(mirror);
    TestPeer peer(path);
    peer.send(
        "POST /m HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(peer.receive(25), "HTTP/1.1 100 Continue\r\n\r\n");
    for (int i = 0; i < 10; ++i) peer.send(std::string(100'000, 'x'));
    EXPECT_EQ(body_of(peer.receive_all()), "POST /m body:1000000");
}

TEST_F(Http, AHandlerThatThrowsIsA500WithoutDetails)
{
    serve(mirror);
    auto const response = ask("GET /throw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(response.substr(9, 3), "500");
    EXPECT_EQ(response.find("secret"), std::string::npos);
    EXPECT_EQ(body_of(response), R"({"type":"about:blank","title":"Internal Server Error","status":500})");
}

TEST_F(Http, AHandlerThatHasNoMemoryIsA503)
{
    serve(mirror);
    EXPECT_EQ(ask("GET /hunger HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").substr(9, 3), "503");
}

TEST_F(Http, AFullQueueIsA503AndSoIsALateHandler)
{
    std::promise<void> go_on;
    auto const gate = go_on.get_future().share();
    std::promise<void> begun;
    serve(
        [&, gate](HttpRequest const& request) {
            if (request.segments.empty()) return mirror(request);
            begun.set_value();
            gate.wait();
            return mirror(request);
        },
        {.answer_time = 200ms}, 1);
    TestPeer slow(path), waiting(path);
    slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    begun.get_future().wait();
    waiting.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(slow.receive(12), "HTTP/1.1 503");
    EXPECT_EQ(waiting.receive(12), "HTTP/1.1 503");
    TestPeer refused(path);
    refused.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(refused.receive(12), "HTTP/1.1 503");
    EXPECT_TRUE(refused.is_closed()) << "as it said";
    go_on.set_value();
}

TEST_F(Http, AResponseThatIsToWaitHoldsNoWorker)
{
    auto const late = [](HttpRequest const& request) {
        auto response = mirror(request);
        if (!request.segments.empty()) response.not_before = std::chrono::steady_clock::now() + 300ms;
        return response;
    };
    serve(late, {}, 100, [this](auto delay, auto work) { loops.post_after(delay, std::move(work)); });
    std::string const end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    TestPeer waiting(path);
    auto const begun = std::chrono::steady_clock::now();
    waiting.send("GET /late" + end);
    // There is one worker; those who come meanwhile are answered.
    for (int i = 0; i < 5; ++i) EXPECT_EQ(body_of(ask("GET /" + end)), "GET");
    EXPECT_EQ(body_of(waiting.receive_all()), "GET /late");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
}

TEST_F(Http, AHeaderValueCannotSmuggleAnotherField)
{
    serve([](HttpRequest const&) {
        return HttpResponse{200, "text/plain", "x", {{"X-Evil", "a\r\nSet-Cookie: b"}, {"X-Good", "c"}}};
    });
    auto const response = ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(response.find("Set-Cookie"), std::string::npos);
    EXPECT_NE(response.find("X-Good: c\r\n"), std::string::npos);
}

TEST_F(Http, ThePeerOfAUnixSocketIsPassedOn)
{
    serve([](HttpRequest const& request) { return HttpResponse{200, "text/plain", std::to_string(request.peer.uid)}; });
    EXPECT_EQ(body_of(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), std::to_string(::getuid()));
}
