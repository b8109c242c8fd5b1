// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost;

TEST(Text, ForeignBytesAreEscapedAndPlainOnesStay)
{
    EXPECT_EQ(escaped("jane@example.org"), "jane@example.org");
    EXPECT_EQ(escaped("a\nb\"c'd\\"), "a\\x0ab\\x22c\\x27d\\x5c");
    EXPECT_EQ(escaped("j\xc3\xa4ne"), "j\xc3\xa4ne");
    EXPECT_EQ(escaped("\xc3("), "\\xc3(");
    EXPECT_EQ(escaped("\xc2\x9b"), "\\xc2\\x9b");  // C1 controls move terminals
    EXPECT_EQ(escaped("abcdef", 3), "abc...");
}

TEST(Text, EscapedTextIsAlwaysOneLineOfUtf8)
{
    EXPECT_TRUE(rc::check([](std::string const& bytes) {
        auto const out = escaped(bytes);
        RC_ASSERT(is_utf8(out));
        RC_ASSERT(out.find('\n') == std::string::npos);
    }));
}

TEST(Text, MasksMatchAsAShellWould)
{
    EXPECT_TRUE(matches_mask("*@example.org", "Jane@Example.ORG"));
    EXPECT_TRUE(matches_mask("j?ne*", "jane@example.org"));
    EXPECT_TRUE(matches_mask("*", ""));
    EXPECT_FALSE(matches_mask("*@example.org", "jane@example.com"));
    EXPECT_FALSE(matches_mask("", "jane"));
}

TEST(Text, TheNearestCandidateIsNamedOnlyWhenNear)
{
    EXPECT_EQ(nearest("databse", {"database", "sockets"}), "database");
    EXPECT_EQ(nearest("zebra", {"database", "sockets"}), std::nullopt);
}

// A name of a megabyte is near to nothing, and found so without being compared.
TEST(Text, WhatIsFarTooLongIsNearToNothing)
{
    EXPECT_EQ(nearest(std::string(1 << 20, 'q'), std::vector<std::string>(30, std::string(20, 'q'))), std::nullopt);
}

TEST(Text, HexAndBase64AreReadBackAsWritten)
{
    EXPECT_TRUE(rc::check([](std::string const& bytes) {
        RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
        RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
    }));
    EXPECT_EQ(from_base64("=="), std::nullopt);
    EXPECT_EQ(from_base64("YWJj!"), std::nullopt);
    EXPECT_EQ(from_base64("\xc3\x66\x6f\xed\xa0\x80\x34\xcc"), std::nullopt);
    EXPECT_EQ(from_hex("abc"), std::nullopt);
}

TEST(Text, OnlyAWholeNumberIsANumber)
{
    EXPECT_EQ(to_integer("42"), 42);
    for (auto text : {"", " 42", "42x", "4.2", "99999999999999999999"})
        EXPECT_EQ(to_integer(text), std::nullopt) << text;
}
