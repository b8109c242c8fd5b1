// SPDX-License-Identifier: Apache-2.0
#include "host/template.h"

#include <stdexcept>

#include <gtest/gtest.h>

using namespace provost::host;

TEST(Template, EveryGapIsFilled)
{
    EXPECT_EQ(filled("a @x@@y@ b", {{"x", "1"}, {"y", "@z@"}}), "a 1@z@ b");
    EXPECT_EQ(filled("", {}), "");
}

TEST(Template, AGapWithoutAValueIsAMistakeOfTheProgram)
{
    EXPECT_THROW(filled("@x@", {}), std::logic_error);
    EXPECT_THROW(filled("a @x", {{"x", "1"}}), std::logic_error);
}
