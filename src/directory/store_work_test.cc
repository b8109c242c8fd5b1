// SPDX-License-Identifier: Apache-2.0
#include "directory/store_work.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "directory/domain_parts.h"
#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::StoreState;

namespace {

// Carol has her mailbox in Cyrus; alice and bob have theirs in Dovecot.
struct StoreWorkTest : ActsTest {
    StoreWorkTest()
    {
        house.keeper = "cyrus";
        house.on_work = [this] { do_work(); };
        add("carol");
        take_left();
    }

    std::vector<store::Work> pending() { return house.acts.pending_work(house.root(), {}, 100).value(); }
    // As the reconciler does: the store is where its work wanted it.
    void do_work()
    {
        for (auto const& work : pending()) {
            if (work.verb != ensure_verb) continue;
            EXPECT_EQ(work.target, "cyrus");
            auto const done = house.record->act({"test", "local"}, [&](store::Writing& writing) -> Result<void> {
                auto mailbox = writing.mailbox_by_id(work.subject)->mailbox;
                bool const is_deleted = mailbox.state == mail::MailboxState::deleted;
                EXPECT_EQ(work.detail, mailbox.name);
                left_.push_back((is_deleted ? "deleted " : "") + mailbox.name + " " + word(mailbox.store.state));
                auto const name = is_deleted ? "aside-" + work.subject : mailbox.name;
                mailbox.store = {"cyrus", name, "id-of-" + work.subject, StoreState::ready, {}};
                writing.put(mailbox);
                return {};
            });
            EXPECT_TRUE(done) << done.error().message;
            house.record->finish_work(work.id);
        }
    }
    // Whose stores were to be made so since the last call, and what they were until then.
    std::vector<std::string> take_left()
    {
        do_work();
        std::ranges::sort(left_);
        return std::exchange(left_, {});
    }
    void change(MailboxChange const& how, std::string const& name = carol)
    {
        auto const done = house.acts.set_mailbox(house.request(), name, how);
        EXPECT_TRUE(done) << done.error().message;
    }
    mail::Mailbox mailbox(std::string const& name) { return house.acts.mailbox(house.root(), name)->mailbox; }
    void remove(std::string const& name)
    {
        house.clock_is_ahead += std::chrono::seconds(1);  // no two at the same time
        EXPECT_TRUE(house.acts.delete_mailbox(house.request(), name));
    }

    using Left = std::vector<std::string>;
    static constexpr auto carol = "carol@example.test";

private:
    Left left_;
};

MailboxChange quota(Limit bytes)
{
    MailboxChange change;
    change.quota_bytes = bytes;
    return change;
}

}  // namespace

TEST_F(StoreWorkTest, AHomeOfDovecotsFollowsByItself)
{
    change(quota(Limit::of(1024)), "bob@example.test");
    ASSERT_TRUE(house.acts.rename_mailbox(house.request(), "bob@example.test", {"robert@example.test", false}));
    EXPECT_EQ(take_left(), Left{});
    EXPECT_EQ(mailbox("robert@example.test").store.state, StoreState::ready);
}

TEST_F(StoreWorkTest, ANewMailboxIsPreparingUntilItsStoreIsMade)
{
    auto const done = house.acts.add_mailbox(house.request(), "dave@example.test", {}, std::nullopt);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes, Notes{});
    EXPECT_EQ(take_left(), Left{"dave@example.test preparing"});
    EXPECT_EQ(mailbox("dave@example.test").store.state, StoreState::ready);
}

TEST_F(StoreWorkTest, WhatHoldsItUpIsTold)
{
    house.on_work = [this] {
        for (auto const& work : pending()) house.record->postpone_work(work.id, now(), "no space");
    };
    auto const done = house.acts.add_mailbox(house.request(), "dave@example.test", {}, std::nullopt);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes, Notes{"its store is not ready yet, and mail for it waits: no space"});
}

TEST_F(StoreWorkTest, AServiceHasNoStoreToLead)
{
    MailboxChange service;
    service.kind = mail::MailboxKind::service;
    ASSERT_TRUE(house.acts.add_mailbox(house.request(), "backup", service, std::nullopt));
    EXPECT_EQ(take_left(), Left{});
    EXPECT_FALSE(has_store_to_lead(mailbox("backup")));
    EXPECT_FALSE(has_store_to_lead(mailbox("bob@example.test")));
    EXPECT_TRUE(has_store_to_lead(mailbox(carol)));
}

TEST_F(StoreWorkTest, ALimitIsBroughtToTheStoreAndMailGoesOn)
{
    Left const once{"carol@example.test ready"};
    change(quota(Limit::of(1024)));
    EXPECT_EQ(take_left(), once);
    change(quota(Limit::of(1024)));
    EXPECT_EQ(take_left(), Left{}) << "it is the same";
    MailboxChange messages;
    messages.quota_messages = Limit::of(7);
    change(messages);
    EXPECT_EQ(take_left(), once);
}

TEST_F(StoreWorkTest, SoAreTheMembersOfASharedOne)
{
    MailboxChange shared;
    shared.kind = mail::MailboxKind::shared;
    add("info", shared);
    EXPECT_EQ(take_left(), Left{"info@example.test preparing"});
    MailboxChange with;
    with.members = {{carol, 3}};
    change(with, "info@example.test");
    EXPECT_EQ(take_left(), Left{"info@example.test ready"});
    with.members = {{carol, 1}};
    change(with, "info@example.test");
    EXPECT_EQ(take_left(), Left{"info@example.test ready"});
}

