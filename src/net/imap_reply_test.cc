// SPDX-License-Identifier: Apache-2.0
#include "net/imap_reply.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::net;
using namespace std::string_literals;

namespace {

std::string shown(std::vector<ImapValue> const& values)
{
    std::string out;
    for (auto const& each : values) {
        if (!out.empty()) out += ' ';
        switch (each.kind) {
            case ImapValue::Kind::nil:
                out += "NIL";
                break;
            case ImapValue::Kind::atom:
                out += each.text;
                break;
            case ImapValue::Kind::string:
                out += "'" + each.text + "'";
                break;
            case ImapValue::Kind::list:
                out += "(" + shown(each.items) + ")";
                break;
        }
    }
    return out;
}

// "NAME values", or why not.
std::string read(std::string const& response)
{
    auto const parsed = parse_imap(response);
    if (!parsed) return "error: " + parsed.error().message;
    auto const* said = std::get_if<ImapUntagged>(&*parsed);
    if (!said) return "not untagged";
    if (said->is_status()) return said->name + " <" + said->code.name + "><" + said->code.arguments + "> " + said->text;
    return said->values.empty() ? said->name : said->name + " " + shown(said->values);
}

// What Cyrus 3.10 says to GETMETADATA, cut by its line ends and literals.
std::string const metadata =
    "* METADATA user/bob@example.test (\"/shared/vendor/cmu/cyrus-imapd/size\" \"0\" \"/shared/motd\" NIL "
    "\"/private/comment\" {10}\r\na \"quoted\" \"/shared/note\" {0}\r\n)";

}  // namespace

TEST(ImapReply, UntaggedAnswersBecomeValues)
{
    struct {
        std::string said;
        char const* read;
    } const cases[] = {
        // Cyrus 3.6 and 3.10
        {R"(* LIST (\HasNoChildren) "/" user/alice/Sent@example.test)",
         R"(LIST (\HasNoChildren) '/' user/alice/Sent@example.test)"},
        {R"(* LIST (\Noselect \HasChildren) "/" "user/a b")", R"(LIST (\Noselect \HasChildren) '/' 'user/a b')"},
        {"* QUOTA user/alice@example.test (STORAGE 0 10240 MESSAGE 0 5000)",
         "QUOTA user/alice@example.test (STORAGE 0 10240 MESSAGE 0 5000)"},
        {"* QUOTA user/bob@example.test ()", "QUOTA user/bob@example.test ()"},
        {"* QUOTAROOT INBOX INBOX", "QUOTAROOT INBOX INBOX"},
        {"* ACL user/alice/Sent@example.test alice@example.test lrswipkxtecdan bob@example.test lrs",
         "ACL user/alice/Sent@example.test alice@example.test lrswipkxtecdan bob@example.test lrs"},
        {R"(* METADATA "" ("/shared/motd" NIL "/shared/vendor/cmu/cyrus-imapd/freespace" "72052508"))",
         "METADATA '' ('/shared/motd' NIL '/shared/vendor/cmu/cyrus-imapd/freespace' '72052508')"},
        // others
        {"* 3 EXISTS", "EXISTS 3"},
        {"* 12 fetch (FLAGS (\\Seen \\*) UID 4)", "FETCH 12 (FLAGS (\\Seen \\*) UID 4)"},
        {"* SEARCH", "SEARCH"},
        {"* SEARCH 1 2 3 ", "SEARCH 1 2 3"},
        {"* FLAGS (\\Answered $Forwarded)", "FLAGS (\\Answered $Forwarded)"},
        {"* LIST () NIL foo[1]}", "LIST () NIL foo[1]}"},
        {"* X (a(b)(c))nil\"d\"", "X (a (b) (c)) NIL 'd'"},
        {"* X \"a\\\"b\\\\c\" \"\xff\t\"", "X 'a\"b\\c' '\xff\t'"},
    };
    for (auto const& c : cases) EXPECT_EQ(read(c.said), c.read);
}

TEST(ImapReply, StatusesHaveACodeAndWords)
{
    EXPECT_EQ(read("* OK [CAPABILITY IMAP4rev1 SASL-IR] ready"), "OK <CAPABILITY><IMAP4rev1 SASL-IR> ready");
    EXPECT_EQ(read("* ok ready"), "OK <><> ready");
    EXPECT_EQ(read("* BYE"), "BYE <><> ");
    EXPECT_EQ(read("* BYE [Unavailable]"), "BYE <UNAVAILABLE><> ");
    EXPECT_EQ(read("* PREAUTH [ALERT] x] y"), "PREAUTH <ALERT><> x] y");
    EXPECT_EQ(read("* OK [PERMANENTFLAGS (\\Seen \\*)] {5}"), "OK <PERMANENTFLAGS><(\\Seen \\*)> {5}");
    EXPECT_EQ(read(R"(* NO [NOUPDATE "B]\"2"] x)"), R"(NO <NOUPDATE><"B]\"2"> x)");
    EXPECT_EQ(read("* NO [NOUPDATE \"B] x"), "NO <NOUPDATE><\"B> x");
    EXPECT_EQ(read("* NO [never ends"), "NO <><> [never ends");
    EXPECT_EQ(read("* NO a\0\xffz"s), "NO <><> a\0\xffz"s);
}

