// SPDX-License-Identifier: Apache-2.0
#include "reconcile/reconciler.h"

#include <atomic>

#include <gtest/gtest.h>

#include "reconcile/test_record.h"

using namespace provost;
using namespace provost::reconcile;
using namespace std::chrono_literals;

namespace {

class ReconcilerTest : public testing::Test {
protected:
    Reconciler start()
    {
        return Reconciler({record.way(),
                           {{"dovecot", &target}},
                           [this](std::vector<std::string> const& names) {
                               asked.with([&](auto& list) { list.push_back(names); });
                               directory::Proof proof;
                               proof.sessions_trouble = target.state.with([](auto& s) { return s.trouble; });
                               return proof;
                           },
                           [this] { return now() + ahead.load(); }},
                          {.look_again = 2ms, .lease = 60s, .first_wait = 1ms, .longest_wait = 4ms}, metrics);
    }
    void leave(std::string id, std::string verb, std::string subject = "m1", std::string to = "dovecot")
    {
        record.page.with([&](Page& p) {
            p.work.push_back(
                {std::move(id), std::move(to), std::move(verb), std::move(subject), "jane@x\njane@old\n", {}, 0, {}});
        });
    }
    void keep(mail::Mailbox mailbox)
    {
        record.page.with([&](Page& p) { p.mailboxes[mailbox.id.text()] = std::move(mailbox); });
    }
    mail::Mailbox jane(mail::StoreState state = mail::StoreState::preparing)
    {
        mail::Mailbox mailbox;
        mailbox.id = MailboxId("m1");
        mailbox.name = "jane@x";
        mailbox.store.target = "dovecot";
        mailbox.store.state = state;
        return mailbox;
    }
    bool all_is_done()
    {
        return record.comes_to([](Page const& p) { return p.work.empty(); });
    }

    TestRecord record;
    TestTarget target;
    Metrics metrics;
    std::atomic<std::chrono::milliseconds> ahead{0ms};
    Awaited<std::vector<std::vector<std::string>>> asked;
};

}  // namespace

TEST_F(ReconcilerTest, EndsSessionsOfTheNamesThatAnActLeft)
{
    leave("w1", "end_sessions");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    asked.with([](auto& list) { EXPECT_EQ(list.at(0), (std::vector<std::string>{"jane@x", "jane@old"})); });
    record.page.with([](Page& p) { EXPECT_EQ(p.finished, std::vector<std::string>{"w1"}); });
}

TEST_F(ReconcilerTest, DoesNotWaitForTheTimeOfAClockThatWasAhead)
{
    target.state.with([](auto& s) { s.trouble = "doveadm: connection refused"; });
    leave("w0", "end_sessions");
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.work[0].attempts >= 1; }));
    ahead = 10min;
    record.page.with([&](Page& p) { p.work[0].attempts = 0; });
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.work[0].attempts >= 1; }));
    target.state.with([](auto& s) { s.trouble.clear(); });
    record.page.with([&](Page& p) { p.work[0].due = now() + 10min; });
    ahead = 0ms;
    EXPECT_TRUE(all_is_done());
}

TEST_F(ReconcilerTest, DoesNotWaitForTheTimeOfAnEarlierProcessThatWasAhead)
{
    leave("w1", "end_sessions");
    record.page.with([](Page& p) { p.work[0].due = now() + 10min; });
    auto reconciler = start();
    EXPECT_TRUE(all_is_done());
}

TEST_F(ReconcilerTest, KeepsTheTargetsWordsAndTriesAgainUntilItIsBack)
{
    target.state.with([](auto& s) { s.trouble = "doveadm: connection refused"; });
    leave("w1", "end_sessions");
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) { return !p.work.empty() && p.work[0].attempts >= 3; }));
    record.page.with([](Page& p) { EXPECT_EQ(p.work.at(0).last_error, "doveadm: connection refused"); });
    target.state.with([](auto& s) { s.trouble.clear(); });
    EXPECT_TRUE(all_is_done());
}

TEST_F(ReconcilerTest, WorkThatWaitsDoesNotHoldUpOtherWork)
{
    leave("w1", "end_sessions", "m1", "cyrus");
    leave("w2", "paint");
    leave("w3", "end_sessions");
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.work.size() == 2 && p.work[0].attempts > 0; }));
    record.page.with([](Page& p) {
        EXPECT_EQ(p.finished, std::vector<std::string>{"w3"});
        EXPECT_EQ(p.work[0].last_error, "target: 'cyrus' is not set up here");
        EXPECT_EQ(p.work[1].last_error, "verb: 'paint' is not known to this version");
    });
}

TEST_F(ReconcilerTest, WaitsForTheRecordHoweverItIsAway)
{
    leave("w1", "end_sessions");
    record.page.with([](Page& p) { p.is_away = true; });
    auto reconciler = start();
    record.page.with([](Page& p) {
        p.is_away = false;
        p.is_broken = true;
    });
    record.page.with([](Page& p) { p.is_broken = false; });
    EXPECT_TRUE(all_is_done());
}

