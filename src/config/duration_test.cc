// SPDX-License-Identifier: Apache-2.0
#include "config/duration.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost::config;
using namespace std::chrono_literals;

TEST(Duration, IsANumberAndAUnit)
{
    EXPECT_EQ(*parse_duration("2s", "delay"), 2s);
    EXPECT_EQ(*parse_duration("500ms", "delay"), 500ms);
    EXPECT_EQ(*parse_duration("10m", "delay"), 10min);
    EXPECT_EQ(*parse_duration("30d", "delay"), 720h);
    EXPECT_EQ(*parse_duration("250", "delay"), 250ms);
    EXPECT_EQ(*parse_duration("0", "delay"), 0ms);
}

TEST(Duration, OfAnotherShapeIsRefusedByFieldAndValue)
{
    for (auto text : {"", "s", "2 s", "-2s", "1.5h", "2weeks", "9223372036854775807d", "99999999999999999999s"}) {
        auto const duration = parse_duration(text, "delay");
        ASSERT_FALSE(duration) << text;
        EXPECT_EQ(duration.error().field, "delay");
    }
}

TEST(Duration, SurvivesItsText)
{
    EXPECT_EQ(duration_text(2s), "2s");
    EXPECT_EQ(duration_text(720h), "30d");
    EXPECT_EQ(duration_text(90s), "90s");
    EXPECT_EQ(duration_text(0s), "0s");
    EXPECT_TRUE(rc::check([] {
        auto const duration = Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
        RC_ASSERT(*parse_duration(duration_text(duration), "delay") == duration);
    }));
}