TEST(ImapReply, ATaggedAnswerIsAReply)
{
    auto parsed = parse_imap("a2 OK [MAILBOXID (ekkf0xi8hmihb45ezc8f5hyw)] Completed");
    ASSERT_TRUE(parsed && std::holds_alternative<ImapTagged>(*parsed));
    auto const& said = std::get<ImapTagged>(*parsed);
    EXPECT_EQ(said.tag, "a2");
    EXPECT_TRUE(said.reply.is_ok());
    EXPECT_EQ(said.reply.code.name, "MAILBOXID");
    EXPECT_EQ(said.reply.code.arguments, "(ekkf0xi8hmihb45ezc8f5hyw)");
    EXPECT_EQ(said.reply.text, "Completed");

    parsed = parse_imap("a24 no Permission denied");
    ASSERT_TRUE(parsed && std::holds_alternative<ImapTagged>(*parsed));
    EXPECT_EQ(std::get<ImapTagged>(*parsed).reply.status, ImapReply::Status::no);
    EXPECT_EQ(std::get<ImapTagged>(*parsed).reply.text, "Permission denied");
    parsed = parse_imap("a24 BAD");
    ASSERT_TRUE(parsed && std::holds_alternative<ImapTagged>(*parsed));
    EXPECT_EQ(std::get<ImapTagged>(*parsed).reply.status, ImapReply::Status::bad);
    EXPECT_FALSE(std::get<ImapTagged>(*parsed).reply.is_ok());
}

TEST(ImapReply, ARequestToGoOnIsKnown)
{
    for (auto const* said : {"+", "+ ", "+ go ahead"}) {
        auto const parsed = parse_imap(said);
        EXPECT_TRUE(parsed && std::holds_alternative<ImapGoOn>(*parsed)) << said;
    }
}

TEST(ImapReply, WhatIsNoAnswerSaysWhy)
{
    struct {
        std::string said;
        char const* why;
    } const cases[] = {
        {"", "an answer has no tag"},
        {"*", "an answer is neither OK nor NO nor BAD"},
        {"* ", "an answer has no name"},
        {"* 5", "an answer has no name"},
        {"* {2}\r\nab", "an answer has no name"},
        {"* L\0ST a"s, "an answer has no name"},
        {"HTTP/1.1 400 Bad Request", "an answer is neither OK nor NO nor BAD"},
        {" OK x", "an answer has no tag"},
        {"* LIST (a", "a list does not end"},
        {"* LIST a)", "a list ends that did not begin"},
        {"* LIST \"a", "a quoted string does not end"},
        {"* LIST \"a\\", "a quoted string does not end"},
        {"* LIST \"a\0b\""s, "a quoted string has a byte that may not stand there"},
        {"* LIST \"a\\\0b\""s, "a quoted string has a byte that may not stand there"},
        {"* LIST a\0b"s, "a word has a byte that may not stand there"},
        {"* LIST \0"s, "a word has a byte that may not stand there"},
        {"* LIST a\rb", "a word has a byte that may not stand there"},
        {"* LIST {5}", "a brace begins no literal"},
        {"* LIST {}\r\n", "a brace begins no literal"},
        {"* LIST {-1}\r\n", "a brace begins no literal"},
        {"* LIST {1+}\r\na", "a brace begins no literal"},
        {"* LIST {99999999999999999999}\r\n", "a brace begins no literal"},
        {"* LIST {5}\r\nabcd", "a literal is shorter than announced"},
        {"* LIST {18446744073709551615}\r\nabcd", "a brace begins no literal"},
        {"* LIST {9223372036854775807}\r\nabcd", "a literal is shorter than announced"},
    };
    for (auto const& c : cases) {
        EXPECT_EQ(read(c.said), "error: "s + c.why) << c.said;
        auto const parsed = parse_imap(c.said);
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().fault, Fault::unavailable);
    }
}

TEST(ImapReply, LiteralsHoldAnyBytes)
{
    EXPECT_EQ(read("* LIST () \"/\" {6}\r\na)\r\n\0\""s), "LIST () '/' 'a)\r\n\0\"'"s);
    EXPECT_EQ(read("* X ({3}\r\nabc~{3}\r\n\0\1\2 {0}\r\n) d"s), "X ('abc' '\0\1\2' '') d"s);
    EXPECT_EQ(read("* X {4}\r\n {1} y"), "X ' {1}' y");
    EXPECT_EQ(read(metadata),
              "METADATA user/bob@example.test ('/shared/vendor/cmu/cyrus-imapd/size' '0' '/shared/motd' NIL "
              "'/private/comment' 'a \"quoted\"' '/shared/note' '')");
}

