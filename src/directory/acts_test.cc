// SPDX-License-Identifier: Apache-2.0
#include "directory/acts.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::addr;
using mail::addrs;

TEST_F(ActsTest, WhatIsAddedIsThereAndAudited)
{
    auto const shown = house.acts.mailbox(house.root(), "ALICE@example.test");
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->mailbox.name, "alice@example.test");
    EXPECT_EQ(shown->mailbox.state, mail::MailboxState::active);
    auto const audit = house.acts.audit(house.root(), "*", 1'000'000, 10);
    ASSERT_TRUE(audit);
    EXPECT_EQ(audit->front().act, "mailbox.add");
    EXPECT_EQ(audit->front().subject, "bob@example.test");
    EXPECT_EQ(audit->front().actor.name, "root");
}

TEST_F(ActsTest, AnAddressIsClaimedOnceWhateverItsSpelling)
{
    stand();
    expect_refused(house.acts.add_mailbox(house.request(), "Alice@Example.TEST", {}, std::nullopt), "name",
                   "is a mailbox already");
    expect_refused(alias("ALICE@example.test", addrs({"bob@example.test"})), "address", "is a mailbox already");
    ASSERT_TRUE(alias("info@example.test", addrs({"bob@example.test"})));
    stand();
    expect_refused(house.acts.add_mailbox(house.request(), "INFO@example.test", {}, std::nullopt), "name",
                   "is an alias already");
    MailboxChange change;
    change.logins = {"bob@example.test"};
    expect_refused(house.acts.set_mailbox(house.request(), "alice@example.test", change), "logins",
                   "is a mailbox already");
}

TEST_F(ActsTest, ATargetOfOursMustExist)
{
    stand();
    expect_refused(alias("x@example.test", addrs({"nobody@example.test"})), "targets", "does not exist");
    expect_refused(alias("x@example.test", {}), "targets", "at least one");
    expect_refused(alias("x@example.test", addrs({"bob@example.test", "BOB@example.test"})), "targets",
                   "is named twice");
    expect_refused(alias("x@example.test", addrs({"x@example.test"})), "targets", "leads back to itself");
    expect_refused(alias("x@elsewhere.test", addrs({"bob@example.test"})), "address", "not kept here");
}

TEST_F(ActsTest, APolicyThatNobodyEnforcesIsNotTaken)
{
    stand();
    AliasChange change;
    change.targets = addrs({"bob@example.test"});
    change.posting = mail::Posting::members;
    expect_refused(house.acts.add_alias(house.request(), "x@example.test", change), "posting", "is not enforced");
}

TEST_F(ActsTest, WhoMayPostIsNotKeptWhereNobodyAsks)
{
    stand();
    AliasChange change;
    change.targets = addrs({"bob@example.test"});
    change.posters = addrs({"alice@example.test"});
    expect_refused(house.acts.add_alias(house.request(), "x@example.test", change), "posters", "is not enforced");
}

TEST_F(ActsTest, ATextForPeopleHasNoControlCharactersOfAnySort)
{
    stand();
    for (std::string_view const text :
         {"a\nb", "a\x7f", "a\xC2\x85.", "a\xC2\x9B", "a\xE2\x80\xA8.", "a\xE2\x80\xA9"}) {
        MailboxChange change;
        change.display_name = text;
        expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", change), "display_name",
                       "has control characters");
    }
    MailboxChange change;
    change.display_name = "Bj\xC3\xB6rn \xE2\x80\xA0 \xC2\xA0";
    EXPECT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
}

TEST_F(ActsTest, WhoeverNamesAnAliasStandsInTheWayOfItsEnd)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"bob@example.test"})));
    auto const expect_named = [&](std::string const& by) {
        stand();
        expect_refused(house.acts.delete_alias(house.request(), "info@example.test"), "address", "is named by " + by);
    };
    MailboxChange forward;
    forward.forwards = addrs({"info+alice@example.test"});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "alice@example.test", forward));
    expect_named("mailbox alice@example.test");
    forward.forwards = addrs({});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "alice@example.test", forward));
    DomainChange rest;
    rest.catch_all = addrs({"info@example.test"});
    ASSERT_TRUE(limit(rest));
    expect_named("domain example.test");
    rest.catch_all = addrs({});
    rest.archive_to = addr("info@example.test");
    ASSERT_TRUE(limit(rest));
    expect_named("domain example.test");
    rest.archive_to = std::optional<mail::Address>();
    ASSERT_TRUE(limit(rest));
    EXPECT_TRUE(house.acts.delete_alias(house.request(), "info@example.test"));
}

