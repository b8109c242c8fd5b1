// SPDX-License-Identifier: Apache-2.0
#include "api/caller.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace provost::api {
namespace {

constexpr long stranger = 4'000'000'001;  // no user or group of any host has it
bool is_site_admin(directory::Caller const& caller) { return caller.authority.runs_site(); }
bool is_nobody(directory::Caller const& caller) { return !caller.authority.may(directory::Right::see, false); }

net::Peer peer(long uid) { return net::Peer{.pid = 1, .uid = uid, .gid = uid, .address = {}}; }

TEST(Caller, RootAndTheDaemonsOwnUserAndTheMembersOfAGroupAreSiteAdmins)
{
    EXPECT_TRUE(is_site_admin(caller_of(peer(0), {})));
    EXPECT_TRUE(is_site_admin(caller_of(peer(static_cast<long>(geteuid())), {})));
    EXPECT_TRUE(is_site_admin(caller_of(peer(stranger), stranger)));
    auto member = peer(stranger);
    member.groups = {27, 4711};
    EXPECT_TRUE(is_site_admin(caller_of(member, 4711)));
    EXPECT_EQ(caller_of(peer(0), {}).actor.name, "root");
    EXPECT_EQ(caller_of(peer(stranger), stranger).actor.name, "uid:4000000001");
}

TEST(Caller, EverybodyElseIsNobody)
{
    EXPECT_TRUE(is_nobody(caller_of(peer(stranger), {})));
    EXPECT_TRUE(is_nobody(caller_of(peer(stranger), stranger + 1)));
    EXPECT_TRUE(is_nobody(caller_of(net::Peer{.address = "127.0.0.1:4711"}, -1)));
}

TEST(Caller, TheirGroupIsOneOfThisHost)
{
    EXPECT_EQ(*gid_of("root", "admin_group"), std::optional<long>(0));
    EXPECT_EQ(*gid_of("", "admin_group"), std::nullopt);
    auto const refused = gid_of("no such group", "admin_group");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "admin_group: 'no such group' is not a group of this host");
}

}  // namespace
}  // namespace provost::api
