// SPDX-License-Identifier: Apache-2.0
#include "provost/options.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

mail::Field field(mail::Takes takes, std::string_view words = {}) { return {"keep_copy", takes, "", words}; }

TEST(Options, ValuesBecomeTheApisJson)
{
    using T = mail::Takes;
    struct {
        T takes;
        std::vector<std::string> said;
        char const* json;
    } const cases[] = {
        {T::text, {"a note"}, R"("a note")"},
        {T::text, {""}, "null"},
        {T::flag, {"no"}, "false"},
        {T::flag, {"1"}, "true"},
        {T::size, {"10G"}, R"("10G")"},
        {T::size, {"unlimited"}, R"("unlimited")"},
        {T::count, {"none"}, R"("none")"},
        {T::time, {"2026-11-20"}, R"("2026-11-20")"},
        {T::time, {"none"}, "null"},
        {T::address, {"none"}, "null"},
        {T::addresses, {"a@b.test,c@d.test", "e@f.test"}, R"(["a@b.test","c@d.test","e@f.test"])"},
        {T::addresses, {"none"}, "[]"},
        {T::services, {"all"}, R"("all")"},
        {T::services, {"imap,sieve"}, R"(["imap","sieve"])"},
        {T::members, {"a@b.test=read+send-as"}, R"([{"mailbox":"a@b.test","rights":["read","send-as"]}])"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.json);
        auto const value = value_of(field(c.takes), c.said);
        ASSERT_TRUE(value) << value.error().message;
        EXPECT_EQ(json::serialize(*value), c.json);
    }
}

TEST(Options, WhatCannotBeMeantIsRefusedWithOptionAndValue)
{
    using T = mail::Takes;
    struct {
        mail::Field field;
        char const* said;
        char const* message;
    } const cases[] = {
        {field(T::flag), "maybe", "--keep-copy: 'maybe' is not yes or no"},
        {field(T::size), "12Q", "--keep-copy: '12Q' is not a size such as 10G, 512M, 1048576, unlimited or none"},
        {field(T::word, "refuse, hold"), "bounce", "--keep-copy: 'bounce' is not one of refuse, hold"},
        {field(T::members), "alice", "--keep-copy: 'alice' is not like alice@example.org=read+write"},
    };
    for (auto const& c : cases) {
        auto const value = value_of(c.field, {c.said});
        ASSERT_FALSE(value);
        EXPECT_EQ(value.error().message, c.message);
    }
}

TEST(Options, APasswordIsAskedForTwice)
{
    TestDesk desk;
    desk.around.can_ask = true;
    desk.answer(done_json("alice@example.test"));
    desk.typed = {"open sesame", "open sesame"};
    EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test"}), 0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /mailboxes/alice%40example.test/password {"password":"open sesame"})");

    desk.typed = {"open sesame", "open barley"};
    EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test"}), 2);
    EXPECT_EQ(desk.err.str(), "provost: the two passwords are not the same\n");
    EXPECT_EQ(desk.asked.size(), 1U);
}

TEST(Options, APasswordOrAHashComesByStandardInputOrAFile)
{
    struct {
        char const* option;
        char const* body;
    } const cases[] = {{"--password-stdin", R"({"password":"from stdin"})"},
                       {"--hash-stdin", R"({"hash":"from stdin"})"}};
    for (auto const& c : cases) {
        TestDesk desk;
        desk.answer(done_json("alice@example.test"));
        EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test", c.option}), 0);
        EXPECT_EQ(desk.asked.at(0), std::string("POST /mailboxes/alice%40example.test/password ") + c.body);
    }
    TestDesk desk;
    desk.answer(done_json("alice@example.test"));
    std::ofstream(desk.socket) << "$y$j9T$hash\n";
    EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test", "--hash", desk.socket}), 0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /mailboxes/alice%40example.test/password {"hash":"$y$j9T$hash"})");
}

TEST(Options, WithoutATerminalOrASourceThereIsNoPassword)
{
    TestDesk desk;
    EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test"}), 2);
    EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test", "--hash", "/nonexistent"}), 2);
    EXPECT_EQ(desk.run({"mailbox", "passwd", "alice@example.test", "--hash-stdin", "--password-stdin"}), 2);
    EXPECT_TRUE(desk.asked.empty());
}

}  // namespace
}  // namespace provost::cli
