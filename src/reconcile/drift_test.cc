// SPDX-License-Identifier: Apache-2.0
#include "reconcile/drift.h"

#include <algorithm>
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "reconcile/test_stores.h"
#include "store/test_store.h"

using namespace provost;
using namespace provost::reconcile;

namespace {

using Names = std::vector<std::string>;
using directory::Drift;
using mail::MailboxState;
using mail::StoreState;

class DriftTest : public testing::Test {
protected:
    DriftTest()
    {
        domain.limits.default_quota = Limit::of(5000);
        store.act([&](store::Writing& writing) { writing.put(domain); });
    }
    // With a store in Cyrus that is ready.
    static mail::Mailbox mailbox(std::string const& name)
    {
        auto made = store::test_mailbox(name);
        made.store = {.target = "cyrus",
                      .name = name,
                      .generation = "id-" + made.id.text(),
                      .state = StoreState::ready,
                      .reason = ""};
        return made;
    }
    static mail::Mailbox deleted(std::string const& name)
    {
        auto made = mailbox(name);
        made.state = MailboxState::deleted;
        made.restorable_until = now() + std::chrono::hours(1);
        return made;
    }
    mail::Mailbox keep(mail::Mailbox const& mailbox)
    {
        store.act([&](store::Writing& writing) { writing.put(mailbox); });
        return mailbox;
    }
    mail::Mailbox read(MailboxId const& id)
    {
        return store.read([&](store::Reading& reading) { return reading.mailbox_by_id(id.text()); }).value().mailbox;
    }
    Names compared() const
    {
        Names names;
        for (auto const& one : cyrus.compared) names.push_back(one.name);
        return names;
    }
    // Everything on all pages, as a client has it.
    std::vector<Drift> all(std::string_view mask = "*", int limit = 100)
    {
        std::vector<Drift> found;
        std::string after;
        looked_at = 0;
        for (pages = 0; pages < 50; ++pages) {
            auto page = drifts.look(mask, after, limit).value();
            looked_at += page.looked_at;
            EXPECT_LE(page.looked_at, static_cast<std::size_t>(limit));
            found.insert(found.end(), page.found.begin(), page.found.end());
            if (!page.next) return found;
            after = *page.next;
        }
        ADD_FAILURE() << "the list never ends";
        return found;
    }
    static Names kinds(std::vector<Drift> const& found)
    {
        Names kinds;
        for (auto const& one : found) kinds.push_back(one.mailbox + " " + one.kind);
        return kinds;
    }
    std::vector<std::string> acts()
    {
        return store.read([](store::Reading& reading) {
            std::vector<std::string> names;
            for (auto const& entry : reading.audit("*", 0, 10)) names.push_back(entry.act);
            return names;
        });
    }

    store::TestStore store;
    mail::Domain domain = store::test_domain("a.test");
    TestStores cyrus{"cyrus"};
    TestStores dovecot{"dovecot"};
    bool is_away = false;
    std::string trouble_ending;
    std::chrono::milliseconds clock_is_ahead{0};
    std::size_t looked_at = 0;
    int pages = 0;
    Drifts drifts{{.record = [this]() -> Result<store::Store*> {
                       if (is_away) return fail(Fault::unavailable, "the record is away");
                       return &*store;
                   },
                   .targets = {{"cyrus", &cyrus}, {"dovecot", &dovecot}},
                   .site = "cyrus",
                   .end_sessions =
                       [this](Names const& names) {
                           directory::Proof proof;
                           proof.sessions_trouble = trouble_ending;
                           if (trouble_ending.empty()) (void)cyrus.end_sessions(names);
                           return proof;
                       },
                   .clock = [this] { return now() + clock_is_ahead; }}};
};

}  // namespace

TEST_F(DriftTest, WhatTheTargetFindsIsToldOfTheMailbox)
{
    auto const jane = keep(mailbox("jane@a.test"));
    cyrus.otherwise["jane@a.test"] = {{"quota", "has none", "set it"}, {"rights", "lacks some", "give them"}};
    auto const found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].mailbox, "jane@a.test");
    EXPECT_EQ(found[0].id, jane.id.text());
    EXPECT_EQ(found[0].target, "cyrus");
    EXPECT_EQ(found[0].kind, "quota");
    EXPECT_EQ(found[0].what, "has none");
    EXPECT_EQ(found[0].repair, "set it");
    EXPECT_EQ(found[1].kind, "rights");
    // The limits that count: its domain's.
    EXPECT_EQ(cyrus.compared.at(0).quota_bytes, Limit::of(5000));
    EXPECT_EQ(looked_at, 1U);
}

