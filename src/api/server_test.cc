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

constexpr long stranger = 4'000'000'001;  // no user of any host has it

TEST(Server, ThePeersCredentialsDecide)
{
    TestApi api;
    auto const handler = admin_handler(api.house(), {stranger});
    struct {
        long uid;
        int status;
    } const cases[] = {{0, 200}, {static_cast<long>(geteuid()), 200}, {stranger, 200}, {stranger + 1, 403}, {-1, 403}};
    for (auto const& c : cases) {
        auto request = TestApi::request_for("GET", "/domains");
        request.peer.uid = c.uid;
        EXPECT_EQ(handler(request).status, c.status) << c.uid;
    }
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
