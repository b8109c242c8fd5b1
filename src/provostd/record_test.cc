// SPDX-License-Identifier: Apache-2.0
#include "provostd/record.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::daemon;

TEST(Record, SaysWhyItIsAwayAndDoesNotTryForEveryCaller)
{
    int tries = 0;
    Record record([&]() -> Result<std::unique_ptr<store::Store>> {
        ++tries;
        return fail(Fault::unavailable, "the database is locked");
    });
    for (int i = 0; i < 3; ++i) {
        auto const got = record.get();
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().fault, Fault::unavailable);
        EXPECT_EQ(got.error().message, "the database is locked");
    }
    EXPECT_EQ(tries, 1);
}

TEST(Record, AThrowingEngineIsUnavailable)
{
    Record record([]() -> Result<std::unique_ptr<store::Store>> { throw std::runtime_error("disk I/O error"); });
    auto const got = record.get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().fault, Fault::unavailable);
    EXPECT_NE(got.error().message.find("disk I/O error"), std::string::npos);
}
