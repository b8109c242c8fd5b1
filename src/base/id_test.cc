// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <set>

#include <gtest/gtest.h>

using namespace provost;

TEST(Id, NewIdsAreUuidsAndNeverTheSame)
{
    std::set<std::string> seen;
    for (int i = 0; i < 10000; ++i) {
        auto const id = new_uuid();
        ASSERT_TRUE(is_uuid(id)) << id;
        ASSERT_EQ(id[14], '7');
        ASSERT_TRUE(seen.insert(id).second);
    }
}

TEST(Id, OtherTextIsNoId)
{
    for (auto text : {"", "0198", "0198d0c0-0000-7000-8000-00000000000G", "0198d0c0x0000-7000-8000-000000000000"})
        EXPECT_FALSE(is_uuid(text)) << text;
}
