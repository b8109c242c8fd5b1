// SPDX-License-Identifier: Apache-2.0
#include "mail/validity.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "mail/answers.h"
#include "mail/test_view.h"

using namespace provost;
using namespace provost::mail;

namespace {

Time at(std::int64_t moment) { return from_millis(moment); }

// A directory whose every object may expire at one of a few moments.
TestView expiring_view()
{
    auto const expiry = [] {
        auto const moment = *rc::gen::inRange(0, 8);
        return moment == 0 ? std::nullopt : std::optional(at(moment * 10));
    };
    TestView view;
    auto domain = a_domain("g.test");
    domain.expires = expiry();
    domain.catch_all = addrs({"box1@h.test"});
    view.add(domain);
    auto other = a_domain("h.test");
    other.expires = expiry();
    view.add(other);
    auto mapped = a_domain("m.test", DomainKind::mapped);
    mapped.maps_to = DomainName::parse("g.test").value();
    mapped.expires = expiry();
    view.add(mapped);
    for (auto const* name : {"box1@g.test", "box2@g.test", "box1@h.test"}) {
        auto mailbox = a_mailbox(name);
        mailbox.expires = expiry();
        mailbox.forwards = addrs({"list@g.test"});
        view.add(mailbox, {"box2@g.test"});
    }
    for (auto const* name : {"list@g.test", "team@h.test"}) {
        auto alias = an_alias(name, {"box1@g.test", "box1@h.test", "eve@elsewhere.test"});
        alias.expires = expiry();
        alias.targets_may_send = true;
        view.add(alias);
    }
    return view;
}

constexpr std::array keys{"g.test",      "h.test",      "m.test",        "box1@g.test",   "box2@g.test",
                          "box1@h.test", "list@g.test", "team@h.test",   "box1+x@m.test", "nobody@g.test",
                          "bare",        "box1@m.test", "list+x@g.test", "nobody@m.test"};

using Told = std::pair<bool, std::string>;

Told told(View const& view, Map map, std::string_view key, std::int64_t moment)
{
    std::string text;
    bool const found = Answers(view, at(moment), '+').ask(map, key, text);
    return {found, found ? text : ""};
}

}  // namespace

TEST(Validity, AnAnswerHoldsAsLongAsItIsSaidTo)
{
    EXPECT_TRUE(rc::check([] {
        auto const view = expiring_view();
        auto const first = *rc::gen::inRange<std::int64_t>(0, 90);
        auto const map = *rc::gen::elementOf(all_maps);
        auto const* key = *rc::gen::elementOf(keys);
        WatchedView const watched(view, at(first));
        auto const answer = told(watched, map, key, first);
        for (std::int64_t moment = 0; moment < 90; ++moment)
            if (watched.validity().holds_at(moment)) RC_ASSERT(told(view, map, key, moment) == answer);
        RC_ASSERT(watched.validity().holds_at(first));
    }));
}

TEST(Validity, IsForeverWhereNothingExpires)
{
    TestView view;
    view.add(a_domain("g.test"));
    view.add(a_mailbox("alice@g.test"));
    WatchedView const watched(view, at(5));
    told(watched, Map::aliases, "alice@g.test", 5);
    told(watched, Map::mailboxes, "nobody@g.test", 5);
    EXPECT_TRUE(watched.validity().is_always());
}

TEST(Validity, IsBetweenTheNearestExpiries)
{
    TestView view;
    auto domain = a_domain("g.test");
    domain.expires = at(40);
    view.add(domain);
    auto mailbox = a_mailbox("alice@g.test");
    mailbox.expires = at(20);
    view.add(mailbox);
    WatchedView const watched(view, at(30));
    told(watched, Map::access, "alice@g.test", 30);
    EXPECT_EQ(watched.validity(), (Validity{20, 40}));
    EXPECT_FALSE(watched.validity().is_always());
}
