// SPDX-License-Identifier: Apache-2.0
#include "protocols/postfix/socketmap.h"

#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "protocols/netstring.h"
#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;
using directory::Found;

namespace {

// The site of the recorded conversations: example.test with alice and bob, and addresses that fail on demand.
struct Site final : Maps {
    std::optional<mail::Map> named(std::string_view name) const override
    {
        for (auto const map : mail::all_maps)
            if (name == mail::word(map)) return map;
        return std::nullopt;
    }
    Found ask(mail::Map map, std::string_view key, std::string& text) override
    {
        ++asked;
        auto const address = key.substr(0, key.find('\0'));
        if (address == "tempfail@example.test") {
            text = "backend down";
            return Found::cannot_tell;
        }
        if (address == "broken@example.test") throw std::runtime_error("a list in the replica is cut short");
        if (address == "silent@example.test") return Found::cannot_tell;
        if (address == "empty@example.test") return Found::found;
        if (address == "long@example.test") {
            text = std::string(length, 'x');
            return Found::found;
        }
        auto const value = values.find({mail::word(map), std::string(key)});
        if (value == values.end()) return Found::not_found;
        text = value->second;
        return Found::found;
    }
    std::map<std::pair<std::string, std::string>, std::string> values{
        {{"domains", "example.test"}, "virtual"},
        {{"mailboxes", "bob@example.test"}, "1"},
        {{"mailboxes", "alice@example.test"}, "1"},
        {{"mailboxes", "alice+x@example.test"}, "1"},
        {{"senders", "alice@example.test"}, "alice@example.test"},
        {{"senders", "alice+tag@example.test"}, "alice@example.test"},
        {{"aliases", "team@example.test"}, "alice@example.test,bob@example.test"},
    };
    std::size_t length = 0;
    int asked = 0;
};

struct Talk {
    Site site;
    Metrics metrics;
    SocketmapCounters counters{metrics};
    Socketmap session{site, counters};
    TestWire wire{session};
};

std::string framed(std::string_view payload)
{
    std::string bytes;
    append_netstring(bytes, payload);
    return bytes;
}

}  // namespace

TEST(Socketmap, AnswersTheRequestsOfPostfixByteForByte)
{
    struct {
        char const* request;
        char const* reply;
    } const cases[] = {
        // From conversations of Postfix 3.7 and 3.10.
        {"28:mailboxes alice@example.test,", "4:OK 1,"},
        {"29:mailboxes nobody@example.test,", "9:NOTFOUND ,"},
        {"25:aliases team@example.test,", "38:OK alice@example.test,bob@example.test,"},
        {"20:domains example.test,", "10:OK virtual,"},
        {"19:domains remote.test,", "9:NOTFOUND ,"},
        {"11:transport *,", "9:NOTFOUND ,"},
        {"26:senders alice@example.test,", "21:OK alice@example.test,"},
        {"30:senders alice+tag@example.test,", "21:OK alice@example.test,"},
        {"25:senders other@remote.test,", "9:NOTFOUND ,"},
        {"30:mailboxes alice+x@example.test,", "4:OK 1,"},
        {"29:aliases tempfail@example.test,", "17:TEMP backend down,"},
    };
    Talk talk;
    for (auto const& c : cases) {
        SCOPED_TRACE(c.request);
        EXPECT_EQ(talk.wire.say(c.request), c.reply);
    }
    EXPECT_FALSE(talk.wire.exchange.is_closed());
}

TEST(Socketmap, NeverBouncesMailOutOfDoubt)
{
    struct {
        std::string request;
        std::string reply;
    } const cases[] = {
        {"aliases broken@example.test", "TEMP a list in the replica is cut short"},
        {"aliases silent@example.test", "TEMP the directory cannot tell"},
        {"aliases empty@example.test", "TEMP the value found is empty"},
        {"alias x@example.test", "PERM no such map: alias"},
        {"ali\x01\xff x", "PERM no such map: ali\\x01\\xff"},
        {"", "PERM no such map: "},
        {" x", "PERM no such map: "},
        {std::string(200, 'm') + " x", "PERM no such map: " + std::string(64, 'm') + "..."},
    };
    Talk talk;
    for (auto const& c : cases) {
        SCOPED_TRACE(c.request);
        EXPECT_EQ(talk.wire.say(framed(c.request)), framed(c.reply));
    }
}

