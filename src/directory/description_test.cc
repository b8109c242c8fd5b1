// SPDX-License-Identifier: Apache-2.0
#include "directory/description.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::directory;

TEST(Description, TheAuditHoldsWhatChangedAndNothingElse)
{
    mail::Mailbox before;
    before.name = "bob@example.test";
    auto after = before;
    after.display_name = "Bob \"the\nbuilder\"";
    after.quota_bytes = Limit::of(10LL << 30);
    auto const [was, is] = difference(describe(before), describe(after));
    EXPECT_EQ(was, R"({"display_name":"","quota":"none"})");
    EXPECT_EQ(is, R"({"display_name":"Bob \"the\u000abuilder\"","quota":"10G"})");
    EXPECT_EQ(difference(describe(after), describe(after)).first, "{}");
}
