// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "targets/cyrus_words.h"
#include "targets/test_cyrus_target.h"

namespace provost::targets {
namespace {

using mail::StoreState;

TEST_F(CyrusTest, ANewMailboxHasItsFoldersEachForItsUse)
{
    auto const store = ensure(alice);
    EXPECT_EQ(store, (mail::Store{"cyrus", "alice@example.org", "id1", StoreState::ready, {}}));
    EXPECT_EQ(cyrus.names(), (Names{"user/alice/Sent@example.org", "user/alice/Work@example.org", inbox}));
    EXPECT_EQ(cyrus.at("user/alice/Sent@example.org").use, "\\Sent");
    EXPECT_EQ(cyrus.at("user/alice/Work@example.org").use, "");
    EXPECT_EQ(cyrus.at(inbox).acl, (Rights{{"alice@example.org", std::string(cyrus_owner_rights)}}));
}

TEST_F(CyrusTest, ItLiesWhereTheSettingsSay)
{
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).partition, "");
    settings.partition = "fast";
    ensure(a_mailbox("bob@example.org"));
    EXPECT_EQ(cyrus.at("user/bob@example.org").partition, "fast");
}

TEST_F(CyrusTest, OnlyAMailboxWithLimitsHasAQuota)
{
    ensure(alice);
    EXPECT_EQ(cyrus.take_heard("SETQUOTA"), Names{});
    auto bob = a_mailbox("bob@example.org");
    bob.quota_bytes = Limit::of(20 * 1024 + 1);
    bob.quota_messages = Limit::of(5);
    ensure(bob);
    EXPECT_EQ(cyrus.take_heard("SETQUOTA"), Names{"SETQUOTA \"user/bob@example.org\" (STORAGE 21 MESSAGE 5)"});
}

TEST_F(CyrusTest, ItsOwnerSubscribesToItsFolders)
{
    ensure(alice);
    auto const heard = cyrus.take_heard("");
    auto const as_owner = std::ranges::find(heard, "AUTHENTICATE cyrus as alice@example.org");
    EXPECT_EQ(Names(as_owner, heard.end()),
              (Names{"AUTHENTICATE cyrus as alice@example.org", "NAMESPACE", "SUBSCRIBE \"INBOX\"",
                     "SUBSCRIBE \"INBOX/Sent\"", "SUBSCRIBE \"INBOX/Work\"", "LOGOUT"}));
}

TEST_F(CyrusTest, WithoutFoldersNobodySubscribesToAnything)
{
    settings.folders.clear();
    ensure(alice);
    EXPECT_EQ(cyrus.names(), Names{inbox});
    EXPECT_EQ(cyrus.take_heard("SUBSCRIBE"), Names{});
}

TEST_F(CyrusTest, TheIdIsAskedForWhereCreateDoesNotTellIt)
{
    cyrus.answer("CREATE", "OK Completed");
    cyrus.add(inbox, {.id = "a1"});
    settings.folders.clear();
    EXPECT_EQ(ensure(alice).generation, "a1");
    cyrus.answer("CREATE", "OK [MAILBOXID ()] Completed");
    EXPECT_EQ(ensure(alice).generation, "a1");
    expect_unavailable(target().ensure(a_mailbox("bob@example.org")),
                       "Cyrus does not tell the id of user/bob@example.org, which it has just made");
}

// As where nobody ever sent mail to the one before, and it could not be renamed, set aside or removed yet.
TEST_F(CyrusTest, WhatIsAnothersByItsIdIsNotTakenThoughItWasNeverUsed)
{
    cyrus.add(inbox, {.id = "a1"});
    settings.is_anothers = [](std::string const& id) { return id == "a1"; };
    expect_unavailable(target().ensure(alice), "user/alice@example.org is still that of another who had this name");
    settings.is_anothers = [](auto const&) -> Result<bool> { return fail(Fault::unavailable, "no record"); };
    expect_unavailable(target().ensure(alice), "no record");
    EXPECT_EQ(cyrus.names(), Names{inbox});
}

TEST_F(CyrusTest, WhatWasBegunIsTakenUpAgain)
{
    cyrus.add(inbox, {.id = "a1"});
    cyrus.add("user/alice/Sent@example.org", {.id = "s1"});
    auto const store = ensure(alice);
    EXPECT_EQ(store.generation, "a1");
    EXPECT_EQ(cyrus.at("user/alice/Sent@example.org").id, "s1");
    EXPECT_EQ(cyrus.names().size(), 3U);
}

TEST_F(CyrusTest, MailOfSomebodyBeforeIsNeverHandedOver)
{
    cyrus.add(inbox, {.id = "a1", .messages = 2, .uid_next = 9, .bytes = 100});
    cyrus.add("user/alice/Old@example.org", {.id = "o1", .messages = 1, .uid_next = 2, .bytes = 100});
    expect_unavailable(target().ensure(alice),
                       "user/alice@example.org is in Cyrus already, with 3 messages in 2 folders, and is not this "
                       "mailbox's");
    EXPECT_EQ(cyrus.names().size(), 2U);
}

TEST_F(CyrusTest, NeitherIsWhatOnceHadMailInAFolder)
{
    cyrus.add(inbox, {.id = "a1"});
    cyrus.add("user/alice/Old@example.org", {.id = "o1", .uid_next = 2});
    expect_unavailable(target().ensure(alice), "and is not this mailbox's");
}

TEST_F(CyrusTest, WhatIsThereAndCannotBeSeenIsNotTaken)
{
    cyrus.answer("CREATE", "NO [ALREADYEXISTS] No");
    expect_unavailable(target().ensure(alice), "user/alice@example.org is there and not there");
    cyrus.add("user/alice/Old@example.org", {.id = "o1"});
    expect_unavailable(target().ensure(alice), "user/alice@example.org is there and not there");
}

