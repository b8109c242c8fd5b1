// SPDX-License-Identifier: Apache-2.0
#include "mail/resolver.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "mail/test_view.h"

using namespace provost;
using namespace provost::mail;

namespace {

Time const noon = from_millis(1'800'000'000'000);

struct ResolverTest : testing::Test {
    ResolverTest()
    {
        view.add(a_domain("example.test"));
        auto mapped = a_domain("mapped.test", DomainKind::mapped);
        mapped.maps_to = DomainName::parse("example.test").value();
        view.add(mapped);
        auto caught = a_domain("caught.test", DomainKind::alias);
        caught.catch_all = addrs({"alice@example.test"});
        view.add(caught);
        view.add(a_domain("backup.test", DomainKind::relay));
        view.add(a_mailbox("alice@example.test"));
        view.add(a_mailbox("bob@example.test"));
        view.add(an_alias("team@example.test", {"alice@example.test", "bob@example.test", "eve@elsewhere.test"}));
        view.add(an_alias("alice+special@example.test", {"bob@example.test"}));
        view.add(an_alias("known@caught.test", {"bob@example.test"}));
    }

    Resolver resolver() const { return {view, noon, '+'}; }
    Sort sort_of(std::string_view address) const { return resolver().find(addr(address)).sort; }
    std::vector<std::string> next(std::string_view address) const
    {
        return resolver().next(resolver().find(addr(address))).addresses;
    }

    TestView view;
};

using Addresses = std::vector<std::string>;

}  // namespace

TEST_F(ResolverTest, AnAddressIsWhatStandsFirstInTheOrder)
{
    struct {
        char const* address;
        Sort sort;
    } const cases[] = {
        {"alice@example.test", Sort::mailbox},       {"alice+work@example.test", Sort::mailbox},
        {"alice+special@example.test", Sort::alias}, {"team@example.test", Sort::alias},
        {"team+x@example.test", Sort::alias},        {"nobody@example.test", Sort::nothing},
        {"alice@mapped.test", Sort::mapped},         {"nobody@mapped.test", Sort::nothing},
        {"known@caught.test", Sort::alias},          {"anybody@caught.test", Sort::catch_all},
        {"anybody@backup.test", Sort::relay},        {"alice@elsewhere.test", Sort::foreign},
    };
    for (auto const& c : cases) EXPECT_EQ(sort_of(c.address), c.sort) << c.address;
}

TEST_F(ResolverTest, TheExtensionGoesOnToOurOwnAddressesOnly)
{
    EXPECT_EQ(next("team+x@example.test"),
              (Addresses{"alice+x@example.test", "bob+x@example.test", "eve@elsewhere.test"}));
    EXPECT_EQ(next("alice+x@mapped.test"), (Addresses{"alice+x@example.test"}));
}

TEST_F(ResolverTest, TargetsThatAreOffAreLeftOutAndHeldOnesStay)
{
    view.add(a_mailbox("off@example.test", MailboxState::suspended));
    auto held = a_mailbox("held@example.test", MailboxState::suspended);
    held.suspension = Suspension::hold;
    view.add(held);
    view.add(an_alias("mixed@example.test",
                      {"off@example.test", "alice@example.test", "held@example.test", "nobody@example.test"}));
    EXPECT_EQ(next("mixed@example.test"), (Addresses{"alice@example.test", "held@example.test"}));
}

TEST_F(ResolverTest, AnAliasAloneWithWhatIsOffAnswersAsThatDoes)
{
    view.add(a_mailbox("off@example.test", MailboxState::suspended));
    view.add(an_alias("alone@example.test", {"off@example.test"}));
    EXPECT_EQ(next("alone@example.test"), (Addresses{"off@example.test"}));
    EXPECT_EQ(resolver().standing("alone@example.test"), Standing::refused);
}

TEST_F(ResolverTest, AForwardOnlyTargetIsReplacedByItsForwards)
{
    auto carol = a_mailbox("carol@example.test", MailboxState::forward_only);
    carol.forwards = addrs({"carol@elsewhere.test"});
    view.add(carol);
    view.add(an_alias("to-carol@example.test", {"carol@example.test"}));
    EXPECT_EQ(next("to-carol@example.test"), (Addresses{"carol@elsewhere.test"}));
}

