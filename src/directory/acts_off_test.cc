// SPDX-License-Identifier: Apache-2.0
// That no rule which something else broke stands in the way of switching off, or of what makes it better.
#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::addrs;

namespace {

struct OffTest : ActsTest {
    Request admin()
    {
        auto request = TestHouse::request();
        request.by = {{"admin", "local"}, Authority(mail::Role::domain_admin, {.domains = {"example.test"}}, false)};
        return request;
    }
    Result<Done> disable(std::string_view name)
    {
        return house.acts.disable_mailbox(admin(), name, mail::Suspension::refuse);
    }
    Result<Done> quota(std::string_view name, Limit limit)
    {
        MailboxChange change;
        change.quota_bytes = limit;
        return house.acts.set_mailbox(house.request(), name, change);
    }
    Result<Done> enabled(std::string_view address, bool value)
    {
        AliasChange change;
        change.enabled = value;
        return house.acts.set_alias(admin(), address, change);
    }
    template <class Outcome>
    static void expect_done(Outcome const& outcome)
    {
        EXPECT_TRUE(outcome) << outcome.error().message;
    }
};

}  // namespace

TEST_F(OffTest, AMailboxGoesOffAndOnUnderAQuotaThatCameLater)
{
    ASSERT_TRUE(quota("alice@example.test", Limit::of(2000)));
    DomainChange change;
    change.quota_per_mailbox = Limit::of(1000);
    ASSERT_TRUE(limit(change));
    for (auto const* name : {"alice@example.test", "bob@example.test"}) {
        expect_done(disable(name));
        expect_done(house.acts.enable_mailbox(admin(), name));
    }
    MailboxChange expires;
    expires.expires = now();
    expect_done(house.acts.set_mailbox(admin(), "bob@example.test", expires));
    EXPECT_FALSE(quota("alice@example.test", Limit::of(1500))) << "what is said anew is judged";
    expect_done(quota("alice@example.test", Limit::of(1000)));
    EXPECT_FALSE(house.acts.add_mailbox(house.request(), "new@example.test", {}, std::nullopt));
}

TEST_F(OffTest, AMailboxWithoutAQuotaGoesOffWhereThereIsATotal)
{
    DomainChange change;
    change.total_quota = Limit::of(1000);
    ASSERT_TRUE(limit(change));
    expect_done(disable("bob@example.test"));
    MailboxChange name;
    name.display_name = "Bob";
    expect_done(house.acts.set_mailbox(admin(), "bob@example.test", name));
}

TEST_F(OffTest, WhatIsTooMuchInAllCanBecomeLess)
{
    ASSERT_TRUE(quota("alice@example.test", Limit::of(1000)));
    ASSERT_TRUE(quota("bob@example.test", Limit::of(1000)));
    DomainChange change;
    change.total_quota = Limit::of(1500);
    stand();
    expect_refused(limit(change), "quota", "in all is more than");
    auto const forced = house.record->act({}, [](store::Writing& writing) -> Result<void> {
        auto domain = *writing.domain("example.test");
        domain.limits.total_quota = Limit::of(500);
        writing.put(domain);
        return {};
    });
    ASSERT_TRUE(forced);
    expect_done(quota("bob@example.test", Limit::of(900)));
    EXPECT_FALSE(quota("bob@example.test", Limit::of(901)));
    expect_done(disable("alice@example.test"));
    DomainChange other;
    other.description = "too much";
    other.enabled = false;
    expect_done(limit(other));
}

TEST_F(OffTest, AnAliasGoesOffWhateverTheLimitsAreByNow)
{
    ASSERT_TRUE(alias("a@example.test", addrs({"bob@example.test"})));
    ASSERT_TRUE(alias("b@example.test", addrs({"bob@example.test", "joe@elsewhere.test"})));
    DomainChange change;
    change.aliases_per_mailbox = Limit::of(1);
    ASSERT_TRUE(limit(change));
    expect_done(enabled("a@example.test", false));
    expect_done(enabled("a@example.test", true));
    stand();
    expect_refused(alias("c@example.test", addrs({"bob@example.test"})), "targets", "may be named by 1 aliases");
    AliasChange more;
    more.targets = addrs({"bob@example.test", "alice@example.test"});
    expect_done(house.acts.set_alias(admin(), "a@example.test", more));
}

TEST_F(OffTest, WhatRunsInACircleCanBeSwitchedOff)
{
    ASSERT_TRUE(alias("a@example.test", addrs({"bob@example.test"})));
    ASSERT_TRUE(alias("b@example.test", addrs({"a@example.test"})));
    auto const forced = house.record->act({}, [](store::Writing& writing) -> Result<void> {
        auto first = *writing.alias("a@example.test");
        first.targets = addrs({"b@example.test"});
        writing.put(first);
        auto bob = writing.mailbox("bob@example.test")->mailbox;
        bob.forwards = addrs({"a@example.test"});
        writing.put(bob);
        return {};
    });
    ASSERT_TRUE(forced);
    expect_done(enabled("a@example.test", false));
    expect_done(disable("bob@example.test"));
    MailboxChange none;
    none.forwards = addrs({});
    expect_done(house.acts.set_mailbox(admin(), "bob@example.test", none));
}

TEST_F(OffTest, WhoIsOnAgainIsToldThatItExpiredInTheSameAct)
{
    MailboxChange past;
    past.expires = now();
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", past));
    auto const done = house.acts.enable_mailbox(house.request(), "bob@example.test");
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_FALSE(done->notes.empty());
    EXPECT_NE(done->notes.front().find("stays off until that is changed"), std::string::npos);
}

TEST_F(OffTest, NobodyBeginsAsDeleted)
{
    MailboxChange change;
    change.state = mail::MailboxState::deleted;
    stand();
    expect_refused(house.acts.add_mailbox(house.request(), "new@example.test", change, std::nullopt), "state",
                   "delete the mailbox instead");
    expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", change), "state",
                   "delete the mailbox instead");
    ASSERT_TRUE(house.acts.delete_mailbox(house.request(), "bob@example.test"));
    stand();
    expect_refused(house.acts.add_mailbox(house.request(), "bob@example.test", change, std::nullopt, OldMailbox::adopt),
                   "state", "delete the mailbox instead");
}

namespace {

struct AnyProbe : Logins::Probe {
    Secret secret{"probe"};
    Secret const& password() const override { return secret; }
};

}  // namespace

TEST_F(OffTest, WhatWasDoneIsSaidAlsoWhereNoProofOfItCanBeMade)
{
    int knocks = 0;
    ProofOfOff::Settings settings;
    settings.doors = {{.name = "imap"}};
    settings.knock = [&](auto&&...) -> targets::KnockResult {
        if (++knocks > 1) throw std::runtime_error("no more threads");
        return {.knock = targets::Knock::let_in, .said = {}};
    };
    ProofOfOff proof({[](std::string_view) { return std::make_unique<AnyProbe>(); }, [](auto&&...) { return 0; }},
                     nullptr, settings);
    auto acts = house.proving(proof);
    auto const done = acts.disable_mailbox(admin(), "bob@example.test", mail::Suspension::refuse);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(done->proof);
    EXPECT_FALSE(done->proof->complete);
    EXPECT_EQ(done->proof->sessions_trouble, "no proof could be made: no more threads");
    EXPECT_EQ(house.acts.pending_work(house.root(), {}, 10)->size(), 1U);
}
