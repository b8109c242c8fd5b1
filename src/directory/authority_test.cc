// SPDX-License-Identifier: Apache-2.0
#include "directory/authority.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::directory;
using mail::Role;

namespace {

char const* outcome(Authority const& who, Need const& need, std::string_view name)
{
    auto const checked = who.check(need, name);
    return checked ? "may" : name_of(checked.error().fault);
}

}  // namespace

TEST(Authority, NobodyMayNothing)
{
    Authority const nobody;
    for (auto const right : {Right::see, Right::help, Right::administer, Right::run}) {
        EXPECT_FALSE(nobody.may(right, false));
        for (auto const ground : {Ground::site, Ground::some, Ground::domain, Ground::mailbox, Ground::new_mailbox,
                                  Ground::alias, Ground::address})
            EXPECT_STREQ(outcome(nobody, {right, ground, false}, ""), "denied");
    }
    EXPECT_FALSE(nobody.owns(""));
    EXPECT_FALSE(nobody.scope().has("a@a.test"));
}

TEST(Authority, EachRoleMayWhatTheOnesBelowMayAndMore)
{
    struct {
        Role role;
        int rights;
    } const cases[] = {{Role::owner, 2}, {Role::help_desk, 2}, {Role::domain_admin, 3}, {Role::site_admin, 4}};
    for (auto const& c : cases) {
        Authority const who(c.role, {.domains = {"a.test"}}, false);
        int count = 0;
        for (auto const right : {Right::see, Right::help, Right::administer, Right::run}) {
            EXPECT_EQ(who.may(right, true), count < c.rights) << word(c.role);
            ++count;
        }
    }
}

TEST(Authority, ItHoldsInItsDomainsAndForItsMailbox)
{
    Authority const who(Role::domain_admin, {.domains = {"b.test", "a.test"}, .mailbox = "me@c.test"}, false);
    Need const seeing{Right::see, Ground::mailbox, false};
    Need const changing{Right::administer, Ground::mailbox, true};
    EXPECT_STREQ(outcome(who, seeing, "x@a.test"), "may");
    EXPECT_STREQ(outcome(who, changing, "x@b.test"), "may");
    EXPECT_STREQ(outcome(who, seeing, "x@c.test"), "not_found");
    EXPECT_STREQ(outcome(who, changing, "x@c.test"), "not_found");
    EXPECT_STREQ(outcome(who, seeing, "x@sub.a.test"), "not_found");
    // Its own may be seen and helped, and no more.
    EXPECT_STREQ(outcome(who, seeing, "me@c.test"), "may");
    EXPECT_STREQ(outcome(who, {Right::help, Ground::mailbox, true}, "me@c.test"), "may");
    EXPECT_STREQ(outcome(who, changing, "me@c.test"), "denied");
    EXPECT_STREQ(outcome(who, {Right::administer, Ground::address, true}, "me@c.test"), "not_found");
    EXPECT_STREQ(outcome(who, {Right::administer, Ground::domain, true}, "c.test"), "not_found");
    EXPECT_STREQ(outcome(who, {Right::run, Ground::domain, true}, "a.test"), "denied");
    EXPECT_EQ(who.shown("x@a.test"), "x@a.test");
    EXPECT_EQ(who.shown("x@c.test"), "an address of another domain");
}

TEST(Authority, ABareNameIsAProgramsAndNoHelpDesks)
{
    Authority const everywhere(Role::help_desk, {.everywhere = true}, false);
    Need const helping{Right::help, Ground::mailbox, true};
    EXPECT_STREQ(outcome(everywhere, helping, "x@any.test"), "may");
    EXPECT_STREQ(outcome(everywhere, helping, "cyrus"), "not_found");
    EXPECT_STREQ(outcome(Authority::site_admin(), helping, "cyrus"), "may");
}

TEST(Authority, AnOwnerHasNoDomainsWhateverIsSaid)
{
    Authority const owner(Role::owner, {.everywhere = true, .domains = {"a.test"}, .mailbox = "me@a.test"}, false);
    EXPECT_FALSE(owner.sees_domain("a.test"));
    EXPECT_FALSE(owner.sees("x@a.test"));
    EXPECT_TRUE(owner.sees("me@a.test"));
}

TEST(Authority, WhoOnlyReadsChangesNothing)
{
    Authority const reader(Role::site_admin, {}, true);
    EXPECT_STREQ(outcome(reader, {Right::run, Ground::site, false}, ""), "may");
    EXPECT_STREQ(outcome(reader, {Right::run, Ground::site, true}, ""), "denied");
    EXPECT_STREQ(outcome(reader, {Right::help, Ground::mailbox, true}, "x@a.test"), "denied");
}

TEST(Authority, SomeFieldsAreForWhoRunsTheSite)
{
    Authority const admin(Role::domain_admin, {.domains = {"a.test"}}, false);
    EXPECT_TRUE(admin.check_field(false, "transport"));
    auto const refused = admin.check_field(true, "transport");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::denied);
    EXPECT_EQ(refused.error().field, "transport");
    EXPECT_TRUE(Authority::site_admin().check_field(true, "transport"));
}
