// SPDX-License-Identifier: Apache-2.0
#include "base/size.h"

#include <gtest/gtest.h>

using namespace provost;

TEST(Size, UnitsArePowersOf1024AndNoneUnlimitedAndZeroAreThreeThings)
{
    EXPECT_EQ(parse_size("10G", "quota")->number(), 10LL << 30);
    EXPECT_EQ(parse_size("512m", "quota")->number(), 512LL << 20);
    EXPECT_EQ(parse_size("1GiB", "quota")->number(), 1LL << 30);
    EXPECT_EQ(parse_size("0", "quota")->number(), 0);
    EXPECT_TRUE(parse_size("unlimited", "quota")->is_unlimited());
    EXPECT_TRUE(parse_size("none", "quota")->is_unset());
}

TEST(Size, AWrongSizeIsRefusedByNameAndValue)
{
    for (auto text : {"-1", "10Q", "G", "1.5G", "99999999999T", "ten"}) {
        auto const size = parse_size(text, "quota");
        ASSERT_FALSE(size) << text;
        EXPECT_EQ(size.error().field, "quota");
    }
}

TEST(Size, ThereIsAMostThatIsSaid)
{
    EXPECT_EQ(parse_size("1024T", "quota")->number(), 1LL << 50);
    for (auto text : {"1025T", "8000000T", "1125899906842625", "9223372036854775807"}) {
        auto const size = parse_size(text, "quota");
        ASSERT_FALSE(size) << text;
        EXPECT_NE(size.error().message.find("is more than 1024T"), std::string::npos) << size.error().message;
    }
    EXPECT_TRUE(parse_count("9223372036854775807", "max_mailboxes")) << "what is counted is no size";
}

TEST(Size, ALimitSurvivesItsColumnAndItsText)
{
    for (auto limit : {Limit::unset(), Limit::unlimited(), Limit::of(0), Limit::of(10LL << 30), Limit::of(1025)}) {
        EXPECT_EQ(Limit::from_stored(limit.stored()), limit);
        EXPECT_EQ(parse_size(size_text(limit), "quota"), limit);
    }
}

TEST(Size, ALimitOfNAllowsNAndNotOneMore)
{
    EXPECT_TRUE(Limit::of(3).allows(3));
    EXPECT_FALSE(Limit::of(3).allows(4));
    EXPECT_FALSE(Limit::of(0).allows(1));
    EXPECT_TRUE(Limit::unlimited().allows(1'000'000));
}
