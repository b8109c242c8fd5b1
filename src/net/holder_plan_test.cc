// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/holder.h"

using namespace provost;
using namespace provost::net;

TEST(HolderPlan, ListsItsSockets)
{
    auto sockets = parse_held_sockets(
        "# for Postfix\n"
        "map  /var/spool/postfix/provost/map provost postfix 0660\n"
        "\n"
        "admin\t/run/provost/admin.sock - - 600  # here\n"
        "http tcp:127.0.0.1:8420\n"
        "http6 tcp:[::1]:8420");
    ASSERT_TRUE(sockets) << sockets.error().message;
    ASSERT_EQ(sockets->size(), 4u);
    auto const& map = std::get<UnixPlace>(sockets->at(0).place);
    EXPECT_EQ(sockets->at(0).name, "map");
    EXPECT_EQ(map.path, "/var/spool/postfix/provost/map");
    EXPECT_EQ(map.owner, "provost");
    EXPECT_EQ(map.group, "postfix");
    EXPECT_EQ(map.mode, 0660u);
    EXPECT_EQ(std::get<UnixPlace>(sockets->at(1).place).owner, "");
    EXPECT_EQ(std::get<TcpPlace>(sockets->at(2).place).host, "127.0.0.1");
    EXPECT_EQ(std::get<TcpPlace>(sockets->at(3).place).host, "::1");
    EXPECT_EQ(std::get<TcpPlace>(sockets->at(3).place).port, 8420);
}

TEST(HolderPlan, WhatItDoesNotUnderstandIsRefusedWithItsLine)
{
    struct {
        char const* text;
        char const* words;
    } const cases[] = {
        {"", "no sockets"},
        {"\nmap /a b c", "line 2: a socket is"},
        {"m:p /a - - 600", "line 1: name: 'm:p'"},
        {"map a - - 600", "path: 'a'"},
        {"map /a - - 800", "mode: '800'"},
        {"map /a - - 4755", "mode: '4755'"},
        {"http tcp:127.0.0.1", "is not tcp:host:port"},
        {"http tcp:127.0.0.1:0", "is not tcp:host:port"},
        {"http tcp:127.0.0.1:70000", "is not tcp:host:port"},
    };
    for (auto const& c : cases) {
        auto sockets = parse_held_sockets(c.text);
        ASSERT_FALSE(sockets) << c.text;
        EXPECT_NE(sockets.error().message.find(c.words), std::string::npos) << sockets.error().message;
    }
}