TEST_F(ResolverTest, ForwardsThatAreAllOffDoNotLoseMail)
{
    auto dave = a_mailbox("dave@example.test");
    dave.forwards = addrs({"gone@example.test"});
    dave.keep_copy = false;
    view.add(dave);
    EXPECT_TRUE(resolver().next(resolver().find(addr("dave@example.test"))).keeps_itself);
}

TEST_F(ResolverTest, ALoopIsFoundAndNamed)
{
    view.add(an_alias("a@example.test", {"b@example.test"}));
    view.add(an_alias("b@example.test", {"a@example.test", "alice@example.test"}));
    auto const expansion = resolver().expand(addr("a@example.test"));
    ASSERT_TRUE(expansion.loop);
    EXPECT_EQ(*expansion.loop, "a@example.test");
    EXPECT_EQ(expansion.recipients, (Addresses{"alice@example.test"}));
}

TEST_F(ResolverTest, ALoopOfWhatIsOffIsFoundWhenAllIsJudged)
{
    view.add(an_alias("a@example.test", {"b@example.test"}));
    view.add(an_alias("b@example.test", {"a@example.test"}));
    EXPECT_FALSE(resolver().expand(addr("a@example.test")).loop) << "nobody is there, so mail goes nowhere";
    EXPECT_EQ(resolver().expand_all(addr("a@example.test")).loop, "a@example.test");
}

TEST_F(ResolverTest, KeepingACopyIsNoLoop)
{
    auto erin = a_mailbox("erin@example.test");
    erin.forwards = addrs({"erin@elsewhere.test"});
    view.add(erin);
    auto const expansion = resolver().expand(addr("erin@example.test"));
    EXPECT_FALSE(expansion.loop);
    EXPECT_EQ(expansion.recipients, (Addresses{"erin@example.test", "erin@elsewhere.test"}));
}

TEST_F(ResolverTest, AnExpansionIsBounded)
{
    Alias all{.id = AliasId::make(), .address = addr("all@example.test")};
    for (std::size_t i = 0; i < most_expanded + 10; ++i)
        all.targets.push_back(addr("u" + std::to_string(i) + "@elsewhere.test"));
    view.add(all);
    EXPECT_TRUE(resolver().expand(addr("all@example.test")).too_large);
}

TEST_F(ResolverTest, AListMayExpandToExactlyAsManyAsPostfixAllows)
{
    Alias all{.id = AliasId::make(), .address = addr("all@example.test")};
    for (std::size_t i = 0; i < most_expanded; ++i)
        all.targets.push_back(addr("u" + std::to_string(i) + "@elsewhere.test"));
    view.add(all);
    EXPECT_FALSE(resolver().expand_all(addr("all@example.test")).too_large);
    all.targets.push_back(addr("one-more@elsewhere.test"));
    view.add(all);
    EXPECT_TRUE(resolver().expand_all(addr("all@example.test")).too_large);
}

TEST_F(ResolverTest, AListCountsAsOftenAsItIsNamed)
{
    Alias staff{.id = AliasId::make(), .address = addr("staff@example.test")};
    for (int i = 0; i < 100; ++i) staff.targets.push_back(addr("u" + std::to_string(i) + "@elsewhere.test"));
    view.add(staff);
    Alias all{.id = AliasId::make(), .address = addr("all@example.test")};
    for (int i = 0; i < 11; ++i) {
        auto const team = "team" + std::to_string(i) + "@example.test";
        view.add(an_alias(team, {"staff@example.test"}));
        all.targets.push_back(addr(team));
        view.add(all);
        EXPECT_EQ(resolver().expand_all(addr("all@example.test")).too_large, i >= 10) << i;
    }
    EXPECT_EQ(resolver().expand(addr("staff@example.test")).recipients.size(), 100U);
}

