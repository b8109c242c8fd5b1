// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <filesystem>
#include <unistd.h>

#include <gtest/gtest.h>

#include "api/test_api.h"
#include "net/http_client.h"
#include "net/sockets.h"

namespace provost::api {
namespace {

constexpr long stranger = 4'000'000'001;  // no user or group of any host has it

TEST(Server, ThePeersCredentialsDecide)
{
    TestApi api;
    auto const handler = admin_handler(api.house(), stranger);
    struct {
        long uid;
        int status;
    } const cases[] = {{0, 200}, {static_cast<long>(geteuid()), 200}, {stranger, 200}, {stranger + 1, 403}, {-1, 403}};
    for (auto const& c : cases) {
        auto request = TestApi::request_for("GET", "/domains");
        request.peer.uid = request.peer.gid = c.uid;
        EXPECT_EQ(handler(request).status, c.status) << c.uid;
    }
}

TEST(Server, OverTcpATokenDecides)
{
    TestApi api;
    auto const secret = directory::new_token_secret();
    mail::Admin admin{.id = AdminId::make(), .name = "jane", .role = mail::Role::site_admin};
    mail::Token token{.id = TokenId::make(), .admin = admin.id, .hash = directory::token_hash(secret)};
    token.role = mail::Role::site_admin;
    token.domains.all = true;
    token.networks = {"198.51.100.7"};
    api.replica.change([&](directory::TestSnapshot& snapshot) {
        snapshot.admins.emplace(admin.id.text(), admin);
        snapshot.tokens.emplace(token.hash, token);
    });
    api.replica.release();
    // The record has it too: what is asked of it is judged there.
    ASSERT_TRUE(api.directory.record->act({"test", "local"}, [&](store::Writing& writing) -> Result<void> {
        writing.put(admin);
        writing.put(token);
        return {};
    }));
    Metrics metrics;
    password::Admission admission{{}};
    directory::Access access(api.replica, admission, {}, metrics);
    auto const handler = token_handler(api.house(), access, {"127.0.0.1"});
    auto ask = [&](std::string const& authorization, std::string const& from) {
        auto request = TestApi::request_for("GET", "/domains");
        request.peer.address = "127.0.0.1:4711";
        request.peer.uid = 0;  // a peer without credentials has none, whatever they would say
        request.headers.emplace("x-forwarded-for", from);
        if (!authorization.empty()) request.headers.emplace("authorization", authorization);
        return handler(request);
    };
    auto const bearer = "Bearer " + std::string(secret.reveal());
    EXPECT_EQ(ask(bearer, "198.51.100.7").status, 200);
    auto const none = ask("", "198.51.100.7");
    EXPECT_EQ(none.status, 401);
    EXPECT_EQ(none.headers.count("www-authenticate"), 1U);
    EXPECT_EQ(none.not_before, std::chrono::steady_clock::time_point());
    auto const elsewhere = ask(bearer, "198.51.100.8");
    EXPECT_EQ(elsewhere.status, 401);
    EXPECT_EQ(elsewhere.body.find("prv_"), std::string::npos);
    for (int i = 0; i < 30; ++i) {
        auto const guessed = ask("Bearer prv_" + std::to_string(i), "198.51.100.9");
        EXPECT_EQ(guessed.status, i < 20 ? 401 : 429) << i;
        EXPECT_GT(guessed.not_before, std::chrono::steady_clock::now() + std::chrono::seconds(1));
    }
    api.replica.release();
    api.replica.broken = true;
    EXPECT_EQ(ask(bearer, "198.51.100.7").status, 503);
}

TEST(Server, OnASocketTheKernelSaysWhoCallsAndNamesArriveWhole)
{
    TestApi api;
    Metrics metrics;
    net::Loops loops(1, {}, metrics);
    net::Workers workers(1, 10, metrics, "http");
    auto const path = "/tmp/provost-api-" + new_uuid();
    net::Listener const listener(loops, *net::bind_unix({.path = path}),
                                 net::http_sessions(admin_handler(api.house(), {}), workers, {}), net::for_listener({}),
                                 metrics, "admin");
    auto ask = [&](std::string const& method, std::string const& target, std::string const& body = {}) {
        net::HttpCall call;
        call.method = method;
        call.url = "http://provost/api/v1" + target;
        call.headers = {{"Content-Type", "application/json"}};
        call.body = body;
        call.unix_socket = path;
        return net::call(call).value();
    };
    EXPECT_EQ(ask("POST", "/domains", R"({"name":"example.test"})").status, 201);
    auto const added = ask("POST", "/aliases", R"({"address":"a/b+c@example.test","targets":["d@elsewhere.example"]})");
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(ask("GET", "/aliases/a%2Fb%2Bc%40example.test").status, 200);
    EXPECT_EQ(ask("GET", added.headers.find("location")->second.substr(std::string("/api/v1").size())).status, 200);
    EXPECT_EQ(ask("GET", "/aliases?mask=%2A%2Fb%2B%2A").status, 200);
    EXPECT_EQ(ask("GET", "/nothing").status, 404);
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace provost::api
