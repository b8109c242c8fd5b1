// SPDX-License-Identifier: Apache-2.0
#include "password/networks.h"

#include <stdexcept>

#include <gtest/gtest.h>

using namespace provost::password;

TEST(Network, IsAnIpv4AddressOrAnIpv6Slash64)
{
    struct {
        char const* a;
        char const* b;
        bool same;
    } const cases[] = {
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"192.0.2.7", "::ffff:192.0.2.7", true},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
        {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
        {"fe80::1%eth0", "fe80::2", true},
    };
    for (auto const& c : cases) {
        auto const a = Network::of(c.a);
        auto const b = Network::of(c.b);
        ASSERT_TRUE(a && b) << c.a << " " << c.b;
        EXPECT_EQ(a->bytes() == b->bytes(), c.same) << c.a << " " << c.b;
    }
    for (auto const* text : {"", "localhost", "192.0.2", "192.0.2.7:25", "127.0.0.1", "127.8.8.8", "::1",
                             "::", "0.0.0.0", "::ffff:127.0.0.1", "/run/x"})
        EXPECT_FALSE(Network::of(text)) << text;
}

TEST(Networks, HoldWhatTheySay)
{
    struct {
        char const* words;
        char const* address;
        bool has;
    } const cases[] = {
        {"", "192.0.2.7", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"192.0.2.0/29", "192.0.2.7", true},
        {"192.0.2.0/29", "192.0.2.8", false},
        {"0.0.0.0/0", "198.51.100.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {" 10.0.0.0/8  192.0.2.0/24 ", "192.0.2.200", true},
        {"::ffff:192.0.2.0/120", "192.0.2.200", true},
        {"::ffff:192.0.2.7", "192.0.2.7", true},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/33", "2001:db8:ffff::1", false},
        {"2001:db8:1:2::7", "2001:db8:1:2::8", true},  // one /64
        {"2001:db8:1:2::7", "2001:db8:1:3::7", false},
    };
    for (auto const& c : cases)
        EXPECT_EQ(Networks(c.words).has(Network::of(c.address).value()), c.has) << c.words << " " << c.address;
    for (auto const* words : {"192.0.2.0/33", "192.0.2", "::/129", "192.0.2.0/", "example.org", "10.0.0.0/-1"})
        EXPECT_THROW(Networks{words}, std::invalid_argument) << words;
}