TEST(ImapReply, OnlyAValueAnnouncesALiteral)
{
    struct {
        char const* line;
        std::optional<std::size_t> size;
    } const cases[] = {
        {"* LIST () \"/\" {5}", 5},
        {"* LIST () \"/\" ~{5}", 5},
        {"* METADATA \"\" ({0}", 0},
        {") {12}", 12},
        {" {12}", 12},
        {"* LIST () \"/\" foo{5}", std::nullopt},
        {"* LIST () \"/\" \"foo {5}\"", std::nullopt},
        {"* LIST () \"/\" {5} ", std::nullopt},
        {"* LIST () \"/\" {5+}", std::nullopt},
        {"* LIST () \"/\" {-5}", std::nullopt},
        {"* LIST () \"/\" {}", std::nullopt},
        {"* LIST () \"/\" {99999999999999999999}", std::nullopt},
        {"* OK as in {5}", std::nullopt},
        {"* bye {5}", std::nullopt},
        {"a1 NO [X] {5}", std::nullopt},
        {"+ {5}", std::nullopt},
        {"{5}", std::nullopt},
        {"}", std::nullopt},
        {"", std::nullopt},
    };
    for (auto const& c : cases) EXPECT_EQ(imap_literal_after(c.line), c.size) << c.line;
}

TEST(ImapReply, WhatIsCutIsNeverTakenForTheWhole)
{
    for (auto const& whole :
         {metadata, R"(* LIST (\HasNoChildren \Subscribed) "/" "user/a\"b@example.test" ("CHILDINFO" ("SUBSCRIBED")))"s,
          "a1 OK [MAILBOXID (ekkf0xi8hmihb45ezc8f5hyw)] Completed"s, "* 1 FETCH (UID 1 BODY[] {3}\r\nabc FLAGS ())"s}) {
        auto const all = parse_imap(whole);
        ASSERT_TRUE(all) << all.error().message;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            auto const part = parse_imap(whole.substr(0, size));
            if (!part || part->index() != all->index()) continue;
            if (std::holds_alternative<ImapUntagged>(*all)) {
                EXPECT_NE(std::get<ImapUntagged>(*part), std::get<ImapUntagged>(*all));
            } else {
                EXPECT_NE(std::get<ImapTagged>(*part).reply.text, std::get<ImapTagged>(*all).reply.text);
            }
        }
    }
}

TEST(ImapReply, DepthAndCountHaveTheirLimits)
{
    auto const nested = [](std::size_t depth) { return "* X " + std::string(depth, '(') + std::string(depth, ')'); };
    EXPECT_EQ(read(nested(imap_deepest)).substr(0, 3), "X (");
    EXPECT_EQ(read(nested(imap_deepest + 1)), "error: lists are nested too deep");
    EXPECT_EQ(read("* X " + std::string(64 << 10, '(')), "error: lists are nested too deep");

    auto const many = [](std::size_t count) {
        std::string said = "* X";
        for (std::size_t i = 0; i < count; ++i) said += " a";
        return said;
    };
    EXPECT_EQ(read(many(imap_most_values)).size(), many(imap_most_values).size() - 2);
    EXPECT_EQ(read(many(imap_most_values + 1)), "error: an answer has too many values");
    std::string lists = "* X ";
    for (std::size_t i = 0; i < imap_most_values / 2 + 1; ++i) lists += "(a)";
    EXPECT_EQ(read(lists), "error: an answer has too many values");
}

TEST(ImapReply, ALongLineIsRead)
{
    std::string const name(64 << 10, 'x');
    EXPECT_EQ(read("* LIST () \"/\" " + name), "LIST () '/' " + name);
    EXPECT_EQ(read("* LIST () \"/\" \"" + name + "\""), "LIST () '/' '" + name + "'");
    EXPECT_EQ(read("* NO " + name), "NO <><> " + name);
    EXPECT_EQ(read("* " + name), std::string(64 << 10, 'X'));
}

TEST(ImapReply, AWordIsAnAtomInAnyCase)
{
    auto const parsed = parse_imap("* X \\NoSelect \"\\NoSelect\" NIL (\\NoSelect)");
    ASSERT_TRUE(parsed);
    auto const& values = std::get<ImapUntagged>(*parsed).values;
    ASSERT_EQ(values.size(), 4U);
    EXPECT_TRUE(values[0].is_word("\\noselect"));
    EXPECT_FALSE(values[0].is_word("\\noselec"));
    EXPECT_FALSE(values[1].is_word("\\NoSelect"));
    EXPECT_FALSE(values[2].is_word("NIL"));
    EXPECT_FALSE(values[3].is_word("\\NoSelect"));
}

TEST(ImapReply, TheSizeOfAnAnswerCountsItsValues)
{
    auto const small = parse_imap("* X ()");
    auto const large = parse_imap("* X (a a a a a)");
    ASSERT_TRUE(small && large);
    EXPECT_GE(size_of(std::get<ImapUntagged>(*large)), size_of(std::get<ImapUntagged>(*small)) + 5 * sizeof(ImapValue));
}