TEST_F(ReconcilerTest, AStoreIsEnsuredAndWrittenDown)
{
    keep(jane());
    leave("w1", "ensure");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes["m1"].store, (mail::Store{"dovecot", "home/m1", "", mail::StoreState::ready, ""}));
        ASSERT_EQ(p.audit.size(), 1u);
        EXPECT_EQ(p.audit[0].act + " " + p.audit[0].subject + " " + p.audit[0].actor.name,
                  "mailbox.store jane@x system:reconcile");
    });
}

TEST_F(ReconcilerTest, AStoreThatCannotBeMadeIsShownOnceAsFailing)
{
    keep(jane());
    leave("w1", "ensure");
    target.state.with([](auto& s) { s.trouble = "no space"; });
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) { return !p.work.empty() && p.work[0].attempts >= 3; }));
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes["m1"].store.state, mail::StoreState::failing);
        EXPECT_EQ(p.mailboxes["m1"].store.reason, "no space");
        EXPECT_EQ(p.audit.size(), 1u);
    });
    target.state.with([](auto& s) { s.trouble.clear(); });
    ASSERT_TRUE(all_is_done());
    record.page.with([](Page& p) { EXPECT_EQ(p.mailboxes["m1"].store.state, mail::StoreState::ready); });
}

TEST_F(ReconcilerTest, AStoreThatWasReadyStaysReady)
{
    keep(jane(mail::StoreState::ready));
    leave("w1", "ensure");
    target.state.with([](auto& s) { s.trouble = "no space"; });
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) { return !p.work.empty() && p.work[0].attempts >= 1; }));
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes["m1"].store.state, mail::StoreState::ready);
        EXPECT_TRUE(p.audit.empty());
    });
}

TEST_F(ReconcilerTest, ADeletedOneWhoseNameIsAnothersIsSetAside)
{
    auto other = jane();
    other.id = MailboxId("m2");
    keep(other);
    auto deleted = jane(mail::StoreState::ready);
    deleted.state = mail::MailboxState::deleted;
    deleted.restorable_until = from_millis(7);
    keep(deleted);
    leave("w1", "ensure");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    target.state.with([](auto& s) {
        EXPECT_EQ(s.aside, std::vector<std::string>{"m1"});
        EXPECT_TRUE(s.ensured.empty());
    });
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes["m1"].store.name, "aside/m1");
        EXPECT_EQ(p.mailboxes["m1"].state, mail::MailboxState::deleted);
    });
}

TEST_F(ReconcilerTest, ADeletedOneWhoseNameIsNobodysIsLeftAlone)
{
    auto deleted = jane(mail::StoreState::ready);
    deleted.state = mail::MailboxState::deleted;
    deleted.restorable_until = from_millis(7);
    keep(deleted);
    leave("w1", "ensure");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    target.state.with([](auto& s) { EXPECT_TRUE(s.aside.empty() && s.ensured.empty()); });
}

TEST_F(ReconcilerTest, ADeletedOneThatIsGivenUpIsNotSetAside)
{
    auto other = jane();
    other.id = MailboxId("m2");
    keep(other);
    auto given_up = jane(mail::StoreState::ready);
    given_up.state = mail::MailboxState::deleted;
    keep(given_up);
    leave("w1", "ensure");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    target.state.with([](auto& s) { EXPECT_TRUE(s.aside.empty()) << "it is removed by work of its own"; });
}

TEST_F(ReconcilerTest, TheTargetIsToldTheLimitsThatCount)
{
    mail::Domain domain{.id = DomainId("d1"), .name = mail::DomainName::parse("x").value()};
    domain.limits.default_quota = Limit::of(1024);
    record.page.with([&](Page& p) { p.domains.insert_or_assign("d1", domain); });
    keep(jane());
    auto other = jane();
    other.id = MailboxId("m2");
    other.name = "joe@x";
    other.quota_bytes = Limit::of(5);
    keep(other);
    leave("w1", "ensure");
    leave("w2", "ensure", "m2");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    target.state.with([](auto& s) {
        ASSERT_EQ(s.ensured.size(), 2U);
        EXPECT_EQ(s.ensured[0].quota_bytes, Limit::of(1024));
        EXPECT_EQ(s.ensured[1].quota_bytes, Limit::of(5));
    });
    record.page.with([](Page& p) { EXPECT_TRUE(p.mailboxes["m1"].quota_bytes.is_unset()) << "it is the domain's"; });
}