TEST_F(DriftTest, PagesGoOverThoseThatAreThereAndThenOverDeletedOnes)
{
    Names there, gone;
    for (int i = 0; i < 5; ++i) {
        there.push_back("m" + std::to_string(i) + "@a.test");
        keep(mailbox(there.back()));
        // Several of one name, and of names that are others' by now.
        gone.push_back("m" + std::to_string(i / 2) + "@a.test");
        keep(deleted(gone.back()));
    }
    auto every = there;
    every.insert(every.end(), gone.begin(), gone.end());
    for (int limit = 1; limit < 12; ++limit) {
        SCOPED_TRACE(limit);
        cyrus.compared.clear();
        EXPECT_TRUE(all("*", limit).empty());
        EXPECT_EQ(compared(), every);
        std::set<std::string> ids;
        for (auto const& one : cyrus.compared) EXPECT_TRUE(ids.insert(one.id.text()).second) << one.name;
        EXPECT_EQ(looked_at, every.size());
    }
}

TEST_F(DriftTest, AMaskChoosesAmongBoth)
{
    keep(mailbox("jane@a.test"));
    keep(mailbox("john@a.test"));
    keep(deleted("jane.old@a.test"));
    keep(deleted("john.old@a.test"));
    all("jane*");
    EXPECT_EQ(compared(), (Names{"jane@a.test", "jane.old@a.test"}));
}

TEST_F(DriftTest, NoNameIsTakenForAPlaceAmongDeletedOnes)
{
    EXPECT_FALSE(mail::Address::parse("deleted x@a.test"));
    EXPECT_FALSE(mail::parse_login("deleted x"));
}

TEST_F(DriftTest, GivenUpOnesAreLeftOutAndThePagesGoOn)
{
    for (int i = 0; i < 6; ++i) {
        auto gone = deleted("m" + std::to_string(i) + "@a.test");
        if (i < 4) gone.restorable_until.reset();
        keep(gone);
    }
    all("*", 2);
    EXPECT_EQ(compared(), (Names{"m4@a.test", "m5@a.test"}));
    EXPECT_EQ(looked_at, 2U);
}

TEST_F(DriftTest, OfStoresThatAreStillToBeMadeTheJobsTell)
{
    for (auto const state : {StoreState::preparing, StoreState::failing}) {
        auto one = mailbox(std::string(mail::word(state)) + "@a.test");
        one.store.state = state;
        keep(one);
        cyrus.otherwise[one.name] = {{"quota", "has none", "set it"}};
    }
    EXPECT_TRUE(all().empty());
    EXPECT_TRUE(cyrus.compared.empty());
    EXPECT_EQ(looked_at, 2U);
}

TEST_F(DriftTest, AMailboxThatAnotherTargetKeepsIsNamed)
{
    auto jane = mailbox("jane@a.test");
    jane.store.target = "dovecot";
    keep(jane);
    auto kept = mailbox("kept@a.test");
    kept.store.target = "courier";  // which is not even set up any more
    keep(kept);
    auto const found = all();
    EXPECT_EQ(kinds(found), (Names{"jane@a.test target", "kept@a.test target"}));
    EXPECT_EQ(found[0].target, "dovecot");
    EXPECT_EQ(found[0].repair, "make it in cyrus, empty");
    EXPECT_TRUE(cyrus.compared.empty() && dovecot.compared.empty());
}

TEST_F(DriftTest, ARepairMakesItWhereTheSiteKeepsMailboxes)
{
    auto jane = mailbox("jane@a.test");
    jane.store.target = "dovecot";
    keep(jane);
    auto const left = drifts.repair(jane.id.text());
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_TRUE(left->empty());
    EXPECT_TRUE(dovecot.mended.empty());
    ASSERT_EQ(cyrus.mended.size(), 1U);
    EXPECT_EQ(cyrus.mended[0].store.generation, "");
    EXPECT_EQ(read(jane.id).store.target, "cyrus");
    EXPECT_TRUE(all().empty());
}

TEST_F(DriftTest, ADeletedOneElsewhereIsMadeNowhere)
{
    auto gone = deleted("jane@a.test");
    gone.store.target = "dovecot";
    keep(gone);
    EXPECT_TRUE(all().empty());
    auto const refused = drifts.repair(gone.id.text());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_TRUE(cyrus.mended.empty());
    EXPECT_EQ(read(gone.id).store, gone.store);
}

TEST_F(DriftTest, AServiceHasNoStoreThatCouldBeElsewhere)
{
    auto agent = store::test_mailbox("agent");
    agent.kind = mail::MailboxKind::service;
    agent.state = MailboxState::suspended;
    agent.store = {.target = "courier", .name = "", .generation = "", .state = StoreState::ready, .reason = ""};
    keep(agent);
    cyrus.open = {"agent"};
    EXPECT_EQ(kinds(all()), Names{"agent session"});
}

