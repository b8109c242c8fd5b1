// SPDX-License-Identifier: Apache-2.0
#include "directory/lookups.h"

#include <thread>

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

TEST_F(LookupsTest, WhatWasAnsweredIsAnsweredAnewWhenTheDirectoryHasChanged)
{
    std::string text;
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "eve@example.test", text), Found::not_found);
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "eve@example.test", text), Found::not_found);
    replica.add(mail::a_mailbox("eve@example.test"), "");
    replica.release();
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "eve@example.test", text), Found::found);
    EXPECT_NE(metrics.text().find("provost_lookups_total{map=\"mailboxes\",outcome=\"not_found\"} 2"),
              std::string::npos);
}

TEST_F(LookupsTest, AnExpiryComesWithoutAChange)
{
    auto guest = mail::a_mailbox("guest@example.test");
    guest.expires = now() + std::chrono::milliseconds(200);
    replica.add(guest, "");
    replica.release();
    std::string text;
    if (lookups.ask(mail::Map::access, "guest@example.test", text) == Found::found) {
        EXPECT_GE(now(), *guest.expires);
    }
    while (now() < *guest.expires) std::this_thread::yield();
    EXPECT_EQ(lookups.ask(mail::Map::access, "guest@example.test", text), Found::found);
    EXPECT_TRUE(text.starts_with("550 5.2.1 ")) << text;
}

TEST_F(LookupsTest, WhatWasAnsweredIsNotKnownWhereThereIsNoCopyAnyMore)
{
    std::string text;
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "bob@example.test", text), Found::found);
    replica.release();
    replica.broken = true;
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "bob@example.test", text), Found::cannot_tell);
    replica.broken = false;
}

TEST_F(LookupsTest, OneDirectoryDoesNotAnswerForAnother)
{
    Lookups without_extensions(replica, Site{.delimiter = '\0'}, metrics);
    std::string text;
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "bob+x@example.test", text), Found::found);
    EXPECT_EQ(without_extensions.ask(mail::Map::mailboxes, "bob+x@example.test", text), Found::not_found);
    EXPECT_EQ(lookups.ask(mail::Map::mailboxes, "bob+x@example.test", text), Found::found);
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

TEST_F(LookupsTest, OnlyALetterThatNobodyHasRoomForHasNone)
{
    auto alice = mail::a_mailbox("alice@example.test");
    auto small = mail::a_mailbox("small@example.test");
    auto none = mail::a_mailbox("none@example.test");
    auto elsewhere = mail::a_mailbox("elsewhere@example.test");
    auto prepared = mail::a_mailbox("prepared@example.test");
    alice.quota_messages = elsewhere.quota_messages = prepared.quota_messages = Limit::of(2);
    small.quota_bytes = Limit::of(100'000);
    none.quota_bytes = Limit::of(0);
    elsewhere.transport = "lmtp:inet:backend:24";
    prepared.store.state = mail::StoreState::preparing;
    replica.change([=](TestSnapshot& snapshot) {
        for (auto const& mailbox : {alice, small, none, elsewhere, prepared}) snapshot.view.add(mailbox);
        snapshot.view.add(mail::an_alias("both@example.test", {"alice@example.test", "none@example.test"}));
        snapshot.view.add(mail::an_alias("three@example.test", {"alice@example.test", "bob@example.test"}));
        for (auto const& mailbox : {alice, elsewhere, prepared}) snapshot.used[mailbox.id.text()] = {10, 2};
    });
    replica.release();
    struct {
        char const* recipient;
        std::int64_t declared;
        Room room;
    } const cases[] = {
        {"Alice+x@Example.test", 0, Room::none},      {"bob@example.test", 1'000'000, Room::there_is},
        {"small@example.test", 0, Room::there_is},    {"small@example.test", 200'000, Room::none},
        {"none@example.test", 0, Room::none},         {"both@example.test", 0, Room::none},
        {"three@example.test", 0, Room::there_is},    {"elsewhere@example.test", 0, Room::there_is},
        {"prepared@example.test", 0, Room::there_is}, {"nobody@example.test", 0, Room::there_is},
        {"alice@elsewhere.test", 0, Room::there_is},  {"no address", 0, Room::there_is},
        {"\xff\xfe@example.test", 0, Room::there_is},
    };
    for (auto const& c : cases) EXPECT_EQ(lookups.room(c.recipient, c.declared), c.room) << c.recipient;
    // Whoever looks after them is told what was known: of the two that nothing was heard of there is nothing to look
    // at.
    auto const noted = lookups.take_full();
    ASSERT_EQ(noted.size(), 1U);
    EXPECT_EQ(noted[0].id, alice.id.text());
    EXPECT_EQ(noted[0].name, "alice@example.test");
    EXPECT_EQ(noted[0].used.messages, 2);
    EXPECT_TRUE(lookups.take_full().empty());
    replica.release();
    replica.broken = true;
    EXPECT_EQ(lookups.room("alice@example.test", 0), Room::cannot_tell);
    replica.broken = false;
    EXPECT_NE(metrics.text().find("provost_room_lookups_total{outcome=\"full\"} 4"), std::string::npos);
}

TEST_F(LookupsTest, AMailboxIsKnownByWhatDovecotCallsIt)
{
    auto carol = mail::a_mailbox("carol@example.test");
    carol.former_names = {"was@example.test"};
    replica.add(carol, "");
    replica.release();
    EXPECT_EQ(lookups.mailbox_id("carol@example.test"), carol.id.text());
    EXPECT_EQ(lookups.mailbox_id("was@example.test"), carol.id.text());
    EXPECT_EQ(lookups.mailbox_id("nobody@example.test"), "");
    replica.release();
    replica.broken = true;
    EXPECT_EQ(lookups.mailbox_id("carol@example.test"), "");
    replica.broken = false;
}

TEST_F(LookupsTest, UsersAreListedInPages)
{
    replica.add(mail::a_mailbox("alice@example.test"), "");
    replica.release();
    EXPECT_EQ(lookups.users("", 1), (std::vector<std::string>{"alice@example.test"}));
    EXPECT_EQ(lookups.users("alice@example.test", 10), (std::vector<std::string>{"bob@example.test"}));
    EXPECT_EQ(lookups.users("bob@example.test", 10), (std::vector<std::string>{}));
}
