// SPDX-License-Identifier: Apache-2.0
#include "password/remembered.h"

#include <thread>

#include <gtest/gtest.h>

#include "password/scheme.h"

using namespace provost;
using namespace provost::password;
using std::chrono::minutes;

namespace {

Moment const start{std::chrono::hours(1)};
Claim const jane{"018f-jane", "$y$j9T$salt$hash", 17};

}  // namespace

TEST(Remembered, KnowsWhatItWasToldUntilItsTimeHasPassed)
{
    Remembered remembered;
    EXPECT_FALSE(remembered.knows(Secret("correct horse"), jane, start));
    remembered.remember(Secret("correct horse"), jane, start + minutes(5));
    EXPECT_TRUE(remembered.knows(Secret("correct horse"), jane, start));
    EXPECT_FALSE(remembered.knows(Secret("correct house"), jane, start));
    EXPECT_FALSE(remembered.knows(Secret("correct horse"), jane, start + minutes(5)));
}

TEST(Remembered, AnyChangeToTheAccountForgets)
{
    Remembered remembered;
    remembered.remember(Secret("correct horse"), jane, start + minutes(5));
    Claim const others[] = {{"018f-joe", jane.stored, jane.stamp},
                            {jane.account, "$y$j9T$salt$other", jane.stamp},
                            {jane.account, jane.stored, jane.stamp + 1},
                            {"018f-jane$", "y$j9T$salt$hash", jane.stamp}};
    for (auto const& other : others) EXPECT_FALSE(remembered.knows(Secret("correct horse"), other, start));
}

TEST(Remembered, AHashBegunBeforeAChangeRemembersNothingForAfterIt)
{
    Remembered remembered;
    Claim const changed{jane.account, jane.stored, jane.stamp + 1};
    remembered.remember(Secret("correct horse"), jane, start + minutes(5));
    EXPECT_FALSE(remembered.knows(Secret("correct horse"), changed, start));
}

TEST(Remembered, WhatNeverMatchesIsNotRemembered)
{
    Remembered remembered;
    for (auto const& password : {std::string(), std::string("a\0b", 3), std::string(longest_password + 1, 'a')}) {
        remembered.remember(Secret(password), jane, start + minutes(5));
        EXPECT_FALSE(remembered.knows(Secret(password), jane, start));
    }
    EXPECT_EQ(remembered.size(), 0U);
}

TEST(Remembered, AnAccountHasItsLastEightPasswords)
{
    Remembered remembered;
    for (int i = 0; i < 9; ++i) remembered.remember(Secret("app " + std::to_string(i)), jane, start + minutes(5));
    EXPECT_FALSE(remembered.knows(Secret("app 0"), jane, start));
    for (int i = 1; i < 9; ++i) EXPECT_TRUE(remembered.knows(Secret("app " + std::to_string(i)), jane, start));

    // Told again of what it knows, it drops no other.
    remembered.remember(Secret("app 8"), jane, start + minutes(9));
    EXPECT_TRUE(remembered.knows(Secret("app 1"), jane, start));
    EXPECT_TRUE(remembered.knows(Secret("app 8"), jane, start + minutes(8)));
    EXPECT_EQ(remembered.size(), 1U);
}

TEST(Remembered, ItsSizeIsBoundedAndTheLeastUsedGoFirst)
{
    Remembered remembered(160);
    remembered.remember(Secret("used"), jane, start + minutes(5));
    for (int i = 0; i < 5000; ++i) {
        auto const account = "account " + std::to_string(i);
        remembered.remember(Secret("x"), {account, "hash", 1}, start + minutes(5));
        ASSERT_TRUE(remembered.knows(Secret("used"), jane, start)) << "after " << i;
    }
    EXPECT_LE(remembered.size(), 160U);
    EXPECT_FALSE(remembered.knows(Secret("x"), {"account 0", "hash", 1}, start));
    EXPECT_TRUE(remembered.knows(Secret("x"), {"account 4999", "hash", 1}, start));
}

TEST(Remembered, IsAskedFromManyThreads)
{
    Remembered remembered(64);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&remembered, t] {
            for (int i = 0; i < 2000; ++i) {
                auto const account = "account " + std::to_string((i * 7 + t) % 100);
                Claim const claim{account, "hash", 1};
                remembered.remember(Secret("x"), claim, start + minutes(5));
                EXPECT_FALSE(remembered.knows(Secret("y"), claim, start));
            }
        });
    }
    threads.clear();
    EXPECT_LE(remembered.size(), 64U);
}