TEST_F(ResolverTest, NobodyElseGetsTheMailOfSomebodyDeletedWhoMayComeBack)
{
    auto caught = a_domain("caught.test");
    caught.catch_all = addrs({"alice@example.test"});
    view.add(caught);
    view.add(a_mailbox("erin@caught.test", MailboxState::deleted));
    EXPECT_EQ(resolver().find(addr("erin@caught.test")).sort, Sort::nothing);
    EXPECT_EQ(resolver().find(addr("erin+x@caught.test")).sort, Sort::nothing);
    EXPECT_EQ(resolver().standing("erin@caught.test"), Standing::gone);
    EXPECT_EQ(resolver().find(addr("erika@caught.test")).sort, Sort::catch_all);
    EXPECT_EQ(resolver().expand_all(addr("erin@caught.test")).recipients, (Addresses{"alice@example.test"}))
        << "what is written must hold when she is given up";
    view.add(a_mailbox("erin@caught.test"));
    EXPECT_EQ(resolver().find(addr("erin@caught.test")).sort, Sort::mailbox);
}

TEST_F(ResolverTest, WhereMailEndsIsJudgedOverAllThatGetIt)
{
    auto erin = a_mailbox("erin@example.test");
    erin.forwards = addrs({"bob@example.test"});
    auto frank = erin;
    frank.name = "frank@example.test";
    frank.keep_copy = false;
    auto gina = a_mailbox("gina@example.test", MailboxState::forward_only);
    gina.forwards = addrs({"alice@example.test"});
    auto held = a_mailbox("held@example.test", MailboxState::suspended);
    held.suspension = Suspension::hold;
    for (auto const& mailbox : {erin, frank, gina, held}) view.add(mailbox);
    view.add(a_mailbox("off@example.test", MailboxState::suspended));
    view.add(an_alias("two@example.test", {"alice@example.test", "bob@example.test", "off@example.test"}));
    view.add(an_alias("waits@example.test", {"alice@example.test", "held@example.test"}));
    view.add(an_alias("loop@example.test", {"loop@example.test"}));
    struct {
        char const* address;
        std::vector<std::string_view> chosen;
        bool ends_there;
    } const cases[] = {
        {"alice+x@example.test", {"alice@example.test"}, true},
        {"alice@example.test", {"bob@example.test"}, false},
        {"alice@mapped.test", {"alice@example.test"}, true},
        {"anybody@caught.test", {"alice@example.test"}, true},
        {"two@example.test", {"alice@example.test"}, false},
        {"two@example.test", {"alice@example.test", "bob@example.test"}, true},
        {"team@example.test", {"alice@example.test", "bob@example.test"}, false},  // eve is elsewhere
        {"erin@example.test", {"erin@example.test"}, false},
        {"erin@example.test", {"erin@example.test", "bob@example.test"}, true},
        {"frank@example.test", {"bob@example.test"}, true},
        {"gina@example.test", {"alice@example.test"}, true},
        {"waits@example.test", {"alice@example.test", "held@example.test"}, false},
        {"held@example.test", {"held@example.test"}, false},
        {"off@example.test", {"off@example.test"}, false},
        {"nobody@example.test", {}, false},
        {"loop@example.test", {}, false},
        {"anybody@backup.test", {}, false},
        {"eve@elsewhere.test", {}, false},
    };
    for (auto const& c : cases) {
        auto const is_chosen = [&](MailboxFacts const& mailbox) {
            return std::ranges::find(c.chosen, mailbox.name) != c.chosen.end();
        };
        EXPECT_EQ(resolver().ends_only_where(addr(c.address), is_chosen), c.ends_there) << c.address;
    }
    Alias all{.id = AliasId::make(), .address = addr("all@example.test")};
    for (std::size_t i = 0; i <= most_expanded; ++i)
        all.targets.push_back(addr("a" + std::to_string(i) + "@caught.test"));
    view.add(all);
    EXPECT_FALSE(resolver().ends_only_where(addr("all@example.test"), [](auto const&) { return true; }));
}

namespace {

// Any graph of aliases over a few names, loops and dead ends included.
struct Graph {
    std::vector<std::pair<int, std::vector<int>>> aliases;
    std::vector<int> states;
};

Graph any_graph()
{
    Graph graph;
    auto const targets = rc::gen::resize(5, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12)));
    graph.aliases = *rc::gen::resize(12, rc::gen::container<std::vector<std::pair<int, std::vector<int>>>>(
                                             rc::gen::pair(rc::gen::inRange(0, 8), targets)));
    graph.states = *rc::gen::container<std::vector<int>>(4, rc::gen::inRange(0, 5));
    return graph;
}

