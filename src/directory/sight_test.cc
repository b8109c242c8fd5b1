// SPDX-License-Identifier: Apache-2.0
#include "directory/sight.h"

#include <gtest/gtest.h>

#include "directory/test_replica.h"

using namespace provost;
using namespace provost::directory;
using mail::Role;

namespace {

mail::Expansion example()
{
    mail::Expansion out;
    out.steps = {{"info@a.test", "alias", {"anna@a.test", "boss@b.test", "eve@elsewhere.test"}},
                 {"anna@a.test", "mailbox, active", {}},
                 {"boss@b.test", "mailbox, forward-only", {"private@elsewhere.test", "bert@a.test"}},
                 {"bert@a.test", "mailbox, active", {}},
                 {"eve@elsewhere.test", "external address", {}},
                 {"private@elsewhere.test", "external address", {}}};
    out.recipients = {"anna@a.test", "private@elsewhere.test", "bert@a.test", "eve@elsewhere.test"};
    return out;
}

}  // namespace

TEST(Sight, AnExpansionEndsForItsAskerWhereHisDomainsEnd)
{
    Authority const of_a(Role::domain_admin, {.domains = {"a.test"}}, false);
    auto const seen = as_seen(example(), "info@a.test", of_a);
    ASSERT_EQ(seen.steps.size(), 2U);
    EXPECT_EQ(seen.steps[0].subject, "info@a.test");
    EXPECT_EQ(seen.steps[1].subject, "anna@a.test");
    EXPECT_EQ(seen.recipients, (std::vector<std::string>{"anna@a.test", "boss@b.test", "eve@elsewhere.test"}));
}

TEST(Sight, WhoSeesEverythingFollowsItToItsEnd)
{
    Authority const help_desk(Role::help_desk, {.everywhere = true}, false);
    auto const seen = as_seen(example(), "info@a.test", help_desk);
    EXPECT_EQ(seen.steps.size(), example().steps.size());
    EXPECT_EQ(seen.recipients, example().recipients);
}

TEST(Sight, AKeyIsAskedForInOnesOwnDomains)
{
    Authority const of_a(Role::help_desk, {.domains = {"a.test"}}, false);
    for (auto const* key : {"a.test", "x@a.test", "X@A.Test", "@a.test"}) EXPECT_TRUE(check_key(of_a, key)) << key;
    for (auto const* key : {"b.test", "x@b.test", "x", "", "x@a.test@b.test"}) {
        auto const refused = check_key(of_a, key);
        ASSERT_FALSE(refused) << key;
        EXPECT_EQ(refused.error().fault, Fault::not_found);
    }
    EXPECT_TRUE(check_key(Authority::site_admin(), "x@anywhere.test"));
}

TEST(Sight, PasswordsAreTriedOfMailboxesThatOneMayHelp)
{
    TestReplica replica;
    auto mailbox = mail::a_mailbox("bob@example.test");
    mailbox.logins = {"bobby", "bob@old.test"};
    replica.add(mailbox, "x");
    Authority const here(Role::help_desk, {.domains = {"example.test"}}, false);
    for (auto const* login : {"bob@example.test", "Bob+x@example.test", "bobby", "bob@old.test", "no@example.test"})
        EXPECT_TRUE(check_login(here, replica, '+', login)) << login;
    Authority const elsewhere(Role::help_desk, {.domains = {"old.test"}}, false);
    for (auto const* login : {"bob@example.test", "bobby", "bob@old.test", "nobody", "\xff"}) {
        auto const refused = check_login(elsewhere, replica, '+', login);
        ASSERT_FALSE(refused) << login;
        EXPECT_EQ(refused.error().fault, Fault::not_found);
    }
    replica.release();
    replica.broken = true;
    EXPECT_TRUE(check_login(Authority::site_admin(), replica, '+', "bob@example.test"));
}