TEST_F(DriftTest, SessionsOfAccountsThatAreOffAreNamedAndEnded)
{
    auto const past = now() - std::chrono::minutes(1);
    auto off = mailbox("off@a.test");
    off.state = MailboxState::suspended;
    auto expired = mailbox("expired@a.test");
    expired.expires = past;
    auto receiving = mailbox("receiving@a.test");
    receiving.state = MailboxState::receive_only;
    for (auto const& one : {off, expired, receiving, deleted("gone@a.test"), mailbox("on@a.test")}) keep(one);
    cyrus.open = {"off@a.test", "off@a.test", "expired@a.test", "receiving@a.test", "gone@a.test", "on@a.test"};
    auto const found = all();
    EXPECT_EQ(kinds(found), (Names{"expired@a.test session", "off@a.test session", "receiving@a.test session",
                                   "gone@a.test session"}));
    EXPECT_EQ(found[1].what, "has 2 sessions open, and is off");
    for (auto const& one : found) {
        auto const left = drifts.repair(one.id);
        ASSERT_TRUE(left) << left.error().message;
        EXPECT_TRUE(left->empty()) << one.mailbox;
    }
    EXPECT_EQ(cyrus.open, Names{"on@a.test"});
    EXPECT_TRUE(all().empty());
}

TEST_F(DriftTest, ARepairFailsWhereSessionsDoNotEnd)
{
    auto off = mailbox("off@a.test");
    off.state = MailboxState::suspended;
    keep(off);
    cyrus.open = {"off@a.test"};
    trouble_ending = "sessions still open after 5000 ms: 1";
    auto const failed = drifts.repair(off.id.text());
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::unavailable);
    EXPECT_EQ(failed.error().message, trouble_ending);
}

TEST_F(DriftTest, AnAccountIsOffFromTheTimeThatItExpires)
{
    auto jane = mailbox("jane@a.test");
    jane.expires = now() + std::chrono::minutes(1);
    keep(jane);
    cyrus.open = {"jane@a.test"};
    EXPECT_TRUE(all().empty());
    clock_is_ahead = std::chrono::minutes(2);
    EXPECT_EQ(kinds(all()), Names{"jane@a.test session"});
}

TEST_F(DriftTest, AccountsOfADomainThatIsOffAreOff)
{
    keep(mailbox("jane@a.test"));
    cyrus.open = {"jane@a.test"};
    EXPECT_TRUE(all().empty());
    domain.enabled = false;
    store.act([&](store::Writing& writing) { writing.put(domain); });
    EXPECT_EQ(kinds(all()), Names{"jane@a.test session"});
    domain.enabled = true;
    domain.expires = now() - std::chrono::minutes(1);
    store.act([&](store::Writing& writing) { writing.put(domain); });
    EXPECT_EQ(kinds(all()), Names{"jane@a.test session"});
}

TEST_F(DriftTest, WhoHasTheNameOfADeletedOneKeepsHisSessions)
{
    auto const gone = keep(deleted("jane@a.test"));
    keep(mailbox("jane@a.test"));
    cyrus.open = {"jane@a.test"};
    EXPECT_TRUE(all().empty());
    ASSERT_TRUE(drifts.repair(gone.id.text()));
    EXPECT_TRUE(cyrus.ended.empty());
}

TEST_F(DriftTest, ARepairWritesTheNewStoreDown)
{
    auto const jane = keep(mailbox("jane@a.test"));
    cyrus.otherwise["jane@a.test"] = {{"missing", "is nowhere", "make it anew, empty"}};
    auto const left = drifts.repair(jane.id.text());
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_TRUE(left->empty());
    ASSERT_EQ(cyrus.mended.size(), 1U);
    EXPECT_EQ(cyrus.mended[0].quota_bytes, Limit::of(5000));
    auto const now_kept = read(jane.id);
    EXPECT_EQ(now_kept.store.generation, "new-" + jane.id.text());
    EXPECT_TRUE(now_kept.quota_bytes.is_unset());  // the default is not written into it
    EXPECT_EQ(acts().at(0), "mailbox.store");
    auto const acts_before = acts().size();
    ASSERT_TRUE(drifts.repair(jane.id.text()));
    EXPECT_EQ(acts().size(), acts_before);  // nothing is new
}

