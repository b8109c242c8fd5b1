// SPDX-License-Identifier: Apache-2.0
// Mailboxes that Cyrus has had before: which one is meant, and where it goes.
#include <gtest/gtest.h>

#include "targets/cyrus.h"
#include "targets/test_cyrus_target.h"

namespace provost::targets {
namespace {

using mail::StoreState;

class CyrusMovesTest : public CyrusTest {
protected:
    void SetUp() override
    {
        cyrus.add(inbox, {.id = "a1", .messages = 1, .uid_next = 2, .acl = owned});
        cyrus.add(sent, {.id = "s1", .messages = 1, .uid_next = 2, .acl = owned});
        known(alice, "a1");
    }
    Names changes()
    {
        Names found;
        for (auto const& command : cyrus.take_heard(""))
            for (auto const* verb : {"CREATE", "RENAME", "DELETE", "SET", "SUBSCRIBE"})
                if (command.starts_with(verb)) found.push_back(command);
        return found;
    }

    Rights const owned{{"alice@example.org", "lrswipkxtecdan"}};
    std::string const sent = "user/alice/Sent@example.org";
    std::string const set_aside_inbox = "user/deleted-m-alice@example.org";
};

TEST_F(CyrusMovesTest, WhatIsWhereItBelongsIsLeftAlone)
{
    EXPECT_EQ(ensure(alice), alice.store);
    EXPECT_EQ(changes(), Names{});
}

TEST_F(CyrusMovesTest, ANewLimitIsSetAndAnOldOneTakenAway)
{
    alice.quota_bytes = Limit::of(1025);
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).quota, "STORAGE 0 2");
    ensure(alice);
    EXPECT_EQ(changes(), Names{"SETQUOTA \"user/alice@example.org\" (STORAGE 2)"}) << "once";
    alice.quota_messages = Limit::of(7);
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).quota, "STORAGE 0 2 MESSAGE 0 7");
    alice.quota_bytes = Limit::unlimited();
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).quota, "MESSAGE 0 7");
    alice.quota_messages = {};
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).quota, "");
    ensure(alice);
    EXPECT_EQ(changes().size(), 3U);
}

TEST_F(CyrusMovesTest, ALimitBeyondAllMeasureIsNoOther)
{
    cyrus.add(inbox, {.id = "a1", .acl = owned, .quota = "STORAGE 0 9223372036854775807"});
    alice.quota_bytes = Limit::of(1024);
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).quota, "STORAGE 0 1");
}

TEST_F(CyrusMovesTest, ALimitThatIsRefusedIsToldInTheServersWords)
{
    alice.quota_bytes = Limit::of(1025);
    cyrus.answer("SETQUOTA", "NO [LIMIT] Not so much");
    expect_unavailable(target().ensure(alice), "Cyrus: SETQUOTA user/alice@example.org: [LIMIT] Not so much");
}

TEST_F(CyrusMovesTest, TheOwnersRightsAreGivenBack)
{
    cyrus.add(inbox, {.id = "a1", .acl = {{"alice@example.org", "lrs"}, {"bob@example.org", "lrs"}}});
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).acl, (Rights{{"alice@example.org", "lrswipkxtecdan"}, {"bob@example.org", "lrs"}}));
}

TEST_F(CyrusMovesTest, ARenamedOneIsRenamedWithItsFolders)
{
    alice.name = "alison@example.org";
    auto const store = ensure(alice);
    EXPECT_EQ(store, (mail::Store{"cyrus", "alison@example.org", "a1", StoreState::ready, {}}));
    EXPECT_EQ(changes(), Names{"RENAME \"user/alice@example.org\" \"user/alison@example.org\""});
    EXPECT_EQ(cyrus.names(), (Names{"user/alison/Sent@example.org", "user/alison@example.org"}));
}

TEST_F(CyrusMovesTest, ARenameThatIsRefusedIsToldInTheServersWords)
{
    alice.name = "alison@example.org";
    cyrus.answer("RENAME", "NO Operation is not supported on mailbox");
    expect_unavailable(target().ensure(alice),
                       "Cyrus: RENAME user/alice@example.org user/alison@example.org: Operation is not supported");
}

TEST_F(CyrusMovesTest, OneThatWasSetAsideComesBack)
{
    auto const aside = target().set_aside(alice);
    ASSERT_TRUE(aside) << aside.error().message;
    EXPECT_EQ(*aside, (mail::Store{"cyrus", "deleted-m-alice@example.org", "a1", StoreState::ready, {}}));
    EXPECT_EQ(cyrus.names(), (Names{"user/deleted-m-alice/Sent@example.org", set_aside_inbox}));
    EXPECT_EQ(target().set_aside(alice).value(), *aside) << "also when that was not written down";
    EXPECT_EQ(ensure(alice).generation, "a1");
    EXPECT_EQ(cyrus.names(), (Names{sent, inbox}));
}

TEST_F(CyrusMovesTest, WhatWasNeverMadeIsNotSetAside)
{
    known(alice, "");
    EXPECT_EQ(target().set_aside(alice).value(), alice.store);
    EXPECT_EQ(conversations(), 0);
}

