// SPDX-License-Identifier: Apache-2.0
#include "directory/access.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "directory/test_replica.h"

using namespace provost;
using namespace provost::directory;
using mail::Role;

namespace {

using Clock = std::chrono::steady_clock;
using Verdict = Access::Verdict;

struct AccessTest : testing::Test {
    AccessTest()
    {
        admin.role = Role::domain_admin;
        admin.domains.some = {{a, "a.test"}, {b, "b.test"}};
        token.role = Role::site_admin;
        token.domains.all = true;
        token.hash = token_hash(secret);
        write();
    }
    ~AccessTest() override { replica.release(); }
    void write()
    {
        replica.change([admin = admin, token = token](TestSnapshot& snapshot) {
            snapshot.admins.insert_or_assign(admin.id.text(), admin);
            snapshot.tokens.insert_or_assign(token.hash, token);
        });
    }
    Access::Outcome sign_in(std::string const& from = "192.0.2.7")
    {
        return access.sign_in(secret, from, Clock::now());
    }
    Authority authority() { return sign_in().caller.authority; }

    TestReplica replica;
    password::Admission admission{{}};
    Metrics metrics;
    Access access{replica, admission, {}, metrics};
    Secret const secret = new_token_secret();
    DomainId const a = DomainId::make();
    DomainId const b = DomainId::make();
    mail::Admin admin{.id = AdminId::make(), .name = "jane"};
    mail::Token token{.id = TokenId::make(), .admin = admin.id};
};

}  // namespace

TEST_F(AccessTest, ATokenIsItsAdminsAndMayWhatBothMay)
{
    auto const outcome = sign_in();
    ASSERT_EQ(outcome.verdict, Verdict::known);
    EXPECT_EQ(outcome.caller.actor.name, "admin:jane");
    EXPECT_EQ(outcome.caller.actor.from, "192.0.2.7 token " + token.id.text());
    EXPECT_EQ(outcome.caller.token, token.id.text());
    EXPECT_TRUE(outcome.caller.authority.sees_domain("b.test"));
    EXPECT_FALSE(outcome.caller.authority.runs_site());
    EXPECT_TRUE(outcome.caller.authority.may(Right::administer, true));

    token.role = Role::help_desk;
    token.domains = {.some = {{b, "b.test"}, {DomainId::make(), "c.test"}}};
    token.read_only = true;
    write();
    replica.release();
    auto const less = authority();
    EXPECT_TRUE(less.may(Right::help, false));
    EXPECT_FALSE(less.may(Right::administer, false));
    EXPECT_FALSE(less.sees_domain("a.test"));
    EXPECT_TRUE(less.sees_domain("b.test"));
    EXPECT_FALSE(less.sees_domain("c.test"));
    EXPECT_FALSE(less.may(Right::help, true));
}

TEST_F(AccessTest, ASiteAdminsTokenHoldsWhereItSays)
{
    admin.role = Role::site_admin;
    admin.domains = {};
    write();
    EXPECT_TRUE(authority().runs_site());
    for (auto const role : {Role::domain_admin, Role::site_admin}) {
        token.role = role;
        token.domains = {.some = {{a, "a.test"}}};
        write();
        auto const less = authority();
        EXPECT_FALSE(less.runs_site()) << word(role);
        EXPECT_TRUE(less.may(Right::administer, true)) << word(role);
        EXPECT_TRUE(less.sees_domain("a.test")) << word(role);
        EXPECT_FALSE(less.sees_domain("b.test")) << word(role);
    }
}

TEST_F(AccessTest, WhatIsOffOrPastOrFromElsewhereIsUnknown)
{
    struct {
        char const* what;
        std::function<void()> spoil;
    } const cases[] = {
        {"disabled", [&] { admin.enabled = false; }},
        {"admin expired", [&] { admin.expires = now(); }},
        {"token expired", [&] { token.expires = now(); }},
        {"network",
         [&] {
             token.networks = {"198.51.100.0/24", "2001:db8::/32"};
         }},
        {"mailbox is gone",
         [&] {
             admin.mailbox = mail::Named<MailboxId>{MailboxId::make(), ""};
         }},
        {"mailbox is another's",
         [&] {
             admin.mailbox = mail::Named<MailboxId>{MailboxId::make(), "bob@example.test"};
         }},
    };
    replica.add(mail::a_mailbox("bob@example.test"), "x");
    auto const admin_before = admin;
    auto const token_before = token;
    for (auto const& c : cases) {
        admin = admin_before;
        token = token_before;
        write();
        EXPECT_EQ(sign_in().verdict, Verdict::known) << c.what;
        c.spoil();
        write();
        EXPECT_EQ(sign_in().verdict, Verdict::unknown) << c.what;
    }
    token = token_before;
    admin = admin_before;
    token.networks = {"198.51.100.0/24", "192.0.2.0/24"};
    write();
    EXPECT_EQ(sign_in().verdict, Verdict::known);
    EXPECT_EQ(sign_in("").verdict, Verdict::unknown);
    EXPECT_EQ(sign_in("not an address").verdict, Verdict::unknown);
}

