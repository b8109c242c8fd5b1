// SPDX-License-Identifier: Apache-2.0
#include "store/pages.h"

#include <gtest/gtest.h>

namespace provost::store {
namespace {

TEST(Mask, WhatIsReadIsBoundedByWhatTheMaskFixes)
{
    struct {
        char const* mask;
        char const* prefix;
        char const* domain;
        bool exact;
    } const cases[] = {
        {"", "", "", false},
        {"*", "", "", false},
        {"*@Example.org", "", "example.org", false},
        {"ja*@example.org", "ja", "example.org", false},
        {"jane@example.org", "jane@example.org", "example.org", true},
        {"jane@*", "jane@", "", false},
        {"a?b", "a", "", false},
        {"cyrus", "cyrus", "", true},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.mask);
        Mask const mask(c.mask);
        EXPECT_EQ(mask.prefix(), c.prefix);
        EXPECT_EQ(mask.domain(), c.domain);
        EXPECT_EQ(mask.is_exact(), c.exact);
    }
}

TEST(Mask, BeyondThePrefixNothingMatches)
{
    Mask const mask("ja*");
    EXPECT_TRUE(mask.matches("jane@example.org"));
    EXPECT_FALSE(mask.matches("joe@example.org"));
    EXPECT_FALSE(mask.is_past("a"));
    EXPECT_FALSE(mask.is_past("ja"));
    EXPECT_FALSE(mask.is_past("jazz"));
    EXPECT_TRUE(mask.is_past("jb"));
    EXPECT_FALSE(Mask("").is_past("zzz"));
}

}  // namespace
}  // namespace provost::store
