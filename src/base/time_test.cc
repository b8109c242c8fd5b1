// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost;

TEST(Time, ATimeIsReadBackAsWritten)
{
    EXPECT_TRUE(rc::check([] {
        auto const time = from_millis(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000));  // up to 2100
        RC_ASSERT(parse_time(to_rfc3339(time), "expires") == time);
    }));
}

TEST(Time, DatesAndOffsetsAreUnderstood)
{
    EXPECT_EQ(to_rfc3339(*parse_time("2026-12-31", "expires")), "2026-12-31T00:00:00Z");
    EXPECT_EQ(to_rfc3339(*parse_time("2026-12-31T01:30:00+02:00", "expires")), "2026-12-30T23:30:00Z");
}

// What is understood can be shown, and what is shown understood: RFC 3339 has four digits for a year.
TEST(Time, YearsOfFourDigitsAreAllThereAre)
{
    for (auto text : {"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01", "9999-12-31T23:59:60Z"})
        EXPECT_FALSE(parse_time(text, "expires")) << text;
    for (auto text : {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"})
        EXPECT_EQ(to_rfc3339(parse_time(text, "expires").value()), text);
}

TEST(Time, ARefusalNamesFieldValueAndRule)
{
    for (auto text :
         {"", "tomorrow", "2026-13-01", "2026-02-30", "2026-12-31T25:00:00Z", "2026-12-31T10:00:00", "-026-01-01"}) {
        auto const time = parse_time(text, "expires");
        ASSERT_FALSE(time) << text;
        EXPECT_EQ(time.error().field, "expires");
        EXPECT_NE(time.error().message.find("is not a date"), std::string::npos);
    }
}
