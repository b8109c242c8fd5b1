// SPDX-License-Identifier: Apache-2.0
#include "reconcile/second_look.h"

#include <gtest/gtest.h>

#include "reconcile/test_record.h"

using namespace provost;
using namespace provost::reconcile;
using namespace std::chrono_literals;

namespace {

struct SecondLookTest : testing::Test {
    void refuse(std::string const& name, mail::Fullness known) { refused.push_back({"id of " + name, name, known}); }
    void is(std::string const& name, mail::Fullness used)
    {
        target.state.with([&](auto& state) { state.used[name] = used; });
    }
    int looks()
    {
        return target.state.with([](auto& state) { return state.looks; });
    }

    std::vector<directory::Lookups::FullMailbox> refused;
    SecondLook::Refused those_refused = [this] { return std::exchange(refused, {}); };
    TestTarget target;
    Metrics metrics;
};

}  // namespace

TEST_F(SecondLookTest, WhatIsOtherwiseThanWasKnownIsTold)
{
    SecondLook second(those_refused, target, {}, metrics);
    struct {
        char const* name;
        mail::Fullness known, told;
        bool otherwise;
    } const cases[] = {
        {"same@x", {3072, 2}, {2049, 2}, false},   {"least@x", {2049, 2}, {2049, 2}, false},
        {"emptied@x", {3073, 2}, {2049, 2}, true}, {"less@x", {9999, 2}, {0, 2}, true},
        {"fewer@x", {3072, 2}, {2049, 1}, true},   {"more@x", {2048, 2}, {2049, 2}, true},
    };
    std::vector<std::string> expected;
    for (auto const& c : cases) {
        refuse(c.name, c.known);
        is(c.name, c.told);
        if (c.otherwise) expected.emplace_back(c.name);
    }
    std::vector<std::string> found;
    for (auto const& seen : second.look()) {
        found.push_back(seen.name);
        EXPECT_EQ(seen.mailbox, "id of " + seen.name);
        EXPECT_EQ(seen.usage.bytes, target.state.with([&](auto& s) { return s.used[seen.name].bytes; }));
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(metrics.counter("provost_usage_corrected_total", "").value(), 4);
    EXPECT_TRUE(second.look().empty());
}

TEST_F(SecondLookTest, OneMailboxIsNotLookedAtAgainTooSoon)
{
    SecondLook patient(those_refused, target, {.again = 1h}, metrics);
    SecondLook eager(those_refused, target, {.again = 0ms}, metrics);
    is("a@x", {1, 1});
    for (int i = 0; i < 3; ++i) {
        refuse("a@x", {1, 1});
        patient.look();
    }
    EXPECT_EQ(looks(), 1);
    for (int i = 0; i < 3; ++i) {
        refuse("a@x", {1, 1});
        eager.look();
    }
    EXPECT_EQ(looks(), 4);
}

TEST_F(SecondLookTest, SoManyAreLookedAtAndATargetInTroubleIsAskedOnce)
{
    SecondLook second(those_refused, target, {.again = 1h, .most = 3}, metrics);
    for (int i = 0; i < 9; ++i) {
        is(std::to_string(i), {1, 1});
        refuse(std::to_string(i), {1, 1});
    }
    second.look();
    EXPECT_EQ(looks(), 3);
    target.state.with([](auto& state) { state.trouble = "connection refused"; });
    for (int i = 5; i < 9; ++i) refuse(std::to_string(i), {1, 1});
    EXPECT_TRUE(second.look().empty());
    EXPECT_EQ(looks(), 4);
}

TEST_F(SecondLookTest, AfterTheEndNobodyIsAskedAbout)
{
    SecondLook second(those_refused, target, {}, metrics);
    second.stop();
    refuse("a@x", {1, 1});
    EXPECT_TRUE(second.look().empty());
    EXPECT_EQ(looks(), 0);
}