TEST(Socketmap, EveryKeyHasAnAnswer)
{
    Talk talk;
    for (std::string const& key : {std::string(""), std::string("a\0b@example.test", 16), std::string("\xff\xfe@\x80"),
                                   std::string("a b c"), std::string("\"a b\"@example.test"), std::string(8192, 'k')}) {
        EXPECT_EQ(talk.wire.say(framed("mailboxes " + key)), "9:NOTFOUND ,");
    }
    EXPECT_EQ(talk.wire.say("9:mailboxes,"), "9:NOTFOUND ,");
    EXPECT_EQ(talk.site.asked, 7);
}

TEST(Socketmap, AValueIsAsLongAsPostfixReadsAndNoLonger)
{
    Talk talk;
    talk.site.length = 99'997;
    EXPECT_EQ(talk.wire.say(framed("aliases long@example.test")), framed("OK " + std::string(99'997, 'x')));
    talk.site.length = 99'998;
    EXPECT_EQ(talk.wire.say(framed("aliases long@example.test")),
              framed("TEMP the value found is longer than Postfix reads"));
}

TEST(Socketmap, AKeyTooLongToBeAnAddressIsPassedOverAndAnswered)
{
    Talk talk;
    auto const long_key = framed("mailboxes " + std::string(100'000, 'k'));
    EXPECT_EQ(talk.wire.say_in_pieces(long_key, 4000, 7), "9:NOTFOUND ,");
    EXPECT_EQ(talk.wire.say(framed("no-such " + std::string(100'000, 'k'))), framed("PERM no such map: no-such"));
    EXPECT_EQ(talk.wire.say("28:mailboxes alice@example.test,"), "4:OK 1,");
    EXPECT_EQ(talk.site.asked, 1);

    EXPECT_EQ(talk.wire.say("2000000:mailboxes kkk"), "");
    EXPECT_TRUE(talk.wire.exchange.is_closed());
    EXPECT_EQ(talk.counters.too_long.value(), 1);
}

TEST(Socketmap, BrokenFramingEndsTheConversation)
{
    for (std::string const& bytes : {std::string("x"), std::string("3:abcd"), std::string("12345678901:"),
                                     "9000:mailboxes " + std::string(9000 - 10, 'k') + "x"}) {
        Talk talk;
        EXPECT_EQ(talk.wire.say("28:mailboxes alice@example.test," + bytes), "4:OK 1,");
        EXPECT_TRUE(talk.wire.exchange.is_closed());
        EXPECT_EQ(talk.counters.malformed.value(), 1);
    }
}

TEST(Socketmap, RequestsMayArriveInPiecesAndSeveralAtOnce)
{
    EXPECT_TRUE(rc::check([](unsigned seed, std::vector<std::string> const& keys) {
        std::string requests = framed("mailboxes alice@example.test");
        for (auto const& key : keys) requests += framed("aliases " + key);
        requests += framed("mailboxes " + std::string(20'000, 'k')) + framed("domains example.test");
        Talk whole;
        Talk pieces;
        auto const answers = whole.wire.say(requests);
        RC_ASSERT(answers.ends_with("10:OK virtual,"));
        RC_ASSERT(pieces.wire.say_in_pieces(requests, 700, seed) == answers);
    }));
}

TEST(Socketmap, AnyBytesInAnyPiecesGiveTheSameAnswersAndHoldNoMoreThanARequest)
{
    auto const bytes =
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789:, adoms*\0\xff", 21)));
    EXPECT_TRUE(rc::check([&](unsigned seed) {
        auto const input = (*rc::gen::arbitrary<bool>() ? framed("domains example.test") : "") + *bytes;
        Talk whole;
        Talk pieces;
        RC_ASSERT(whole.wire.say(input) == pieces.wire.say_in_pieces(input, 6, seed));
        RC_ASSERT(whole.wire.exchange.is_closed() == pieces.wire.exchange.is_closed());
        RC_ASSERT(pieces.wire.held() <= Socketmap::longest_request + 16);
    }));
}
