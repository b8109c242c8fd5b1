// SPDX-License-Identifier: Apache-2.0
#include "net/imap_command.h"

#include <gtest/gtest.h>

#include "base/text.h"

using namespace provost;
using namespace provost::net;
using namespace std::string_literals;

namespace {

using Literals = ImapCommand::Literals;

std::vector<std::string> sent(ImapCommand const& command, Literals literals = Literals::wait)
{
    std::vector<std::string> out;
    for (auto const& step : command.steps("a1", literals)) out.emplace_back(step.reveal());
    return out;
}

using Steps = std::vector<std::string>;

}  // namespace

TEST(ImapCommand, WordsStandAsTheyAreAndTextIsQuoted)
{
    EXPECT_EQ(sent(ImapCommand("NOOP")), Steps{"a1 NOOP\r\n"});
    EXPECT_EQ(sent(ImapCommand("SETQUOTA").text("user/alice@example.test").word("(STORAGE 10240)")),
              Steps{"a1 SETQUOTA \"user/alice@example.test\" (STORAGE 10240)\r\n"});
    EXPECT_EQ(sent(ImapCommand("LIST").text("").text("user/%")), Steps{"a1 LIST \"\" \"user/%\"\r\n"});
}

TEST(ImapCommand, ANameWithAQuoteIsEscaped)
{
    EXPECT_EQ(sent(ImapCommand("CREATE").text(R"(user/a"b\c)")), Steps{"a1 CREATE \"user/a\\\"b\\\\c\"\r\n"});
    EXPECT_EQ(sent(ImapCommand("CREATE").text("x\") (y {5}\t%*")), Steps{"a1 CREATE \"x\\\") (y {5}\t%*\"\r\n"});
}

TEST(ImapCommand, WhatQuotesCannotCarryIsALiteral)
{
    for (auto const& text : {"a\r\nb"s, "a\nb"s, "m\xc3\xbcller"s, std::string(401, 'x')}) {
        auto const size = std::to_string(text.size());
        EXPECT_EQ(sent(ImapCommand("X").text(text).word("y")), (Steps{"a1 X {" + size + "}\r\n", text + " y\r\n"}));
        EXPECT_EQ(sent(ImapCommand("X").text(text).word("y"), Literals::plus),
                  Steps{"a1 X {" + size + "+}\r\n" + text + " y\r\n"});
        EXPECT_EQ(sent(ImapCommand("X").secret(Secret(text)), Literals::minus),
                  Steps{"a1 X {" + size + "+}\r\n" + text + "\r\n"});
    }
    EXPECT_EQ(sent(ImapCommand("X").text(std::string(400, 'x'))).size(), 1U);
}

TEST(ImapCommand, LargeLiteralsWaitWhereTheServerHasOnlyLiteralMinus)
{
    std::string const large(4097, 'x');
    EXPECT_EQ(sent(ImapCommand("X").text(large), Literals::minus), (Steps{"a1 X {4097}\r\n", large + "\r\n"}));
    EXPECT_EQ(sent(ImapCommand("X").text(large), Literals::plus).size(), 1U);
    EXPECT_EQ(sent(ImapCommand("X").text(large.substr(1)), Literals::minus).size(), 1U);
    EXPECT_EQ(sent(ImapCommand("X").text("\n").word("y").text("\r")),
              (Steps{"a1 X {1}\r\n", "\n y {1}\r\n", "\r\r\n"}));
}

TEST(ImapCommand, WhatCannotBeSentIsRefused)
{
    EXPECT_TRUE(ImapCommand("X").word("{5}y").word("(a})").text("{5}").check());
    for (auto const& word : {""s, "a\r"s, "a\nb LOGOUT"s, "a\0b"s, "{5}"s, "a{5+}"s, "{}"s}) {
        auto const checked = ImapCommand("X").word(word).check();
        ASSERT_FALSE(checked) << escaped(word);
        EXPECT_EQ(checked.error().fault, Fault::invalid);
        EXPECT_FALSE(ImapCommand(word).check());
    }
    EXPECT_FALSE(ImapCommand("X").text("a\0b"s).check());
    auto const secret = ImapCommand("X").secret(Secret("hunter\0two"s)).check();
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().message.find("hunter"), std::string::npos);
}

TEST(ImapCommand, PlainSaysWhoActsAsWhom)
{
    Secret const password("PW");
    auto const plain = [&](auto const& authzid, bool at_once) {
        return *ImapCommand::authenticate_plain(authzid, "madproxy", password, at_once);
    };
    auto const as_alice = to_base64("alice@example.test\0madproxy\0PW"s);
    auto const as_self = to_base64("\0madproxy\0PW"s);
    EXPECT_EQ(sent(plain("alice@example.test", true)), Steps{"a1 AUTHENTICATE PLAIN " + as_alice + "\r\n"});
    EXPECT_EQ(sent(plain("", true)), Steps{"a1 AUTHENTICATE PLAIN " + as_self + "\r\n"});
    EXPECT_EQ(sent(plain("", false)), (Steps{"a1 AUTHENTICATE PLAIN\r\n", as_self + "\r\n"}));

    // So that no command line is longer than a server takes.
    Secret const lengthy(std::string(700, 'x'));
    EXPECT_EQ(sent(*ImapCommand::authenticate_plain("", "a", lengthy, true)).size(), 2U);
}

TEST(ImapCommand, PlainRefusesWhatWouldShiftItsParts)
{
    Secret const password("PW"), cut("P\0W"s);
    EXPECT_FALSE(ImapCommand::authenticate_plain("", "a\0b"s, password, true));
    EXPECT_FALSE(ImapCommand::authenticate_plain("a\0b"s, "a", password, true));
    EXPECT_FALSE(ImapCommand::authenticate_plain("", "a", cut, true));
    EXPECT_FALSE(ImapCommand::authenticate_plain("", "", password, true));
}

TEST(ImapCommand, ASecretIsLeftOutOfWhatTheServerSays)
{
    auto const login = ImapCommand("LOGIN").text("jane").secret(Secret("hun\"ter"));
    EXPECT_EQ(login.without_secrets("no such user jane"), "no such user jane");
    EXPECT_EQ(login.without_secrets("unknown: LOGIN jane hun\"ter"), "(left out: it repeats a secret)");
    EXPECT_EQ(login.without_secrets("unknown: LOGIN \"jane\" \"hun\\\"ter\""), "(left out: it repeats a secret)");

    auto const plain = *ImapCommand::authenticate_plain("", "jane", Secret("hunter"), false);
    EXPECT_EQ(plain.without_secrets("not base64: " + to_base64("\0jane\0hunter"s)), "(left out: it repeats a secret)");
    EXPECT_EQ(plain.without_secrets("wrong password hunter"), "(left out: it repeats a secret)");
    EXPECT_EQ(plain.without_secrets("authentication failure"), "authentication failure");
    EXPECT_EQ(ImapCommand("X").secret(Secret()).without_secrets("words"), "words");
}