TEST_F(CyrusTest, AnotherNoIsSaidInTheServersWords)
{
    struct {
        char const *verb, *words;
    } const cases[] = {
        {"SETQUOTA", "Cyrus: SETQUOTA user/alice@example.org: Invalid quota"},
        {"SUBSCRIBE", "Cyrus: SUBSCRIBE alice@example.org: Invalid quota"},
        {"CREATE", "Cyrus: CREATE user/alice@example.org: Invalid quota"},
    };
    alice.quota_bytes = Limit::of(1024);
    for (auto const& c : cases) {
        cyrus.state.with([&](auto& s) {
            s.mailboxes.clear();
            s.instead = {{c.verb, "NO Invalid quota"}};
        });
        expect_unavailable(target().ensure(alice), c.words);
    }
}

TEST_F(CyrusTest, AFolderThatCannotBeMadeIsNamed)
{
    cyrus.answer("CREATE \"user/alice/Work@", "NO Invalid mailbox name");
    expect_unavailable(target().ensure(alice), "Cyrus: CREATE user/alice/Work@example.org: Invalid mailbox name");
    cyrus.state.with([](auto& s) { s.instead.clear(); });
    EXPECT_EQ(ensure(alice).generation, "id1") << "and the rest is made the next time";
    EXPECT_EQ(cyrus.names().size(), 3U);
}

TEST_F(CyrusTest, AQuotaOfAnAttemptBeforeDoesNotStay)
{
    cyrus.add(inbox, {.id = "a1", .quota = "STORAGE 0 20"});
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).quota, "");
}

TEST_F(CyrusTest, AServiceAsksNobody)
{
    alice.name = "backup";
    alice.kind = mail::MailboxKind::service;
    auto const store = mail::Store{"cyrus", {}, {}, StoreState::ready, {}};
    EXPECT_EQ(target().place(alice).value(), store);
    EXPECT_EQ(ensure(alice), store);
    EXPECT_EQ(target().set_aside(alice).value(), alice.store);
    EXPECT_TRUE(target().retire(alice));
    EXPECT_EQ(conversations(), 0);
}

TEST_F(CyrusTest, ANameThatCyrusCannotHaveIsRefusedWithoutAsking)
{
    for (auto const* name : {"a^b@example.org", "a+b@example.org", "-a@example.org"}) {
        auto const bad = a_mailbox(name);
        EXPECT_EQ(target().place(bad).error().fault, Fault::invalid) << name;
        EXPECT_EQ(target().ensure(bad).error().fault, Fault::invalid) << name;
    }
    EXPECT_EQ(conversations(), 0);
}

TEST_F(CyrusTest, ANewOneIsPreparingUntilItIsMade)
{
    EXPECT_EQ(target().place(alice).value(), (mail::Store{"cyrus", {}, {}, StoreState::preparing, {}}));
    EXPECT_EQ(conversations(), 0);
}

TEST_F(CyrusTest, TheAdministratorsNameIsNobodys)
{
    for (auto const kind : {mail::MailboxKind::person, mail::MailboxKind::service}) {
        auto taken = a_mailbox("cyrus");
        taken.kind = kind;
        EXPECT_EQ(target().place(taken).error().fault, Fault::conflict);
    }
}

TEST_F(CyrusTest, UsageIsAsTheQuotaCountsIt)
{
    cyrus.add(inbox, {.id = "a1", .messages = 7, .quota = "STORAGE 3 20 MESSAGE 2 10"});
    auto const used = target().usage("alice@example.org");
    ASSERT_TRUE(used) << used.error().message;
    EXPECT_EQ(used->bytes, 2 * 1024 + 1) << "the least that three KiB can be";
    EXPECT_EQ(used->messages, 2);
    cyrus.add(inbox, {.id = "a1", .quota = "STORAGE 0 20 MESSAGE 0 10"});
    EXPECT_EQ(target().usage("alice@example.org")->bytes, 0);
}

TEST_F(CyrusTest, WhereTheQuotaDoesNotCountBothItIsCounted)
{
    for (auto const* quota : {"", "STORAGE 3 20", "MESSAGE 9 10"}) {
        cyrus.add(inbox, {.id = "a1", .messages = 7, .uid_next = 8, .bytes = 700, .quota = quota});
        cyrus.add("user/alice/Sent@example.org", {.id = "s1", .messages = 1, .uid_next = 2, .bytes = 1});
        auto const used = target().usage("alice@example.org");
        ASSERT_TRUE(used) << used.error().message;
        EXPECT_EQ(used->bytes, 701) << quota;
        EXPECT_EQ(used->messages, 8) << quota;
    }
}

TEST_F(CyrusTest, SessionsAreAskedOfTheHostAndEndedThere)
{
    Names looked, ended;
    auto with = Cyrus(admin, settings,
                      {.look = [&](Names const& names) -> Result<std::vector<OpenSession>> {
                           looked = names;
                           return fail(Fault::unavailable, "not now");
                       },
                       .end = [&](Names const& names) -> Result<void> {
                           ended = names;
                           return {};
                       }});
    expect_unavailable(with.sessions({"a", "b"}), "not now");
    EXPECT_TRUE(with.end_sessions({"c"}));
    EXPECT_EQ(looked, (Names{"a", "b"}));
    EXPECT_EQ(ended, Names{"c"});
    EXPECT_EQ(conversations(), 0);
}

}  // namespace
}  // namespace provost::targets
