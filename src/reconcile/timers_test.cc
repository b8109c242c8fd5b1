// SPDX-License-Identifier: Apache-2.0
#include "reconcile/timers.h"

#include <atomic>

#include <gtest/gtest.h>

#include "reconcile/test_record.h"

using namespace provost;
using namespace provost::reconcile;
using namespace std::chrono_literals;

namespace {

Time at(std::int64_t second) { return from_millis(second * 1000); }

class TimersTest : public testing::Test {
protected:
    Timers::House house()
    {
        return {record.way(), &target, [this] { return at(clock.load()); }};
    }
    Timers::Settings settings{.look_again = 2ms, .visible_within = 3s, .tidy_again = 2ms, .keep_changes = 1h};

    void keep(std::string const& id, std::string name, std::optional<Time> expires)
    {
        mail::Mailbox mailbox;
        mailbox.id = MailboxId(id);
        mailbox.name = std::move(name);
        mailbox.expires = expires;
        record.page.with([&](Page& p) { p.mailboxes[id] = mailbox; });
    }
    void keep_deleted(std::string const& id, mail::MailboxState state, std::optional<Time> restorable_until)
    {
        mail::Mailbox mailbox;
        mailbox.id = MailboxId(id);
        mailbox.name = id + "@x";
        mailbox.state = state;
        mailbox.restorable_until = restorable_until;
        mailbox.store = {"dovecot", "home/" + id, "", mail::StoreState::ready, ""};
        record.page.with([&](Page& p) { p.mailboxes[id] = mailbox; });
    }
    std::string open()
    {
        return target.state.with([](auto& s) {
            std::string users;
            for (auto const& session : s.open) users += session.name + ";";
            return users;
        });
    }
    bool is_quiet(int looks)
    {
        auto const seen = target.state.with([](auto& s) { return s.looks; });
        return target.comes_to([&](auto const& s) { return s.looks >= seen + looks; });
    }

    // Whether it tidies so often from now on.
    bool tidies(int times)
    {
        auto const seen = record.page.with([](Page& p) { return p.prunes; });
        return record.comes_to([&](Page const& p) { return p.prunes >= seen + times; });
    }

    std::atomic<std::int64_t> clock = 1'000;
    TestRecord record;
    TestTarget target;
    Metrics metrics;
};

}  // namespace

TEST_F(TimersTest, SessionsEndWhenTheirTimeComes)
{
    keep("m1", "jane@x", at(1'010));
    keep("m2", "joe@x", at(1'020));
    target.open("jane@x");
    target.open("joe@x");
    target.open("eve@x");
    Timers timers(house(), settings, metrics);
    clock = 1'009;
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.pruned_before == at(1'009) - 1h; }));
    EXPECT_EQ(open(), "jane@x;joe@x;eve@x;");
    clock = 1'010;
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.open.size() == 2; }));
    EXPECT_EQ(open(), "joe@x;eve@x;");
    clock = 1'020;
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.open.size() == 1; }));
    EXPECT_EQ(open(), "eve@x;");
}

TEST_F(TimersTest, WhatExpiredWhileNobodyLookedIsEndedAtTheStart)
{
    for (int i = 0; i < 1'201; ++i) keep("m" + std::to_string(i), "u" + std::to_string(i) + "@x", at(i % 7));
    target.open("u1200@x");
    target.open("u3@x");
    Timers timers(house(), settings, metrics);
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
}

TEST_F(TimersTest, ADomainTakesItsMailboxesAlongUnderAllTheirNames)
{
    mail::Domain domain{DomainId("d1"), *mail::DomainName::parse("x.example")};
    domain.expires = at(900);
    keep("m1", "jane@x.example", {});
    record.page.with([&](Page& p) {
        p.domains.insert_or_assign("d1", domain);
        p.mailboxes["m1"].former_names = {"jane@old.example"};
        p.alias_lapses = {{at(901), "a1", store::Kind::alias}};
    });
    target.open("jane@x.example");
    target.open("jane@old.example");
    target.open("jane@y.example");
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.open.size() == 1; }));
    EXPECT_EQ(open(), "jane@y.example;");
}

TEST_F(TimersTest, ASessionThatShowsLateIsStillEnded)
{
    keep("m1", "jane@x", at(1'000));
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(is_quiet(3));
    clock = 1'002;
    target.open("jane@x");
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
}

TEST_F(TimersTest, WhatIsDoneWithIsNotLookedAtAgain)
{
    keep("m1", "jane@x", at(900));
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.looks == 1; }));
    // The next lapse is looked at without the first one.
    target.open("jane@x");
    target.open("joe@x");
    keep("m2", "joe@x", at(950));
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.open.size() == 1; }));
    EXPECT_EQ(open(), "jane@x;");
}

TEST_F(TimersTest, AServerThatIsAwayIsAskedAgainUntilItIsBack)
{
    keep("m1", "jane@x", at(900));
    target.open("jane@x");
    target.state.with([](auto& s) { s.trouble = "connection refused"; });
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(is_quiet(3));
    EXPECT_EQ(open(), "jane@x;");
    target.state.with([](auto& s) { s.trouble.clear(); });
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
}