TEST_F(DriftTest, ARepairThatFailsChangesNothing)
{
    auto jane = mailbox("jane@a.test");
    jane.state = MailboxState::suspended;
    keep(jane);
    cyrus.is_away = true;
    auto const failed = drifts.repair(jane.id.text());
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::unavailable);
    EXPECT_EQ(read(jane.id).store, jane.store);
}

TEST_F(DriftTest, ARehearsedRepairTellsWhatIsLeftAndDoesNothing)
{
    auto jane = mailbox("jane@a.test");
    jane.state = MailboxState::suspended;
    keep(jane);
    cyrus.otherwise["jane@a.test"] = {{"quota", "has none", "set it"}};
    cyrus.open = {"jane@a.test"};
    EXPECT_EQ(kinds(drifts.repair(jane.id.text(), true).value()), (Names{"jane@a.test quota", "jane@a.test session"}));
    EXPECT_TRUE(cyrus.mended.empty() && cyrus.ended.empty());
    cyrus.there = {{"id-x", "nobody@a.test"}};
    EXPECT_TRUE(drifts.remove_stranger("id-x", true));
    EXPECT_FALSE(drifts.remove_stranger("id-y", true));
    EXPECT_TRUE(cyrus.removed.empty());
}

TEST_F(DriftTest, AnUnknownIdIsRepairedNowhere)
{
    auto given_up = deleted("gone@a.test");
    given_up.restorable_until.reset();
    keep(given_up);
    for (auto const& id : {std::string("nothing"), std::string(), given_up.id.text()}) {
        auto const refused = drifts.repair(id);
        ASSERT_FALSE(refused) << id;
        EXPECT_EQ(refused.error().fault, Fault::not_found);
    }
    EXPECT_TRUE(cyrus.mended.empty());
}

TEST_F(DriftTest, StrangersAreToldByTheirIdAndNotByTheirName)
{
    auto const jane = keep(mailbox("jane@a.test"));
    auto const gone = keep(deleted("gone@a.test"));
    cyrus.there = {{jane.store.generation, "renamed@a.test"},
                   {gone.store.generation, "deleted-x@a.test"},
                   {"id-x", "jane@a.test"}};
    dovecot.there = {{"id-y", "nobody@a.test"}};  // which does not keep the site's mailboxes
    auto const found = drifts.strangers().value();
    ASSERT_EQ(kinds(found), Names{"jane@a.test stranger"});
    EXPECT_EQ(found[0].id, "id-x");
    EXPECT_EQ(found[0].target, "cyrus");
    EXPECT_EQ(found[0].repair, "");
}

TEST_F(DriftTest, OneThatIsBeingMadeIsNoStranger)
{
    auto jane = mailbox("jane@a.test");
    jane.store.generation.clear();
    jane.store.state = StoreState::preparing;
    keep(jane);
    cyrus.there = {{"id-x", "jane@a.test"}};
    EXPECT_TRUE(drifts.strangers()->empty());
    EXPECT_FALSE(drifts.remove_stranger("id-x"));
    // What is in its way is one.
    jane.store.state = StoreState::failing;
    keep(jane);
    EXPECT_EQ(kinds(*drifts.strangers()), Names{"jane@a.test stranger"});
}

TEST_F(DriftTest, OneStrangerIsRemovedAndNobodyElse)
{
    auto const jane = keep(mailbox("jane@a.test"));
    cyrus.there = {{jane.store.generation, "jane@a.test"}, {"id-x", "nobody@a.test"}, {"id-y", "other@a.test"}};
    ASSERT_TRUE(drifts.remove_stranger("id-x"));
    EXPECT_EQ(cyrus.removed, Names{"nobody@a.test id-x"});
    for (auto const& id : {std::string("id-x"), jane.store.generation, std::string()}) {
        auto const refused = drifts.remove_stranger(id);
        ASSERT_FALSE(refused) << id;
        EXPECT_EQ(refused.error().fault, Fault::not_found);
    }
    EXPECT_EQ(cyrus.removed.size(), 1U);
}

TEST_F(DriftTest, WhileTheRecordOrTheTargetIsAwayNothingCanBeTold)
{
    auto const jane = keep(mailbox("jane@a.test"));
    cyrus.is_away = true;
    EXPECT_EQ(drifts.look("*", "", 10).error().fault, Fault::unavailable);
    is_away = true;
    EXPECT_EQ(drifts.look("*", "", 10).error().fault, Fault::unavailable);
    EXPECT_EQ(drifts.repair(jane.id.text()).error().fault, Fault::unavailable);
    EXPECT_EQ(drifts.strangers().error().fault, Fault::unavailable);
    EXPECT_EQ(drifts.remove_stranger("id-x").error().fault, Fault::unavailable);
}