TEST_F(ActsTest, WhoeverNamesAMailboxIsToldOfWhenItGoes)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"bob+info@example.test"})));
    MailboxChange forward;
    forward.forwards = addrs({"bob@example.test"});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "alice@example.test", forward));
    DomainChange rest;
    rest.catch_all = addrs({"bob@example.test"});
    ASSERT_TRUE(limit(rest));
    auto const done = house.acts.delete_mailbox(house.request(), "bob@example.test");
    ASSERT_TRUE(done) << done.error().message;
    for (auto const* note : {"alias info@example.test still names it; mail leaves it out",
                             "mailbox alice@example.test still names it", "domain example.test still names it"})
        EXPECT_NE(std::ranges::find(done->notes, note), done->notes.end()) << note;
}

TEST_F(ActsTest, WhatChangesNothingRecordedSaysWhenItWasNotDone)
{
    auto request = TestHouse::request();
    EXPECT_FALSE(house.acts.unlock_mailbox(request, "bob@example.test")->dry_run);
    EXPECT_FALSE(house.forgiven.empty());
    house.forgiven.clear();
    request.dry_run = true;
    auto const done = house.acts.unlock_mailbox(request, "bob@example.test");
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->dry_run);
    EXPECT_EQ(done->revision, 0U);
    EXPECT_TRUE(house.forgiven.empty());
    request.dry_run = false;
    request.if_revision = house.acts.position()->revision;
    EXPECT_TRUE(house.acts.unlock_mailbox(request, "bob@example.test"));
    add("carol");
    house.forgiven.clear();
    stand();
    expect_refused(house.acts.unlock_mailbox(request, "bob@example.test"), "if_revision", "later revision");
    expect_refused(house.acts.kick_mailbox(request, "bob@example.test"), "if_revision", "later revision");
    EXPECT_TRUE(house.forgiven.empty());
}

TEST_F(ActsTest, WorkIsTriedAgainByItsId)
{
    ASSERT_TRUE(house.acts.disable_mailbox(house.request(), "bob@example.test", mail::Suspension::refuse));
    auto const id = house.acts.pending_work(house.root(), {}, 10)->front().id;
    auto const at = [&] { return house.acts.pending_work(house.root(), {}, 10)->front().due; };
    house.record->postpone_work(id, now() + std::chrono::hours(1), "not yet");
    int woken = 0;
    house.on_work = [&] { ++woken; };
    auto request = TestHouse::request();
    request.dry_run = true;
    EXPECT_TRUE(house.acts.retry_work(request, id)->dry_run);
    EXPECT_GT(at(), now());
    EXPECT_EQ(woken, 0);
    EXPECT_FALSE(house.acts.retry_work(request, "no such"));
    EXPECT_FALSE(house.acts.retry_work(house.request(), "no such"));
    EXPECT_FALSE(house.acts.retry_work(house.request(), id)->dry_run);
    EXPECT_LE(at(), now());
    EXPECT_EQ(woken, 1);
}

TEST_F(ActsTest, ALoopIsRefusedWhereverItIsClosed)
{
    ASSERT_TRUE(alias("a@example.test", addrs({"bob@example.test"})));
    ASSERT_TRUE(alias("b@example.test", addrs({"a@example.test"})));
    stand();
    AliasChange change;
    change.targets = addrs({"b@example.test"});
    expect_refused(house.acts.set_alias(house.request(), "a@example.test", change), "targets", "leads back to itself");
    MailboxChange forward;
    forward.forwards = addrs({"b@example.test"});
    expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", forward), "forwards",
                   "leads back to itself");
}

TEST_F(ActsTest, NothingGrowsBeyondWhatPostfixExpandsByWhatItLeadsTo)
{
    std::vector<mail::Address> many;
    for (int i = 0; i < 600; ++i) many.push_back(addr("u" + std::to_string(i) + "@elsewhere.test"));
    ASSERT_TRUE(alias("many@example.test", many));
    ASSERT_TRUE(alias("both@example.test", addrs({"many@example.test", "bob@example.test"})));
    stand();
    MailboxChange forward;
    forward.forwards = addrs({"many@example.test"});
    expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", forward), "forwards",
                   "more than the 1000");
    AliasChange change;
    change.targets = addrs({"many@example.test", "many+x@example.test"});
    expect_refused(house.acts.set_alias(house.request(), "both@example.test", change), "targets", "more than the 1000");
}

