// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

using namespace provost;

namespace {

Result<int> half(int number)
{
    if (number % 2 != 0) return refuse(Fault::invalid, "number", std::to_string(number), "is not even");
    return number / 2;
}

Result<int> quarter(int number)
{
    auto const first = TRY(half(number));
    return half(first);
}

}  // namespace

TEST(Result, ARefusalTravelsUpAndNamesFieldValueAndRule)
{
    EXPECT_EQ(quarter(8), 2);
    auto const refused = quarter(6);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "number: '3' is not even");
    EXPECT_EQ(refused.error().field, "number");
}