TEST_F(AccessTest, AnAdminGoesOffWithItsMailbox)
{
    auto mailbox = mail::a_mailbox("jane@example.test");
    admin.role = Role::owner;
    admin.domains = {};
    admin.mailbox = mail::Named<MailboxId>{mailbox.id, mailbox.name};
    write();
    replica.add(mailbox, "x");
    EXPECT_TRUE(authority().owns("jane@example.test"));
    for (auto const state : {mail::MailboxState::suspended, mail::MailboxState::receive_only}) {
        mailbox.state = state;
        replica.add(mailbox, "x");
        EXPECT_EQ(sign_in().verdict, Verdict::unknown) << word(state);
    }
    mailbox.state = mail::MailboxState::active;
    mailbox.expires = now();
    replica.add(mailbox, "x");
    EXPECT_EQ(sign_in().verdict, Verdict::unknown);
    mailbox.expires.reset();
    replica.add(mailbox, "x");
    EXPECT_EQ(sign_in().verdict, Verdict::known);
    replica.change([](TestSnapshot& snapshot) {
        auto domain = mail::a_domain("example.test");
        domain.enabled = false;
        snapshot.view.add(domain);
    });
    EXPECT_EQ(sign_in().verdict, Verdict::unknown);
}

TEST_F(AccessTest, WrongOnesAreToldLateAndAfterManyNotLookedAt)
{
    auto const arrival = Clock::now();
    int unknown = 0;
    Access::Outcome last;
    for (int i = 0; i < 30; ++i) {
        last = access.sign_in(new_token_secret(), "192.0.2.7", arrival);
        EXPECT_GE(last.due - arrival, std::chrono::seconds(2));
        if (last.verdict == Verdict::unknown) ++unknown;
    }
    EXPECT_EQ(unknown, 20);
    EXPECT_EQ(last.verdict, Verdict::too_many);
    EXPECT_EQ(sign_in().verdict, Verdict::known) << "who has a right one is let in";
    EXPECT_EQ(access.sign_in(new_token_secret(), "192.0.2.8", arrival).verdict, Verdict::unknown);
    // Where no network is known nobody is refused, and all are told ever later.
    for (int i = 0; i < 30; ++i) last = access.sign_in(new_token_secret(), "127.0.0.1", arrival);
    EXPECT_EQ(last.verdict, Verdict::unknown);
    EXPECT_GE(last.due - arrival, std::chrono::seconds(16));
}

TEST_F(AccessTest, WithoutACopyNobodyCanTell)
{
    replica.release();
    replica.broken = true;
    EXPECT_EQ(sign_in().verdict, Verdict::cannot_tell);
    replica.broken = false;
    Access strict(replica, admission, {.max_age = std::chrono::seconds(60)}, metrics);
    EXPECT_EQ(strict.sign_in(secret, "192.0.2.7", Clock::now()).verdict, Verdict::known);
    replica.age = std::chrono::seconds(61);
    EXPECT_EQ(strict.sign_in(secret, "192.0.2.7", Clock::now()).verdict, Verdict::cannot_tell);
    EXPECT_EQ(sign_in().verdict, Verdict::known);
}

TEST_F(AccessTest, TheLatestUseOfATokenIsTold)
{
    sign_in("192.0.2.1");
    sign_in("192.0.2.2");
    access.sign_in(new_token_secret(), "192.0.2.3", Clock::now());
    auto const uses = access.take_uses();
    ASSERT_EQ(uses.size(), 1U);
    EXPECT_EQ(uses[0].token, token.id.text());
    EXPECT_EQ(uses[0].from, "192.0.2.2");
    EXPECT_TRUE(access.take_uses().empty());
}

TEST(TokenSecret, NoTwoAreTheSame)
{
    auto const one = new_token_secret();
    auto const other = new_token_secret();
    EXPECT_NE(one.reveal(), other.reveal());
    EXPECT_NE(token_hash(one), token_hash(other));
    EXPECT_EQ(token_hash(one).size(), 32U);
    // FIPS 180-2, appendix B.1.
    EXPECT_EQ(to_hex(token_hash(Secret("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
