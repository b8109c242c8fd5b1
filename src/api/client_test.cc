// SPDX-License-Identifier: Apache-2.0
#include "api/client.h"

#include <gtest/gtest.h>

namespace provost::api {
namespace {

net::HttpRequest from(std::string peer, std::vector<std::string> const& forwarded)
{
    net::HttpRequest request;
    request.peer.address = std::move(peer);
    for (auto const& field : forwarded) request.headers.emplace("x-forwarded-for", field);
    return request;
}

TEST(Client, ItsAddressIsThePeersUnlessAProxyOfOursSaysAnother)
{
    std::vector<std::string> const trusted{"127.0.0.1", "10.0.0.0/8", "2001:db8::/32"};
    struct {
        std::string peer;
        std::vector<std::string> forwarded;
        std::string address;
    } const cases[] = {
        {"192.0.2.1:4711", {}, "192.0.2.1"},
        {"[::1]:4711", {}, "::1"},
        {"[2001:db8::1]:80", {"198.51.100.7"}, "198.51.100.7"},
        // Whoever is no proxy of ours may say what he likes.
        {"192.0.2.1:4711", {"127.0.0.1"}, "192.0.2.1"},
        {"127.0.0.1:4711", {}, "127.0.0.1"},
        {"127.0.0.1:4711", {"198.51.100.7"}, "198.51.100.7"},
        // What the client itself wrote comes first, and is not looked at.
        {"127.0.0.1:4711", {"10.1.1.1, 198.51.100.7"}, "198.51.100.7"},
        {"127.0.0.1:4711", {"6.6.6.6", "198.51.100.7 , 10.1.1.1"}, "198.51.100.7"},
        {"127.0.0.1:4711", {"10.1.1.1"}, "10.1.1.1"},
        {"127.0.0.1:4711", {"2001:db8:1::7"}, "2001:db8:1::7"},
        {"127.0.0.1:4711", {"unknown"}, ""},
        {"127.0.0.1:4711", {"198.51.100.7, junk, 10.1.1.1"}, ""},
        {"127.0.0.1:4711", {"10.0.0.0/8"}, ""},
        {"127.0.0.1:4711", {"198.51.100.7,"}, ""},
    };
    for (auto const& c : cases) EXPECT_EQ(address_of(from(c.peer, c.forwarded), trusted), c.address) << c.peer;
    EXPECT_EQ(address_of(from("127.0.0.1:4711", {"198.51.100.7"}), {}), "127.0.0.1");
}

TEST(Client, ATokenIsWhatFollowsBearer)
{
    auto const bearer = [](std::vector<std::string> const& fields) {
        net::HttpRequest request;
        for (auto const& field : fields) request.headers.emplace("authorization", field);
        auto const secret = bearer_of(request);
        return secret ? std::string(secret->reveal()) : "none";
    };
    EXPECT_EQ(bearer({"Bearer prv_abc"}), "prv_abc");
    EXPECT_EQ(bearer({"bearer  prv_abc "}), "prv_abc");
    EXPECT_EQ(bearer({}), "none");
    EXPECT_EQ(bearer({"Basic YTpi"}), "none");
    EXPECT_EQ(bearer({"Bearer"}), "none");
    EXPECT_EQ(bearer({"Bearer a", "Bearer b"}), "none");
}

}  // namespace
}  // namespace provost::api
