// SPDX-License-Identifier: Apache-2.0
#include "directory/network.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::directory;

TEST(Network, AnAddressLiesInItsNetworkAndNoOther)
{
    EXPECT_TRUE(network_has("192.0.2.0/24", "192.0.2.255"));
    EXPECT_TRUE(network_has("192.0.2.7", "192.0.2.7"));
    EXPECT_TRUE(network_has("192.0.2.128/25", "192.0.2.200"));
    EXPECT_TRUE(network_has("0.0.0.0/0", "198.51.100.1"));
    EXPECT_TRUE(network_has("192.0.2.0/24", "::ffff:192.0.2.9"));
    EXPECT_TRUE(network_has("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(network_has("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_FALSE(network_has("192.0.2.128/25", "192.0.2.100"));
    EXPECT_FALSE(network_has("0.0.0.0/0", "2001:db8::1"));
}

TEST(Network, WhatIsNoNetworkHasNobodyInItAndIsRefused)
{
    for (auto text : {"", "192.0.2.0/33", "192.0.2/24", "2001:db8::/129", "x/8", "192.0.2.0/-1", "192.0.2.0/"}) {
        EXPECT_FALSE(network_has(text, "192.0.2.1")) << text;
        EXPECT_FALSE(check_network(text, "networks")) << text;
    }
}

TEST(Network, AnAddressDoesNotEndInItsMiddle)
{
    std::string_view const text("127.0.0.1\0.evil.test", 20);
    EXPECT_FALSE(is_address(text));
    EXPECT_FALSE(is_loopback(text));
    EXPECT_FALSE(check_network(text, "networks"));
}

TEST(Network, LoopbackIsThisHost)
{
    EXPECT_TRUE(is_loopback("127.0.0.1"));
    EXPECT_TRUE(is_loopback("::1"));
    EXPECT_FALSE(is_loopback("192.0.2.1"));
    EXPECT_FALSE(is_loopback(""));
}