TEST_F(ActsTest, ALimitHoldsAtExactlyItsNumber)
{
    DomainChange change;
    change.mailboxes = Limit::of(3);
    ASSERT_TRUE(limit(change));
    add("carol");
    stand();
    expect_refused(house.acts.add_mailbox(house.request(), "dave@example.test", {}, std::nullopt), "max_mailboxes",
                   "may have 3");
    change.mailboxes = Limit::of(2);
    expect_refused(limit(change), "max_mailboxes", "would have 3");
}

TEST_F(ActsTest, ALimitOfZeroAllowsNone)
{
    DomainChange change;
    change.aliases = Limit::of(0);
    ASSERT_TRUE(limit(change));
    stand();
    expect_refused(alias("x@example.test", addrs({"bob@example.test"})), "max_aliases", "may have 0");
    change = {};
    change.aliases = Limit::unlimited();
    change.external_aliases = Limit::of(0);
    ASSERT_TRUE(limit(change));
    stand();
    expect_refused(alias("x@example.test", addrs({"x@elsewhere.test"})), "max_external_aliases", "would have 1");
    EXPECT_TRUE(alias("x@example.test", addrs({"bob@example.test"})));
}

TEST_F(ActsTest, LimitsHoldWhenManyWriteAtOnce)
{
    DomainChange change;
    change.mailboxes = Limit::of(5);
    ASSERT_TRUE(limit(change));
    std::atomic<int> added{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            if (house.acts.add_mailbox(house.request(), "u" + std::to_string(i) + "@example.test", {}, std::nullopt))
                ++added;
        });
    threads.clear();
    EXPECT_EQ(added, 3);
    EXPECT_EQ(house.acts.domain(house.root(), "example.test")->counts.mailboxes, 5);
}

TEST_F(ActsTest, QuotasKeepToTheDomains)
{
    DomainChange change;
    change.quota_per_mailbox = Limit::of(10LL << 30);
    change.default_quota = Limit::of(1LL << 30);
    change.total_quota = Limit::of(12LL << 30);
    ASSERT_TRUE(limit(change));
    MailboxChange wish;
    wish.quota_bytes = Limit::of((10LL << 30) + 1);
    stand();
    expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", wish), "quota", "is more than the 10G");
    wish.quota_bytes = Limit::unlimited();
    expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", wish), "quota",
                   "'unlimited' is more than");
    wish.quota_bytes = Limit::of(10LL << 30);
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", wish));
    stand();
    wish.quota_bytes = Limit::of(3LL << 30);
    expect_refused(house.acts.set_mailbox(house.request(), "alice@example.test", wish), "quota",
                   "in all is more than the 12G");
    EXPECT_EQ(house.acts.mailbox(house.root(), "alice@example.test")->effective_quota, Limit::of(1LL << 30));
}

TEST_F(ActsTest, ADryRunSaysWhatWouldHappenAndChangesNothing)
{
    stand();
    auto request = house.request();
    request.dry_run = true;
    EXPECT_TRUE(house.acts.add_mailbox(request, "carol@example.test", {}, std::nullopt));
    expect_refused(house.acts.add_mailbox(request, "bob@example.test", {}, std::nullopt), "name",
                   "is a mailbox already");
    EXPECT_FALSE(house.acts.mailbox(house.root(), "carol@example.test"));
    EXPECT_TRUE(house.acts.disable_mailbox(request, "bob@example.test", mail::Suspension::refuse));
    EXPECT_EQ(house.acts.mailbox(house.root(), "bob@example.test")->mailbox.state, mail::MailboxState::active);
}

TEST_F(ActsTest, AnActLeavesTheWorkOfEndingSessionsBehind)
{
    ASSERT_TRUE(house.acts.disable_mailbox(house.request(), "bob@example.test", mail::Suspension::hold));
    auto const work = house.acts.pending_work(house.root(), {}, 10);
    ASSERT_TRUE(work);
    ASSERT_EQ(work->size(), 1U);
    EXPECT_EQ(work->front().verb, "end_sessions");
    EXPECT_EQ(work->front().detail, "bob@example.test\n");
    auto const bob = house.acts.mailbox(house.root(), "bob@example.test");
    EXPECT_EQ(bob->mailbox.state, mail::MailboxState::suspended);
    EXPECT_EQ(bob->mailbox.suspension, mail::Suspension::hold);
}

