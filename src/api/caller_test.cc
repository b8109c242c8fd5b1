// SPDX-License-Identifier: Apache-2.0
#include "api/caller.h"

#include <array>
#include <unistd.h>

#include <gtest/gtest.h>

namespace provost::api {
namespace {

constexpr long stranger = 4'000'000'001;  // no user of any host has it
constexpr std::array every_right{Right::look, Right::administer, Right::credentials, Right::operate};

bool is_site_admin(Caller const& caller)
{
    for (auto right : every_right)
        if (!caller.may(right)) return false;
    return true;
}

bool is_nobody(Caller const& caller)
{
    for (auto right : every_right)
        if (caller.may(right)) return false;
    return true;
}

net::Peer peer(long uid) { return net::Peer{.pid = 1, .uid = uid, .gid = uid, .address = {}}; }

TEST(Caller, RootAndTheDaemonsOwnUserAndTheListedAreSiteAdmins)
{
    EXPECT_TRUE(is_site_admin(caller_of(peer(0), {})));
    EXPECT_TRUE(is_site_admin(caller_of(peer(static_cast<long>(geteuid())), {})));
    EXPECT_TRUE(is_site_admin(caller_of(peer(stranger), {stranger})));
    EXPECT_EQ(caller_of(peer(0), {}).actor().name, "root");
    EXPECT_EQ(caller_of(peer(stranger), {stranger}).actor().name, "uid:4000000001");
}

TEST(Caller, EverybodyElseIsNobody)
{
    EXPECT_TRUE(is_nobody(caller_of(peer(stranger), {})));
    EXPECT_TRUE(is_nobody(caller_of(peer(stranger), {stranger + 1})));
    EXPECT_TRUE(is_nobody(caller_of(net::Peer{.address = "127.0.0.1:4711"}, {-1})));
    EXPECT_TRUE(is_nobody(Caller::with({"x", "y"}, {})));
}

TEST(Caller, ARightIsNoOther)
{
    auto const caller = Caller::with({"help desk", "local"}, {Right::look, Right::credentials});
    EXPECT_TRUE(caller.may(Right::look));
    EXPECT_TRUE(caller.may(Right::credentials));
    EXPECT_FALSE(caller.may(Right::administer));
    EXPECT_FALSE(caller.may(Right::operate));
}

TEST(Caller, AdminsAreUsersOfThisHost)
{
    EXPECT_EQ(*uids_of({"root"}, "admins"), std::set<long>{0});
    auto const refused = uids_of({"root", "no such user"}, "admins");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "admins: 'no such user' is not a user of this host");
}

}  // namespace
}  // namespace provost::api