TEST_F(TimersTest, WhileTheServerIsAwayWhatExpiredIsNotReadAgainAndAgain)
{
    for (int i = 0; i < 1'201; ++i) keep("m" + std::to_string(i), "u" + std::to_string(i) + "@x", at(i % 7));
    target.open("u1200@x");
    target.state.with([](auto& s) { s.trouble = "connection refused"; });
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(is_quiet(5));
    record.page.with([](Page& p) { EXPECT_LE(p.expiry_reads, 1); });
    target.state.with([](auto& s) { s.trouble.clear(); });
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
}

TEST_F(TimersTest, SessionsThatCannotBeEndedHoldBackNoneOfTheNextPage)
{
    for (int i = 0; i < 501; ++i) keep("m" + std::to_string(1'000 + i), "u" + std::to_string(i) + "@x", at(900));
    target.open("u0@x");
    target.state.with([](auto& s) { s.trouble_ending = "others would be ended with it"; });
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.ends >= 2; }));
    target.open("u500@x");
    target.state.with([](auto& s) { s.trouble_ending.clear(); });
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
}

TEST_F(TimersTest, ADeletedMailboxIsGivenUpWhenItsDateHasComeAndItsStoreIsLeftToBeReleased)
{
    keep_deleted("m1", mail::MailboxState::deleted, at(1'000));
    keep_deleted("m2", mail::MailboxState::deleted, at(1'001));
    keep_deleted("m3", mail::MailboxState::active, {});
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.work.size() == 1; }));
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes.size(), 3u) << "the row goes last";
        EXPECT_FALSE(p.mailboxes["m1"].restorable_until);
        EXPECT_TRUE(p.mailboxes["m2"].restorable_until);
        EXPECT_EQ(p.work[0].verb + " " + p.work[0].target + " " + p.work[0].subject, "retire dovecot m1");
        ASSERT_EQ(p.audit.size(), 1u);
        EXPECT_EQ(p.audit[0].act + " " + p.audit[0].subject + " " + p.audit[0].actor.name,
                  "mailbox.purge m1@x system:retention");
        EXPECT_EQ(p.audit[0].before,
                  R"({"id":"m1","restorable_until":"1970-01-01T00:16:40Z","store":"dovecot:home/m1"})");
    });
}

TEST_F(TimersTest, AMailboxThatWasRestoredMeanwhileIsNotGivenUp)
{
    keep_deleted("m1", mail::MailboxState::active, at(1'000));
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(tidies(3));
    record.page.with([](Page& p) { EXPECT_TRUE(p.work.empty()); });
}

TEST_F(TimersTest, AClockThatLeapsAheadForOneLookCostsNobodyAMailbox)
{
    settings.tidy_again = 200ms;
    keep_deleted("m1", mail::MailboxState::deleted, at(1'001));
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(tidies(1));
    clock = 90'000;
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.pruned_before == at(90'000) - 1h; }));
    clock = 1'000;
    ASSERT_TRUE(tidies(3));
    record.page.with([](Page& p) { EXPECT_TRUE(p.work.empty()); });
    clock = 1'001;
    EXPECT_TRUE(record.comes_to([](Page const& p) { return p.work.size() == 1; }));
}

TEST_F(TimersTest, WhereTheClockIsSetBackADayNothingGoesEarlyAndExpiriesHoldAgain)
{
    clock = 100'000;
    keep("m1", "jane@x", at(99'000));
    keep_deleted("m2", mail::MailboxState::deleted, at(100'500));
    target.open("jane@x");
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
    ASSERT_TRUE(tidies(2));
    clock = 100'000 - 86'400;
    keep("m3", "joe@x", at(20'000));
    target.open("joe@x");
    ASSERT_TRUE(tidies(3));
    EXPECT_EQ(open(), "joe@x;");
    record.page.with([](Page& p) { EXPECT_TRUE(p.work.empty()); });
    clock = 20'000;
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
    clock = 100'499;
    ASSERT_TRUE(tidies(3));
    record.page.with([](Page& p) { EXPECT_TRUE(p.work.empty()); });
    clock = 100'500;
    EXPECT_TRUE(record.comes_to([](Page const& p) { return p.work.size() == 1; }));
}

TEST_F(TimersTest, OldChangesArePruned)
{
    clock = 7'200;
    record.page.with([](Page& p) { p.old_changes = 5; });
    Timers timers(house(), settings, metrics);
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.old_changes == 0; }));
    record.page.with([](Page& p) { EXPECT_EQ(p.pruned_before, at(3'600)); });
}

TEST_F(TimersTest, WaitForTheRecord)
{
    keep("m1", "jane@x", at(900));
    target.open("jane@x");
    record.page.with([](Page& p) { p.is_away = true; });
    Timers timers(house(), settings, metrics);
    record.page.with([](Page& p) { p.is_away = false; });
    EXPECT_TRUE(target.comes_to([](auto const& s) { return s.open.empty(); }));
}
