// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.h"
#include "directory/access.h"
#include "directory/test_house.h"

using namespace provost;
using namespace provost::directory;
using mail::Role;

namespace {

struct ActsAdmins : testing::Test {
    ActsAdmins()
    {
        for (auto const* domain : {"a.test", "b.test"})
            EXPECT_TRUE(house.acts.add_domain(TestHouse::request(), domain, {}));
        EXPECT_TRUE(house.acts.add_mailbox(TestHouse::request(), "jane@a.test", {}, std::nullopt));
        EXPECT_TRUE(add("jane", Role::domain_admin, {.names = {"a.test"}}, "jane@a.test"));
        EXPECT_TRUE(add("ted", Role::help_desk, {.all = true}));
    }
    Result<Done> add(std::string_view name, Role role, DomainList domains, std::string mailbox = {})
    {
        AdminChange change;
        change.role = role;
        change.domains = std::move(domains);
        change.mailbox = std::move(mailbox);
        return house.acts.add_admin(TestHouse::request(), name, change);
    }
    Result<MadeToken> token(std::string admin, std::optional<Role> role = {}, std::optional<DomainList> domains = {})
    {
        NewToken wanted;
        wanted.admin = std::move(admin);
        wanted.label = "test";
        wanted.role = role;
        wanted.domains = std::move(domains);
        return house.acts.add_token(TestHouse::request(), wanted);
    }
    // A request that comes with a token, as the API would make it.
    Request with(MadeToken const& made, Authority authority)
    {
        Request request;
        request.by = {{"admin", "here"}, std::move(authority), made.done.subject};
        return request;
    }
    template <class Outcome>
    static void expect(Outcome const& outcome, Fault fault, std::string const& words)
    {
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().fault, fault);
        EXPECT_EQ(outcome.error().message, words);
    }

    TestHouse house;
};

}  // namespace

TEST_F(ActsAdmins, ARoleHasTheDomainsAndTheMailboxItNeeds)
{
    expect(add("x", Role::site_admin, {.names = {"a.test"}}), Fault::invalid,
           "domains: are for help-desk and domain-admin, not for site-admin");
    expect(add("x", Role::domain_admin, {.all = true}), Fault::invalid,
           "domains: 'all' is what a site-admin has; list them");
    expect(add("x", Role::domain_admin, {}), Fault::invalid, "domains: a domain-admin needs at least one");
    expect(add("x", Role::help_desk, {}), Fault::invalid, "domains: a help-desk needs at least one, or all");
    expect(add("x", Role::owner, {}), Fault::invalid, "mailbox: an owner needs the mailbox it owns");
    expect(add("x", Role::help_desk, {.names = {"c.test"}}), Fault::conflict, "domains: 'c.test' is not a domain here");
    expect(add("x", Role::help_desk, {.names = {"a.test", "A.test"}}), Fault::conflict,
           "domains: 'a.test' is named twice");
    expect(add("x", Role::owner, {}, "no@a.test"), Fault::conflict, "mailbox: 'no@a.test' is not a mailbox here");
    expect(add("Jane", Role::site_admin, {}), Fault::conflict, "name: 'jane' is an admin already");
    auto const part = std::string(60, 'd');
    expect(add(std::string(60, 'x') + "@" + part + "." + part + "." + part, Role::site_admin, {}), Fault::invalid,
           "name: '" + std::string(60, 'x') + "@" + part + "." + part + "." + std::string(17, 'd') +
               "...' has more than 200 octets");
}

TEST_F(ActsAdmins, AnotherRoleDropsTheDomainsOfTheLast)
{
    AdminChange change;
    change.role = Role::site_admin;
    EXPECT_TRUE(house.acts.set_admin(TestHouse::request(), "jane", change));
    EXPECT_EQ(house.acts.admin(TestHouse::root(), "jane")->domains, mail::Domains());
    change.role = Role::help_desk;
    expect(house.acts.set_admin(TestHouse::request(), "jane", change), Fault::invalid,
           "domains: a help-desk needs at least one, or all");
}

TEST_F(ActsAdmins, ATokenIsNeverMoreThanItsAdmin)
{
    expect(token("jane", Role::site_admin), Fault::conflict,
           "role: 'site-admin' is more than jane is, who is domain-admin");
    expect(token("jane", {}, DomainList{.names = {"b.test"}}), Fault::conflict,
           "domains: 'b.test' is not a domain of jane");
    expect(token("ted", Role::owner), Fault::conflict, "role: 'owner' needs a mailbox, and ted has none");
    EXPECT_TRUE(token("ted", {}, DomainList{.names = {"b.test"}}));
    EXPECT_TRUE(token("jane", Role::owner));
    auto const made = token("jane");
    ASSERT_TRUE(made);
    auto const tokens = house.acts.tokens(TestHouse::root(), "jane");
    ASSERT_EQ(tokens->size(), 2U);
    EXPECT_EQ(tokens->back().token.role, Role::domain_admin);
    EXPECT_TRUE(tokens->back().token.domains.all);
    EXPECT_EQ(tokens->back().token.hash, token_hash(made->secret));
    EXPECT_EQ(tokens->back().admin, "jane");
}

TEST_F(ActsAdmins, ATokenForSomeDomainsIsNoSiteAdmins)
{
    EXPECT_TRUE(add("root2", Role::site_admin, {}));
    auto const words =
        "role: 'site-admin' is over everything, whatever domains are said: for some domains say "
        "domain-admin or help-desk";
    expect(token("root2", {}, DomainList{.names = {"a.test"}}), Fault::conflict, words);
    expect(token("root2", Role::site_admin, DomainList{.names = {"a.test"}}), Fault::conflict, words);
    EXPECT_TRUE(token("root2", Role::domain_admin, DomainList{.names = {"a.test"}}));
    EXPECT_TRUE(token("root2", {}, DomainList{.all = true}));
}

