// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;

namespace {

struct MembersTest : ActsTest {
    MembersTest()
    {
        MailboxChange change;
        change.kind = mail::MailboxKind::shared;
        change.members = {{"alice@example.test", 1}, {"bob@example.test", 3}};
        add("team", change);
    }
    Result<Done> set(std::vector<MemberChange> members)
    {
        MailboxChange change;
        change.members = std::move(members);
        return house.acts.set_mailbox(house.request(), "team@example.test", change);
    }
    std::vector<mail::Member> members()
    {
        return house.acts.mailbox(house.root(), "team@example.test")->mailbox.members;
    }
};

}  // namespace

TEST_F(MembersTest, EachIsNamedOnceAndNoneIsTheMailboxItself)
{
    stand();
    expect_refused(set({{"bob@example.test", 1}, {"Bob@Example.test", 2}}), "members",
                   "'bob@example.test' is named twice");
    expect_refused(set({{"team@example.test", 1}}), "members", "is the shared mailbox itself");
    EXPECT_TRUE(set({{"bob@example.test", 1}}));
}

TEST_F(MembersTest, OnlyASharedMailboxHasThem)
{
    MailboxChange change;
    change.members = {{"bob@example.test", 1}};
    stand();
    expect_refused(house.acts.set_mailbox(house.request(), "alice@example.test", change), "members", "only a shared");
    change.kind = mail::MailboxKind::service;
    expect_refused(house.acts.add_mailbox(house.request(), "program", change, std::nullopt), "members",
                   "only a shared");
}

TEST_F(MembersTest, OneThatIsDeletedStaysOneWhateverIsSaidOfTheOthers)
{
    ASSERT_TRUE(house.acts.delete_mailbox(house.request(), "bob@example.test"));
    ASSERT_TRUE(set({{"alice@example.test", 7}}));
    ASSERT_TRUE(house.acts.restore_mailbox(house.request(), "bob@example.test", {}));
    auto const found = members();
    ASSERT_EQ(found.size(), 2U);
    for (auto const& member : found) EXPECT_EQ(member.rights, member.name == "bob@example.test" ? 3 : 7) << member.name;
}

TEST_F(MembersTest, WhatWasStoredOtherwiseIsNotInTheWay)
{
    auto const forced = house.record->act({}, [](store::Writing& writing) -> Result<void> {
        auto team = writing.mailbox("team@example.test")->mailbox;
        team.members.push_back(team.members.front());
        writing.put(team);
        return {};
    });
    ASSERT_TRUE(forced);
    auto const done = house.acts.disable_mailbox(house.request(), "team@example.test", mail::Suspension::refuse);
    EXPECT_TRUE(done) << done.error().message;
}
