// SPDX-License-Identifier: Apache-2.0
#include "protocols/tabbed.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost::protocols;

TEST(Tabbed, EscapesAreThoseOfDovecot)
{
    EXPECT_EQ(tab_escaped(std::string_view("a\0b\x01"
                                           "c\td\re\nf",
                                           11)),
              "a\x01"
              "0b\x01"
              "1c\x01td\x01re\x01nf");
    EXPECT_EQ(tab_unescaped("a\x01tb\x01xc\x01"), "a\tbxc");
}

TEST(Tabbed, WhatIsEscapedComesBackAndHoldsNoSeparator)
{
    EXPECT_TRUE(rc::check([](std::string const& value) {
        auto const escaped = tab_escaped(value);
        RC_ASSERT(escaped.find_first_of(std::string("\0\t\r\n", 4)) == std::string::npos);
        RC_ASSERT(tab_unescaped(escaped) == value);
    }));
}

TEST(Tabbed, FieldsComeInOrderAndEmptyOnesCount)
{
    Fields fields("AUTH\t1\t\tresp=");
    EXPECT_EQ(fields.next(), "AUTH");
    EXPECT_EQ(fields.number(), 1U);
    EXPECT_EQ(fields.next(), "");
    EXPECT_EQ(fields.next(), "resp=");
    EXPECT_EQ(fields.next(), std::nullopt);
    EXPECT_EQ(fields.text(), "");
}

TEST(Tabbed, ANumberIsANumberAndNothingElse)
{
    struct {
        char const* field;
        std::optional<std::uint32_t> number;
    } const cases[] = {{"0", 0U},           {"4294967295", 4294967295U}, {"4294967296", std::nullopt},
                       {"", std::nullopt},  {"-1", std::nullopt},        {"1x", std::nullopt},
                       {" 1", std::nullopt}};
    for (auto const& c : cases) {
        SCOPED_TRACE(c.field);
        EXPECT_EQ(Fields(c.field).number(), c.number);
    }
}

TEST(Tabbed, EveryLineFallsIntoItsFields)
{
    EXPECT_TRUE(rc::check([](std::string const& line) {
        Fields fields(line);
        std::string together;
        std::size_t count = 0;
        while (auto const field = fields.next()) {
            if (count++ > 0) together += '\t';
            together += *field;
        }
        RC_ASSERT(together == line);
        RC_ASSERT(count == 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t')));
    }));
}
