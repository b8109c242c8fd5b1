// SPDX-License-Identifier: Apache-2.0
#include "password/strength.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "password/scheme.h"

using namespace provost;
using namespace provost::password;

namespace {

std::vector<std::string> const jane = {"jane.wintermute@example.org", "Jane Wintermute"};

}  // namespace

TEST(Strength, GoodPasswordsPass)
{
    for (auto const* password : {"correct horse battery staple", "Tr4ctor-lilac-9-onion", "xK9#mQ2$vL7p",
                                 "kupfer wolke neunzig", "пароль щука ветер", "語彙の豊富な合言葉です"})
        EXPECT_TRUE(check_strength(Secret(password), jane)) << password;
}

TEST(Strength, WeakOnesAreRefusedWithTheRule)
{
    struct {
        char const* password;
        char const* rule;
    } const cases[] = {
        {"", "10 characters or more, and has 0"},
        {"a", "10 characters or more, and has 1"},
        {"xK9#mQ2$v", "10 characters or more, and has 9"},
        {"äöüßäöüßä", "10 characters or more, and has 9"},
        {"password123", "too easy to guess"},
        {"P@ssw0rd!!", "too easy to guess"},
        {"qwertyuiop", "too easy to guess"},
        {"1234567890", "too easy to guess"},
        {"aaaaaaaaaaaaaaaa", "too easy to guess"},
        {"summer2024!", "too easy to guess"},
        {"jane.wintermute", "too easy to guess"},
        {"Wintermute1", "too easy to guess"},
        {"jane.wintermute@example.org", "too easy to guess"},
    };
    for (auto const& c : cases) {
        auto const checked = check_strength(Secret(c.password), jane);
        ASSERT_FALSE(checked) << c.password;
        EXPECT_EQ(checked.error().fault, Fault::conflict);
        EXPECT_EQ(checked.error().field, "password");
        EXPECT_NE(checked.error().message.find(c.rule), std::string::npos)
            << c.password << ": " << checked.error().message;
        std::string const password(c.password);
        if (password.size() > 1) {
            EXPECT_EQ(checked.error().message.find(password), std::string::npos);
        }
    }
}

TEST(Strength, OwnWordsCount)
{
    EXPECT_TRUE(check_strength(Secret("wintermute-qzx"), {}));
    EXPECT_FALSE(check_strength(Secret("wintermute-qzx"), jane));
}

TEST(Strength, WhatCannotBeTypedEverywhereIsInvalid)
{
    for (auto const& password : {std::string("correct\0horse battery", 21), std::string("correct horse\nbattery"),
                                 std::string("correct horse\x7f"
                                             "battery"),
                                 std::string("correct horse \xff battery"), std::string(longest_password + 1, 'x')}) {
        auto const checked = check_strength(Secret(password), {});
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().fault, Fault::invalid);
    }
}

TEST(Strength, TheRulesCanBeSet)
{
    EXPECT_FALSE(check_strength(Secret("correct horse battery"), {}, {.shortest = 30, .least_bits = 0}));
    EXPECT_TRUE(check_strength(Secret("password"), {}, {.shortest = 8, .least_bits = 0}));
    auto const named = check_strength(Secret("x"), {}, {}, "new_password");
    ASSERT_FALSE(named);
    EXPECT_EQ(named.error().field, "new_password");
}

TEST(Strength, AnyBytesGetAnAnswerAndTheLongestAtOnce)
{
    EXPECT_FALSE(check_strength(Secret(std::string(longest_password, 'x')), jane));
    ASSERT_TRUE(rc::check("any bytes", [] {
        auto const password = *rc::gen::arbitrary<std::string>();
        auto const word = *rc::gen::arbitrary<std::string>();
        auto const checked = check_strength(Secret(password), {word});
        RC_ASSERT(checked.has_value() || checked.error().message.starts_with("password: "));
    }));
}
