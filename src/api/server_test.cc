// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "api/test_api.h"

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

}  // namespace
}  // namespace provost::api