TEST_F(CyrusMovesTest, OneThatWaitsToExpireComesBackFolderByFolder)
{
    ASSERT_TRUE(target().retire(alice));
    cyrus.add("DELETED/user/alice/Old/5A000000@example.org", {.id = "o1"});
    cyrus.add("DELETED/user/bob/Sent/6B006F65@example.org", {.id = "b1"});
    cyrus.take_heard("");
    alice.name = "alison@example.org";
    EXPECT_EQ(ensure(alice).generation, "a1");
    EXPECT_EQ(cyrus.names(),
              (Names{"DELETED/user/alice/Old/5A000000@example.org", "DELETED/user/bob/Sent/6B006F65@example.org",
                     "user/alison/Sent@example.org", "user/alison@example.org"}));
    EXPECT_EQ(cyrus.at("user/alison/Sent@example.org").id, "s1");
}

TEST_F(CyrusMovesTest, WhatIsGoneIsSaidToBeAndNothingIsMadeInItsPlace)
{
    cyrus.state.with([](auto& s) { s.mailboxes.clear(); });
    cyrus.add("DELETED/user/alice/6B006F65@example.org", {.id = "another"});
    expect_unavailable(target().ensure(alice),
                       "the mailbox that was user/alice@example.org is not in Cyrus any more, with its mail (id a1)");
    EXPECT_EQ(changes(), Names{});
}

TEST_F(CyrusMovesTest, AFolderWithTheIdIsNotTheMailbox)
{
    cyrus.state.with([](auto& s) { s.mailboxes.clear(); });
    cyrus.add("DELETED/user/alice/Sent/6B006F65@example.org", {.id = "a1"});
    expect_unavailable(target().ensure(alice), "is not in Cyrus any more");
    EXPECT_EQ(changes(), Names{});
}

TEST_F(CyrusMovesTest, AnothersOfTheSameNameIsInTheWayAndLeftAlone)
{
    known(alice, "a2");
    expect_unavailable(target().ensure(alice),
                       "user/alice@example.org is another mailbox's in Cyrus, and has to go first");
    known(alice, "a1", "alice@example.org");
    alice.name = "bob@example.org";
    cyrus.add("user/bob@example.org", {.id = "b1"});
    expect_unavailable(target().ensure(alice),
                       "user/bob@example.org is another mailbox's in Cyrus, and has to go first");
    EXPECT_EQ(changes(), Names{});
}

TEST_F(CyrusMovesTest, ADotSeparatesWhereTheServerSaysSo)
{
    cyrus.state.with([](auto& s) {
        s.mailboxes.clear();
        s.names = {.prefix = "user.", .separator = '.'};
    });
    auto john = a_mailbox("john.doe@example.org");
    auto const store = ensure(john);
    EXPECT_EQ(store.name, "john.doe@example.org");
    EXPECT_EQ(cyrus.names(),
              (Names{"user.john^doe.Sent@example.org", "user.john^doe.Work@example.org", "user.john^doe@example.org"}));
    john.store = store;
    john.name = "j.d@example.org";
    ensure(john);
    EXPECT_EQ(cyrus.names(), (Names{"user.j^d.Sent@example.org", "user.j^d.Work@example.org", "user.j^d@example.org"}));
}

TEST_F(CyrusMovesTest, ARetiredOneGoesWhereItExpires)
{
    ASSERT_TRUE(target().retire(alice));
    EXPECT_EQ(changes(),
              (Names{"SETACL \"user/alice@example.org\" \"cyrus\" \"lcx\"", "DELETE \"user/alice@example.org\""}));
    EXPECT_EQ(cyrus.names(),
              (Names{"DELETED/user/alice/6B006F65@example.org", "DELETED/user/alice/Sent/6B006F65@example.org"}));
    EXPECT_TRUE(target().retire(alice)) << "gone already";
    EXPECT_EQ(changes(), Names{});
}

TEST_F(CyrusMovesTest, OnlyWhatHasItsIdIsRetired)
{
    known(alice, "a2");
    EXPECT_TRUE(target().retire(alice));
    known(alice, "");
    EXPECT_TRUE(target().retire(alice));
    EXPECT_EQ(changes(), Names{});
    EXPECT_EQ(cyrus.names(), (Names{sent, inbox}));
}

TEST_F(CyrusMovesTest, ARetiredOneIsFoundUnderItsNamesBeforeAndAside)
{
    known(alice, "a1", "alice@example.org");
    alice.name = "alison@example.org";
    EXPECT_TRUE(target().retire(alice));
    EXPECT_EQ(changes().back(), "DELETE \"user/alice@example.org\"");

    SetUp();
    ASSERT_TRUE(target().set_aside(alice));
    cyrus.add(inbox, {.id = "of who has the name now"});
    EXPECT_TRUE(target().retire(alice));
    EXPECT_EQ(changes().back(), "DELETE \"" + set_aside_inbox + "\"");
    EXPECT_EQ(cyrus.at(inbox).id, "of who has the name now");
}

TEST_F(CyrusMovesTest, WhatCannotBeRetiredIsToldInTheServersWords)
{
    cyrus.answer("DELETE", "NO Permission denied");
    expect_unavailable(target().retire(alice), "Cyrus: DELETE user/alice@example.org: Permission denied");
    cyrus.answer("SETACL", "NO Invalid identifier");
    expect_unavailable(target().retire(alice), "Cyrus: SETACL user/alice@example.org: Invalid identifier");
}

}  // namespace
}  // namespace provost::targets