TEST_F(ActsAdmins, WhatATokenSaysIsLookedAt)
{
    auto const refusal = [&](auto spoil) {
        NewToken wanted;
        wanted.admin = "jane";
        wanted.label = "test";
        spoil(wanted);
        auto const outcome = house.acts.add_token(TestHouse::request(), wanted);
        return outcome ? std::string() : outcome.error().message;
    };
    EXPECT_EQ(refusal([](NewToken&) {}), "");
    EXPECT_EQ(refusal([](NewToken& t) { t.label = " "; }),
              "label: say what it is for, so that it can be told from others");
    EXPECT_EQ(refusal([](NewToken& t) { t.label = "a\nb"; }), "label: 'a\\x0ab' has control characters");
    EXPECT_EQ(refusal([](NewToken& t) { t.networks = {"192.0.2.0/33"}; }),
              "networks: '192.0.2.0/33' is not a network such as 192.0.2.0/24 or 2001:db8::/32");
    EXPECT_EQ(refusal([](NewToken& t) { t.expires = from_millis(0); }),
              "expires: '1970-01-01T00:00:00Z' has passed already");
}

TEST_F(ActsAdmins, WhatHappensToThemIsAuditedWithoutSecrets)
{
    auto const made = token("jane");
    EXPECT_TRUE(house.acts.revoke_token(TestHouse::request(), made->done.subject));
    AdminChange off;
    off.enabled = false;
    EXPECT_TRUE(house.acts.set_admin(TestHouse::request(), "jane", off));
    EXPECT_TRUE(house.acts.delete_admin(TestHouse::request(), "jane"));
    auto const entries = house.acts.audit(TestHouse::root(), "jane", 1000, 10);
    ASSERT_EQ(entries->size(), 5U);
    std::vector<std::string> acts;
    for (auto const& entry : *entries) {
        acts.push_back(entry.act);
        EXPECT_EQ(entry.after.find(to_hex(token_hash(made->secret))), std::string::npos);
    }
    EXPECT_EQ(acts, (std::vector<std::string>{"admin.delete", "admin.set", "token.revoke", "token.add", "admin.add"}));
    EXPECT_EQ(entries->at(1).before, R"({"enabled":"yes"})");
}

TEST_F(ActsAdmins, AnActIsJudgedByWhatItsTokenMayWhenItIsCommitted)
{
    auto const made = token("jane");
    auto const request = with(*made, Authority::site_admin());  // as if it had been more when it came
    expect(house.acts.add_domain(request, "c.test", {}), Fault::denied, "this is more than you may do");
    EXPECT_TRUE(house.acts.add_mailbox(request, "x@a.test", {}, std::nullopt));
    EXPECT_EQ(house.acts.mailboxes(request.by, "*", "", 10)->size(), 2U);
    AdminChange off;
    off.enabled = false;
    EXPECT_TRUE(house.acts.set_admin(TestHouse::request(), "jane", off));
    expect(house.acts.add_mailbox(request, "y@a.test", {}, std::nullopt), Fault::denied,
           "the token has ended meanwhile");
    expect(house.acts.mailboxes(request.by, "*", "", 10), Fault::denied, "the token has ended meanwhile");
    off.enabled = true;
    EXPECT_TRUE(house.acts.set_admin(TestHouse::request(), "jane", off));
    EXPECT_TRUE(house.acts.add_mailbox(request, "y@a.test", {}, std::nullopt));
    EXPECT_TRUE(house.acts.disable_mailbox(TestHouse::request(), "jane@a.test", mail::Suspension::refuse));
    expect(house.acts.add_mailbox(request, "z@a.test", {}, std::nullopt), Fault::denied,
           "the token has ended meanwhile");
    EXPECT_TRUE(house.acts.revoke_token(TestHouse::request(), made->done.subject));
    expect(house.acts.kick_mailbox(request, "x@a.test"), Fault::denied, "the token has ended meanwhile");
}

TEST_F(ActsAdmins, NobodyTakesTheMailboxOfAnAdminWhoMayMore)
{
    Request helper;
    helper.by = {{"ted", "here"}, Authority(Role::help_desk, {.everywhere = true}, false)};
    auto const above = "name: 'jane@a.test' belongs to an admin who may more than you";
    expect(house.acts.set_password(helper, "jane@a.test", {Secret("open sesame"), {}}), Fault::denied, above);
    Request peer;
    peer.by = {{"pam", "here"}, Authority(Role::domain_admin, {.domains = {"a.test"}}, false)};
    EXPECT_TRUE(house.acts.set_password(peer, "jane@a.test", {Secret("open sesame"), {}}));
    AdminChange more;
    more.domains = DomainList{.names = {"a.test", "b.test"}};
    EXPECT_TRUE(house.acts.set_admin(TestHouse::request(), "jane", more));
    expect(house.acts.disable_mailbox(peer, "jane@a.test", mail::Suspension::refuse), Fault::denied, above);
    expect(house.acts.delete_mailbox(peer, "jane@a.test"), Fault::denied, above);
    expect(house.acts.set_mailbox(peer, "jane@a.test", {}), Fault::denied, above);
    Request herself;
    herself.by = {{"jane", "here"}, Authority(Role::owner, {.mailbox = "jane@a.test"}, false)};
    EXPECT_TRUE(house.acts.set_password(herself, "jane@a.test", {Secret("open sesame"), {}}));
    EXPECT_TRUE(house.acts.set_password(TestHouse::request(), "jane@a.test", {Secret("open sesame"), {}}));
}