TEST_F(ActsTest, OnlyWhatTakesSomethingAwayEndsSessions)
{
    MailboxChange change;
    change.display_name = "Bob";
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    EXPECT_TRUE(house.acts.pending_work(house.root(), {}, 10)->empty());
    change = {};
    change.services = *mail::parse_services("imap");
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    EXPECT_EQ(house.acts.pending_work(house.root(), {}, 10)->size(), 1U);
    change.services = mail::Services::all();
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    EXPECT_EQ(house.acts.pending_work(house.root(), {}, 10)->size(), 1U);
    change = {};
    change.expires = now() - std::chrono::seconds(1);
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    EXPECT_EQ(house.acts.pending_work(house.root(), {}, 10)->size(), 2U);
    change = {};
    change.display_name = "Robert";
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    EXPECT_EQ(house.acts.pending_work(house.root(), {}, 10)->size(), 2U) << "what is off already has nothing to lose";
}

TEST_F(ActsTest, DomainsKeepToTheirKinds)
{
    stand();
    DomainChange change;
    change.kind = mail::DomainKind::mapped;
    expect_refused(house.acts.add_domain(house.request(), "m.test", change), "maps_to", "needs the domain");
    change.maps_to = mail::DomainName::parse("nowhere.test").value();
    expect_refused(house.acts.add_domain(house.request(), "m.test", change), "maps_to", "is not a domain here");
    change = {};
    change.transport = "smtp:[x]";
    expect_refused(house.acts.add_domain(house.request(), "m.test", change), "transport", "relay domains only");
    change = {};
    change.catch_all = addrs({"nobody@example.test"});
    expect_refused(house.acts.add_domain(house.request(), "m.test", change), "catch_all", "does not exist");
    change = {};
    change.kind = mail::DomainKind::alias;
    expect_refused(limit(change), "kind", "has no mailboxes");
}

TEST_F(ActsTest, APasswordIsStoredAsItsHashAndNowhereElse)
{
    ASSERT_TRUE(house.acts.set_password(house.request(), "bob@example.test", {Secret("correct horse battery"), ""}));
    ASSERT_TRUE(house.acts.set_password(house.request(), "bob@example.test", {Secret("staple"), ""}));
    house.record->read([&](store::Reading& reading) {
        auto const bob = reading.mailbox("bob@example.test");
        ASSERT_EQ(bob->credentials.size(), 1U);
        EXPECT_EQ(password::verify(Secret("staple"), bob->credentials.front().hash), password::Verdict::right);
        for (auto const& entry : reading.audit("*", 1'000'000, 100)) {
            EXPECT_EQ(entry.after.find("staple"), std::string::npos);
            EXPECT_EQ(entry.after.find("$6$"), std::string::npos);
        }
    });
    EXPECT_TRUE(house.acts.mailbox(house.root(), "bob@example.test")->credentials.front().hash.empty());
}

TEST_F(ActsTest, ASharedMailboxHasMembersAndNoLogin)
{
    MailboxChange change;
    change.kind = mail::MailboxKind::shared;
    change.members = {{"alice@example.test", 7}};
    add("sales", change);
    EXPECT_EQ(house.acts.mailbox(house.root(), "sales@example.test")->mailbox.members.front().name,
              "alice@example.test");
    stand();
    expect_refused(house.acts.set_password(house.request(), "sales@example.test", {Secret("x"), ""}), "name",
                   "has no login");
    change.members = {{"nobody@example.test", 1}};
    change.kind.reset();
    expect_refused(house.acts.set_mailbox(house.request(), "sales@example.test", change), "members",
                   "is not a mailbox here");
}

TEST_F(ActsTest, AnActMayBeBoundToTheRevisionItWasDecidedAt)
{
    auto request = house.request();
    request.if_revision = house.acts.position()->revision;
    add("carol");
    stand();
    MailboxChange change;
    change.display_name = "Bob";
    expect_refused(house.acts.set_mailbox(request, "bob@example.test", change), "if_revision", "later revision");
    request.if_revision = standing;
    EXPECT_TRUE(house.acts.set_mailbox(request, "bob@example.test", change));
}

TEST_F(ActsTest, WithoutTheRecordNothingIsChangedAndItIsSaid)
{
    Acts::House away;
    away.record = []() -> Result<store::Store*> { return fail(Fault::unavailable, "the database is locked"); };
    Acts acts(std::move(away));
    auto const outcome = acts.add_domain(house.request(), "new.test", {});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::unavailable);
    EXPECT_EQ(acts.domains(house.root(), "*").error().fault, Fault::unavailable);
}
