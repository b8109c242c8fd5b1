// SPDX-License-Identifier: Apache-2.0
#include "mail/address.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

using namespace provost;
using namespace provost::mail;

TEST(Address, IsFoldedToTheFormThatIsStored)
{
    struct {
        char const* written;
        char const* stored;
    } const cases[] = {
        {"Jane.Doe@Example.ORG", "jane.doe@example.org"},
        {"jane@example.org.", "jane@example.org"},
        {"\"Jane.Doe\"@example.org", "jane.doe@example.org"},
        {"\"jan\\e\"@example.org", "jane@example.org"},
        {"info@B\xc3\xbc"
         "cher.example",
         "info@xn--bcher-kva.example"},
        {"info@xn--bcher-kva.example", "info@xn--bcher-kva.example"},
        {"info@XN--BCHER-KVA.example", "info@xn--bcher-kva.example"},
        {"j\xc3\xa4ne@example.org", "j\xc3\xa4ne@example.org"},
        {"ja\xcc\x88ne@example.org", "j\xc3\xa4ne@example.org"},  // NFD becomes NFC
        {"J\xc3\x84NE@example.org", "j\xc3\x84ne@example.org"},   // only ASCII is folded
        {"JA\xcc\x88NE@example.org", "j\xc3\x84ne@example.org"},  // the same, whichever way it is written
        {"o'brien+lists@example.org", "o'brien+lists@example.org"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.written);
        auto const address = Address::parse(c.written);
        ASSERT_TRUE(address) << address.error().message;
        EXPECT_EQ(address->text(), c.stored);
    }
}

TEST(Address, WhatCannotBeOneIsRefusedByNameAndRuleAndIsNoneOnTheWire)
{
    std::string const long_local(65, 'a');
    for (std::string const text :
         {"", "@", "jane", "jane@", "@example.org", "a..b@example.org", ".a@example.org", "a b@example.org",
          "\"a b\"@example.org", "jane@-example.org", "jane@exa_mple.org", "jane@[127.0.0.1]", "jane@@example.org",
          "jane@example..org", "a\xff@example.org", "a\xc2\x85@example.org", "a\n@example.org", "jane@xn--\xff.org"}) {
        SCOPED_TRACE(escaped(text));
        auto const address = Address::parse(text, "target");
        ASSERT_FALSE(address);
        EXPECT_EQ(address.error().fault, Fault::invalid);
        EXPECT_EQ(address.error().field, "target");
        EXPECT_FALSE(Address::from_wire(text));
    }
    EXPECT_FALSE(Address::parse(long_local + "@example.org"));
    EXPECT_FALSE(Address::from_wire(std::string("a\0b@example.org", 15)));
    EXPECT_FALSE(Address::from_wire(std::string("a@b\xc3\xbc.example\0x", 16)));
    EXPECT_FALSE(Address::from_wire(std::string(100'000, 'a') + "@example.org"));
}

TEST(Address, EveryByteStringHasAnAnswerAndFoldingIsDoneOnce)
{
    EXPECT_TRUE(rc::check([](std::string const& bytes) {
        auto const address = Address::from_wire(bytes);
        if (address) RC_ASSERT(Address::from_wire(address->text()) == address);
    }));
    auto const near_address =
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("aA.@\"\\+-_ \xc3\xa4x1\0", 15)));
    EXPECT_TRUE(rc::check([&] {
        auto const address = Address::from_wire(*near_address);
        if (!address) return;
        RC_ASSERT(Address::from_wire(address->text()) == address);
        RC_ASSERT(address->text().size() <= longest_address);
    }));
}

// What stands in quotes, and what ends with a dot, is judged in another way than what is written plainly.
TEST(Address, IsTheSameHoweverItIsWritten)
{
    auto const local = rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ0.!#+-_~@", 11)));
    auto const domain = rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ0.-_x", 7)));
    EXPECT_TRUE(rc::check([&] {
        auto const before = *local;
        auto const after = *domain;
        auto const plain = Address::from_wire(before + '@' + after);
        if (before.find('@') == std::string::npos) RC_ASSERT(Address::from_wire('"' + before + "\"@" + after) == plain);
        if (!after.ends_with('.')) RC_ASSERT(Address::from_wire(before + '@' + after + '.') == plain);
    }));
    std::string const label(63, 'a');
    std::vector<std::string> const domains{label,
                                           label + 'a',
                                           label + '.' + label,
                                           "xn--a",
                                           "a.xn--bcher-kva",
                                           "-a",
                                           "a-",
                                           "a-.b",
                                           "a.-b",
                                           "a--b",
                                           "a..b",
                                           ".a",
                                           label + '.' + label + '.' + label + ".a"};
    for (auto const& after : domains) {
        for (auto const& before : {std::string("a"), std::string(64, 'a'), std::string(65, 'a')}) {
            SCOPED_TRACE(before + '@' + after);
            EXPECT_EQ(Address::from_wire(before + '@' + after), Address::from_wire('"' + before + "\"@" + after));
        }
    }
}

TEST(Address, AnExtensionIsWhatFollowsTheFirstDelimiter)
{
    auto const address = *Address::parse("jane+lists+c@example.org");
    EXPECT_EQ(address.without_extension('+'), "jane");
    EXPECT_EQ(address.extension('+'), "+lists+c");
    EXPECT_EQ(Address::parse("+lists@example.org")->without_extension('+'), std::nullopt);
    EXPECT_EQ(Address::parse("jane@example.org")->extension('+'), "");
}

TEST(Address, ALoginIsAnAddressOrABareName)
{
    EXPECT_EQ(parse_login("Cyrus"), "cyrus");
    EXPECT_EQ(parse_login("Jane@Example.org"), "jane@example.org");
    for (auto text : {"", "-x", "a b", "a/b", "jane@", "..", "a\nb"}) {
        EXPECT_FALSE(parse_login(text)) << text;
        EXPECT_FALSE(login_from_wire(text)) << text;
    }
}

TEST(Address, GuessesAreCountedUnderTheLoginWithoutItsExtension)
{
    for (auto const* login :
         {"bob@example.org", "BOB@example.org", "bob+1@example.org", "bob+2@Example.ORG", "\"bob\"@example.org."})
        EXPECT_EQ(guessed_login(login, '+'), "bob@example.org") << login;
    EXPECT_EQ(guessed_login("bob+1@example.org", '\0'), "bob+1@example.org");
    EXPECT_EQ(guessed_login("Cyrus", '+'), "cyrus");
    EXPECT_EQ(guessed_login("no address\xff", '+'), "no address\xff");
}