TEST_F(StoreWorkTest, WhatTheStoreDoesNotKnowLeavesNothing)
{
    MailboxChange words;
    words.display_name = "Carol";
    words.forwards = mail::addrs({"alice@example.test"});
    words.logins = {"carol"};
    change(words);
    ASSERT_TRUE(house.acts.set_password(house.request(), carol, {Secret("correct horse"), ""}));
    ASSERT_TRUE(house.acts.disable_mailbox(house.request(), carol, mail::Suspension::refuse));
    ASSERT_TRUE(house.acts.enable_mailbox(house.request(), carol));
    remove(carol);
    EXPECT_EQ(take_left(), Left{});
}

TEST_F(StoreWorkTest, ADryRunLeavesNothing)
{
    auto request = house.request();
    request.dry_run = true;
    ASSERT_TRUE(house.acts.set_mailbox(request, carol, quota(Limit::of(1024))));
    ASSERT_TRUE(house.acts.add_mailbox(request, "dave@example.test", {}, std::nullopt));
    EXPECT_EQ(take_left(), Left{});
}

TEST_F(StoreWorkTest, ARenamedOneIsPreparingUntilItsStoreHasItsName)
{
    ASSERT_TRUE(house.acts.rename_mailbox(house.request(), carol, {"caroline@example.test", false}));
    EXPECT_EQ(take_left(), Left{"caroline@example.test preparing"});
    EXPECT_EQ(mailbox("caroline@example.test").store.state, StoreState::ready);
}

TEST_F(StoreWorkTest, WhoeverTakesADeletedOnesNameHasItsStoreSetAside)
{
    remove(carol);
    auto const added = house.acts.add_mailbox(house.request(), carol, {}, std::nullopt, OldMailbox::set_aside);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(take_left(), (Left{"carol@example.test preparing", "deleted carol@example.test ready"}));
}

TEST_F(StoreWorkTest, AlsoByARename)
{
    add("dave");
    remove(carol);
    take_left();
    ASSERT_TRUE(house.acts.rename_mailbox(house.request(), "dave@example.test", {carol, false}));
    EXPECT_EQ(take_left(), (Left{"carol@example.test preparing", "deleted carol@example.test ready"}));
}

TEST_F(StoreWorkTest, OneThatComesBackUnderItsNameIsReady)
{
    remove(carol);
    ASSERT_TRUE(house.acts.restore_mailbox(house.request(), carol, {}));
    EXPECT_EQ(take_left(), Left{"carol@example.test ready"});
}

TEST_F(StoreWorkTest, OneThatWasSetAsideIsPreparingUntilItIsBack)
{
    remove(carol);
    ASSERT_TRUE(house.acts.add_mailbox(house.request(), carol, {}, std::nullopt, OldMailbox::set_aside));
    take_left();
    Restoring wish;
    wish.as = "old.carol@example.test";
    auto const back = house.acts.restore_mailbox(house.request(), carol, wish);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(take_left(), Left{"old.carol@example.test preparing"});
}

TEST_F(StoreWorkTest, ADomainsDefaultIsForThoseThatHaveNoLimitOfTheirOwn)
{
    add("dave", quota(Limit::of(1024)));
    add("erin", quota(Limit::unlimited()));
    add("frank");
    add("gone");
    remove("gone@example.test");
    take_left();
    DomainChange change_to;
    change_to.default_quota = Limit::of(2048);
    ASSERT_TRUE(limit(change_to));
    EXPECT_EQ(take_left(), (Left{"carol@example.test ready", "frank@example.test ready"}));
    change_to.mailboxes = Limit::of(100);
    ASSERT_TRUE(limit(change_to));
    EXPECT_EQ(take_left(), Left{}) << "the default is the same";
}

TEST_F(StoreWorkTest, ADomainsDefaultIsBroughtToMoreThanAreReadAtATime)
{
    house.on_work = [] {};
    auto const put = house.record->act({"test", "local"}, [&](store::Writing& writing) -> Result<void> {
        for (int i = 0; i <= domain_page; ++i) {
            auto one = mail::a_mailbox("u" + std::to_string(i) + "@example.test");
            one.id = MailboxId::make();
            one.store.target = "cyrus";
            writing.put(one);
        }
        leave_limits(writing, *writing.domain("example.test"), now());
        return {};
    });
    ASSERT_TRUE(put) << put.error().message;
    std::size_t count = 0;
    house.record->read([&](store::Reading& reading) { count = reading.pending_work({}, 10 * domain_page).size(); });
    EXPECT_EQ(count, static_cast<std::size_t>(domain_page) + 2) << "and carol's";
}

TEST_F(StoreWorkTest, ARenamedDomainTakesItsStoresWithIt)
{
    add("gone");
    remove("gone@example.test");
    take_left();
    auto const done = house.acts.rename_domain(house.request(), "example.test", {"example.net", false});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(take_left(), Left{"carol@example.net preparing"});
}

TEST_F(StoreWorkTest, TheLimitsThatCountAreItsOwnOrItsDomains)
{
    DomainChange change_to;
    change_to.default_quota = Limit::of(2048);
    ASSERT_TRUE(limit(change_to));
    auto const counts = [&](std::string const& name, Limit own) {
        auto one = mail::a_mailbox(name);
        one.quota_bytes = own;
        Limit found;
        house.record->read([&](store::Reading& reading) { found = with_limits(reading, one).quota_bytes; });
        return found;
    };
    EXPECT_EQ(counts(carol, {}), Limit::of(2048));
    EXPECT_EQ(counts(carol, Limit::of(5)), Limit::of(5));
    EXPECT_EQ(counts(carol, Limit::unlimited()), Limit::unlimited());
    EXPECT_EQ(counts("carol@elsewhere.test", {}), Limit::unset());
    EXPECT_EQ(counts("backup", {}), Limit::unset());
}