TEST_F(ReconcilerTest, OneThatWasRenamedWhileItsStoreWasMadeWaitsForItsNewName)
{
    keep(jane());
    leave("w1", "ensure");
    target.state.with([this](auto& s) {
        s.on_ensure = [this](mail::Mailbox const&) {
            record.page.with([](Page& p) { p.mailboxes["m1"].name = "joan@x"; });
        };
    });
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes["m1"].name, "joan@x");
        EXPECT_EQ(p.mailboxes["m1"].store.name, "home/m1");
        EXPECT_EQ(p.mailboxes["m1"].store.state, mail::StoreState::preparing);
    });
}

TEST_F(ReconcilerTest, WhoAwaitsItIsToldThatAnItemCouldNotBeDone)
{
    target.state.with([](auto& s) { s.trouble = "no space"; });
    keep(jane());
    leave("w1", "ensure");
    auto reconciler = start();
    reconciler.await(1h);  // it goes on being tried
    record.page.with([](Page& p) { EXPECT_EQ(p.work.at(0).last_error, "no space"); });
}

TEST_F(ReconcilerTest, AMailboxThatIsGoneNeedsNoStore)
{
    auto deleted = jane();
    deleted.state = mail::MailboxState::deleted;
    keep(deleted);
    leave("w1", "ensure");
    leave("w2", "ensure", "nobody");
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    record.page.with([](Page& p) { EXPECT_TRUE(p.audit.empty()); });
}

TEST(Reconciler, WaitsTwiceAsLongAfterEachFailureUpToABound)
{
    Reconciler::Settings const settings{.first_wait = 1s, .longest_wait = 300s};
    std::pair<int, std::chrono::milliseconds> const cases[] = {{1, 1s},   {2, 2s},    {3, 4s},
                                                               {9, 256s}, {10, 300s}, {1'000'000'000, 300s}};
    for (auto const& [attempts, wait] : cases) {
        EXPECT_EQ(Reconciler::wait_after(attempts, settings), wait) << attempts;
    }
}

class RetiringTest : public ReconcilerTest {
protected:
    RetiringTest()
    {
        auto mailbox = jane();
        mailbox.state = mail::MailboxState::deleted;
        mailbox.former_names = {"was@x"};
        keep(mailbox);
        leave("w1", "retire");
    }
    std::vector<std::string> retired()
    {
        return target.state.with([](auto& s) { return s.retired; });
    }
};

TEST_F(RetiringTest, EndsItsSessionsReleasesItsStoreAndThenRemovesItsRow)
{
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    EXPECT_EQ(retired(), std::vector<std::string>{"m1"});
    asked.with([](auto& list) { EXPECT_EQ(list.at(0), (std::vector<std::string>{"jane@x", "was@x"})); });
    record.page.with([](Page& p) {
        EXPECT_TRUE(p.mailboxes.empty());
        EXPECT_EQ(p.audit.back().act + " " + p.audit.back().actor.name, "mailbox.released system:reconcile");
    });
}

TEST_F(RetiringTest, ItsRowStaysWithTheReasonWhileItsStoreCannotBeReleased)
{
    target.state.with([](auto& s) { s.trouble = "the helper does not answer"; });
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.work.at(0).attempts >= 2; }));
    record.page.with([](Page& p) {
        EXPECT_EQ(p.mailboxes.size(), 1u);
        EXPECT_EQ(p.work.at(0).last_error, "the helper does not answer");
    });
    target.state.with([](auto& s) { s.trouble.clear(); });
    ASSERT_TRUE(all_is_done());
    record.page.with([](Page& p) { EXPECT_TRUE(p.mailboxes.empty()); });
}

TEST_F(RetiringTest, SessionsOfWhoHasTheNameNowGoOn)
{
    auto other = jane();
    other.id = MailboxId("m2");
    keep(other);
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    asked.with([](auto& list) { EXPECT_EQ(list.at(0), std::vector<std::string>{"was@x"}); });
    record.page.with([](Page& p) { EXPECT_EQ(p.mailboxes.count("m2"), 1u); });
}

TEST_F(RetiringTest, WaitsUntilTheSessionsOfItsDeletionHaveEnded)
{
    leave("w0", "end_sessions", "m1", "away");
    auto reconciler = start();
    ASSERT_TRUE(record.comes_to([](Page const& p) {
        return p.work.at(0).last_error == "its sessions are still to be ended: target: 'away' is not set up here";
    }));
    EXPECT_TRUE(retired().empty());
    record.page.with([](Page& p) { p.work.at(1).target = "dovecot"; });
    EXPECT_TRUE(all_is_done());
}

TEST_F(RetiringTest, WhatIsNotGivenUpIsNotTouched)
{
    record.page.with([](Page& p) { p.mailboxes["m1"].restorable_until = from_millis(7); });
    auto reconciler = start();
    ASSERT_TRUE(all_is_done());
    EXPECT_TRUE(retired().empty());
    record.page.with([](Page& p) { EXPECT_EQ(p.mailboxes.size(), 1u); });
}
