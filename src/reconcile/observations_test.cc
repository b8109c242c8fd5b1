// SPDX-License-Identifier: Apache-2.0
#include "reconcile/observations.h"

#include <gtest/gtest.h>

#include "reconcile/test_record.h"

using namespace provost;
using namespace provost::reconcile;
using namespace std::chrono_literals;

namespace {

Time at(std::int64_t second) { return from_millis(second * 1000); }

class ObservationsTest : public testing::Test {
protected:
    Observations::House house()
    {
        return {record.way(),
                {[this] { return seen_usages.with([](auto& list) { return std::exchange(list, {}); }); }},
                [this](auto seen) { copied.with([&](auto& list) { list = std::move(seen); }); },
                {[this] { return seen_sign_ins.with([](auto& list) { return std::exchange(list, {}); }); }}};
    }
    bool all_is_taken()
    {
        return seen_usages.wait_for(20s, [](auto const& list) { return list.empty(); });
    }

    TestRecord record;
    Metrics metrics;
    Awaited<Observations::Usages> seen_usages;
    Awaited<Observations::SignIns> seen_sign_ins;
    Awaited<std::vector<std::pair<std::string, mail::Fullness>>> copied;
};

}  // namespace

TEST_F(ObservationsTest, TheLatestOfEachNameIsWrittenInOneBatch)
{
    seen_usages.with([](auto& list) {
        list = {{"jane@x", "", {10, 1, at(1)}}, {"joe@x", "", {5, 1, at(1)}}, {"jane@x", "", {20, 2, at(2)}}};
    });
    seen_sign_ins.with([](auto& list) {
        list = {{"jane@x", "imap", "::1", at(3)}, {"jane@x", "imap", "::2", at(2)}, {"jane@x", "pop3", "::1", at(1)}};
    });
    Observations observations(house(), {.every = 1ms}, metrics);
    ASSERT_TRUE(record.comes_to([](Page const& p) { return p.sign_ins.size() == 2; }));
    record.page.with([](Page& p) {
        EXPECT_EQ(p.batches, 1);
        ASSERT_EQ(p.usages.size(), 2u);
        EXPECT_EQ(p.usages[0].first, "jane@x");
        EXPECT_EQ(p.usages[0].second.bytes, 20);
        EXPECT_EQ(p.sign_ins[0].from, "::1");
    });
}

TEST_F(ObservationsTest, TheLatestUseOfEachTokenIsWritten)
{
    Awaited<Observations::TokenUses> seen;
    seen.with([](auto& list) { list = {{"t1", at(1), "::1"}, {"t2", at(1), "::1"}, {"t1", at(2), "::2"}}; });
    auto with_tokens = house();
    with_tokens.token_uses = {[&] { return seen.with([](auto& list) { return std::exchange(list, {}); }); }};
    Observations observations(std::move(with_tokens), {.every = 1ms}, metrics);
    ASSERT_TRUE(record.comes_to([](Page const& p) { return !p.token_uses.empty(); }));
    record.page.with([](Page& p) {
        ASSERT_EQ(p.token_uses.size(), 2u);
        EXPECT_EQ(p.token_uses[0].from, "::2");
    });
}

TEST_F(ObservationsTest, TheCopyIsToldByMailboxAlsoWhileTheRecordIsAway)
{
    record.page.with([](Page& p) { p.is_away = true; });
    seen_usages.with([](auto& list) {
        list = {
            {"jane@x", "id-1", {10, 1, at(1)}}, {"nobody@x", "", {5, 1, at(1)}}, {"jane@x", "id-1", {20, 2, at(1)}}};
    });
    Observations observations(house(), {.every = 1ms}, metrics);
    ASSERT_TRUE(copied.wait_for(20s, [](auto const& list) { return !list.empty(); }));
    copied.with([](auto const& list) {
        ASSERT_EQ(list.size(), 2u);
        EXPECT_EQ(list[1].first, "id-1");
        EXPECT_EQ(list[1].second.bytes, 20);
        EXPECT_EQ(list[1].second.messages, 2);
    });
}

TEST_F(ObservationsTest, AreKeptWhileTheRecordIsAwayAndLostBeyondABound)
{
    record.page.with([](Page& p) { p.is_away = true; });
    seen_usages.with([](auto& list) {
        for (int i = 0; i < 15; ++i) list.push_back({"u" + std::to_string(i), "", {i, 1, at(1)}});
    });
    Observations observations(house(), {.every = 1ms, .most_kept = 10}, metrics);
    ASSERT_TRUE(all_is_taken());
    record.page.with([](Page& p) { p.is_away = false; });
    ASSERT_TRUE(record.comes_to([](Page const& p) { return !p.usages.empty(); }));
    record.page.with([](Page& p) { EXPECT_EQ(p.usages.size(), 10u); });
    EXPECT_EQ(metrics.counter("provost_observations_dropped_total", "", {{"kind", "usage"}}).value(), 5);
}

TEST_F(ObservationsTest, WhatCouldNotBeWrittenIsWrittenLater)
{
    record.page.with([](Page& p) { p.is_broken = true; });
    seen_usages.with([](auto& list) { list = {{"jane@x", "", {10, 1, at(1)}}}; });
    Observations observations(house(), {.every = 1ms}, metrics);
    ASSERT_TRUE(all_is_taken());
    record.page.with([](Page& p) { p.is_broken = false; });
    EXPECT_TRUE(record.comes_to([](Page const& p) { return p.usages.size() == 1; }));
}

TEST_F(ObservationsTest, TheLastAreWrittenAtTheEnd)
{
    Observations observations(house(), {.every = 1h}, metrics);
    seen_usages.with([](auto& list) { list = {{"jane@x", "", {10, 1, at(1)}}}; });
    observations.stop();
    record.page.with([](Page& p) { EXPECT_EQ(p.usages.size(), 1u); });
}