// Names 0-7 may be aliases, 8-11 are mailboxes in some state.
TestView view_of(Graph const& graph)
{
    TestView view;
    view.add(a_domain("g.test"));
    for (int i = 0; i < 4; ++i) {
        auto mailbox = a_mailbox("n" + std::to_string(8 + i) + "@g.test",
                                 static_cast<MailboxState>(graph.states[static_cast<std::size_t>(i)]));
        mailbox.forwards = addrs({"n0@g.test"});
        view.add(mailbox);
    }
    for (auto const& [from, to] : graph.aliases) {
        Alias alias{.id = AliasId::make(), .address = addr("n" + std::to_string(from) + "@g.test")};
        for (int target : to) alias.targets.push_back(addr("n" + std::to_string(target) + "@g.test"));
        view.add(alias);
    }
    return view;
}

}  // namespace

TEST(ResolverProperty, AlwaysEndsAndNamesEachRecipientOnce)
{
    EXPECT_TRUE(rc::check([] {
        auto const view = view_of(any_graph());
        Resolver const resolver(view, noon, '+');
        for (int i = 0; i < 12; ++i) {
            auto const expansion = resolver.expand(addr("n" + std::to_string(i) + "@g.test"));
            auto recipients = expansion.recipients;
            std::sort(recipients.begin(), recipients.end());
            RC_ASSERT(std::adjacent_find(recipients.begin(), recipients.end()) == recipients.end());
            RC_ASSERT(recipients.size() <= 12U);
        }
    }));
}

TEST(ResolverProperty, TheOrderOfTargetsChangesNeitherStandingNorRecipients)
{
    EXPECT_TRUE(rc::check([] {
        auto graph = any_graph();
        // Of two aliases with one name the later stands, so each name is kept once before rows are turned around.
        std::map<int, std::vector<int>> const once(graph.aliases.begin(), graph.aliases.end());
        graph.aliases.assign(once.begin(), once.end());
        auto turned = graph;
        std::reverse(turned.aliases.begin(), turned.aliases.end());
        for (auto& alias : turned.aliases) std::reverse(alias.second.begin(), alias.second.end());
        auto const one = view_of(graph);
        auto const other = view_of(turned);
        for (int i = 0; i < 12; ++i) {
            auto const name = "n" + std::to_string(i) + "@g.test";
            RC_ASSERT(Resolver(one, noon, '+').standing(name) == Resolver(other, noon, '+').standing(name));
            auto a = Resolver(one, noon, '+').expand(addr(name)).recipients;
            auto b = Resolver(other, noon, '+').expand(addr(name)).recipients;
            std::sort(a.begin(), a.end());
            std::sort(b.begin(), b.end());
            RC_ASSERT(a == b);
        }
    }));
}

TEST(ResolverProperty, WhatIsDeliverableReachesSomebody)
{
    EXPECT_TRUE(rc::check([] {
        auto const view = view_of(any_graph());
        Resolver const resolver(view, noon, '+');
        for (int i = 0; i < 12; ++i) {
            auto const name = "n" + std::to_string(i) + "@g.test";
            if (resolver.standing(name) == Standing::deliverable)
                RC_ASSERT(!resolver.expand(addr(name)).recipients.empty());
        }
    }));
}

TEST(ResolverProperty, MailEndsOnlyWhereItsRecipientsAre)
{
    EXPECT_TRUE(rc::check([] {
        auto const view = view_of(any_graph());
        Resolver const resolver(view, noon, '+');
        auto const last = *rc::gen::elementOf(std::string("7890"));  // of the chosen
        auto const is_chosen = [&](std::string_view name) { return name[name.find('@') - 1] != last; };
        for (int i = 0; i < 12; ++i) {
            auto const address = addr("n" + std::to_string(i) + "@g.test");
            auto const recipients = resolver.expand(address).recipients;
            bool const in_mailboxes = resolver.ends_only_where(address, [](auto const&) { return true; });
            bool const in_chosen = resolver.ends_only_where(address, [&](auto const& m) { return is_chosen(m.name); });
            if (in_mailboxes) RC_ASSERT(!recipients.empty());
            RC_ASSERT(in_chosen == (in_mailboxes && std::ranges::all_of(recipients, is_chosen)));
        }
    }));
}
