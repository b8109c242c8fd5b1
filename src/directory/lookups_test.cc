// SPDX-License-Identifier: Apache-2.0
#include "directory/lookups.h"

#include <gtest/gtest.h>

#include "directory/test_replica.h"

using namespace provost;
using namespace provost::directory;

namespace {

struct LookupsTest : testing::Test {
    LookupsTest() : lookups(replica, Site{}, metrics) { replica.add(mail::a_mailbox("bob@example.test"), ""); }
    ~LookupsTest() override { replica.release(); }

    Found user(std::string_view name, Lookups::Purpose purpose)
    {
        replica.release();
        return lookups.user(name, purpose, fields, reason);
    }

    Metrics metrics;
    TestReplica replica;
    Lookups lookups;
    UserFields fields;
    std::string reason;
};

}  // namespace

TEST_F(LookupsTest, EveryMapHasItsNameAndOthersAreNone)
{
    for (auto const& name : Lookups::map_names()) EXPECT_TRUE(Lookups::map_named(name)) << name;
    EXPECT_FALSE(Lookups::map_named("virtual"));
    EXPECT_EQ(Lookups::map_names().size(), 11U);
}

TEST_F(LookupsTest, FoundNotFoundAndCannotTellAreThreeAnswers)
{
    std::string text;
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "bob@example.test", text), Found::found);
    EXPECT_EQ(text, "1");
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "eve@example.test", text), Found::not_found);
    replica.release();
    replica.broken = true;
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "eve@example.test", text), Found::cannot_tell);
    replica.broken = false;
    EXPECT_NE(metrics.text().find("provost_lookups_total{map=\"mailboxes\",outcome=\"cannot_tell\"} 1"),
              std::string::npos);
}

TEST_F(LookupsTest, WhereNothingWasEverPutInNobodyIsUnknown)
{
    replica.release();
    replica.change([](TestSnapshot& snapshot) { snapshot.has_begun = false; });
    std::string text;
    EXPECT_EQ(lookups.ask(mail::Map::domains, "example.net", text), Found::cannot_tell);
    EXPECT_EQ(user("eve@example.test", Lookups::Purpose::delivery), Found::cannot_tell);
    EXPECT_FALSE(lookups.users("", 9));
}

TEST_F(LookupsTest, AUserHasAHomeByIdAndTheSitesNumbers)
{
    ASSERT_EQ(user("Bob+x@Example.test", Lookups::Purpose::delivery), Found::found);
    EXPECT_EQ(fields.name, "bob@example.test");
    EXPECT_EQ(fields.home, "/var/vmail/" + fields.mailbox_id);
    EXPECT_EQ(fields.uid, 5000);
    EXPECT_EQ(user("eve@example.test", Lookups::Purpose::delivery), Found::not_found);
}

TEST_F(LookupsTest, MailForAHeldMailboxWaitsWhileAdministrationSeesIt)
{
    auto held = mail::a_mailbox("held@example.test", mail::MailboxState::suspended);
    held.suspension = mail::Suspension::hold;
    replica.add(held, "");
    EXPECT_EQ(user("held@example.test", Lookups::Purpose::delivery), Found::cannot_tell);
    EXPECT_EQ(user("held@example.test", Lookups::Purpose::administration), Found::found);
}

TEST_F(LookupsTest, UsersAreListedInPages)
{
    replica.add(mail::a_mailbox("alice@example.test"), "");
    replica.release();
    EXPECT_EQ(lookups.users("", 1), (std::vector<std::string>{"alice@example.test"}));
    EXPECT_EQ(lookups.users("alice@example.test", 10), (std::vector<std::string>{"bob@example.test"}));
    EXPECT_EQ(lookups.users("bob@example.test", 10), (std::vector<std::string>{}));
}
