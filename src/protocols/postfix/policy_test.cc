// SPDX-License-Identifier: Apache-2.0
#include "protocols/postfix/policy.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;
using directory::Room;

namespace {

constexpr auto leave_it = "action=DUNNO\n\n";
constexpr auto refuse_it = "action=552 5.2.2 Mailbox is full\n\n";

// alice has no room for more than 1000 bytes, bob for nothing; of carol nothing can be told.
struct Site final : Rooms {
    Room room(std::string_view recipient, std::int64_t declared) override
    {
        asked.emplace_back(recipient, declared);
        if (recipient == "carol@example.test") return Room::cannot_tell;
        if (recipient == "bob@example.test") return Room::none;
        return recipient == "alice@example.test" && declared > 1000 ? Room::none : Room::there_is;
    }
    std::vector<std::pair<std::string, std::int64_t>> asked;
};

struct Talk {
    Site site;
    Metrics metrics;
    PolicyCounters counters{metrics};
    Policy session{site, counters};
    TestWire wire{session};
};

std::string at_rcpt(std::string_view recipient, std::string_view size = "0")
{
    return "request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient=" + std::string(recipient) +
           "\nsize=" + std::string(size) + "\n\n";
}

// As Postfix 3.10 sends it.
std::string whole_request(std::string_view state, std::string_view recipient, std::string_view size)
{
    return "request=smtpd_access_policy\nprotocol_state=" + std::string(state) +
           "\nprotocol_name=ESMTP\nclient_address=127.0.0.1\nclient_name=localhost\nclient_port=38130\n"
           "reverse_client_name=localhost\nserver_address=127.0.0.1\nserver_port=25\nhelo_name=client.test\n"
           "sender=x@remote.test\nrecipient=" +
           std::string(recipient) +
           "\nrecipient_count=0\nqueue_id=\ninstance=c4.6b006a05.eded3.0\nsize=" + std::string(size) +
           "\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\nsasl_sender=\nccert_subject=\nccert_issuer=\n"
           "ccert_fingerprint=\nccert_pubkey_fingerprint=\nencryption_protocol=\nencryption_cipher=\n"
           "encryption_keysize=0\npolicy_context=\ncompatibility_level=3.9\nmail_version=3.10.13\n\n";
}

}  // namespace

TEST(PolicyService, RefusesAtRcptWhoHasNoRoomAndLeavesTheRest)
{
    struct {
        std::string request;
        char const* answer;
    } const cases[] = {
        {whole_request("RCPT", "alice@example.test", "0"), leave_it},
        {whole_request("RCPT", "alice@example.test", "1001"), refuse_it},
        {whole_request("RCPT", "bob@example.test", "0"), refuse_it},
        {whole_request("RCPT", "carol@example.test", "0"), leave_it},
        {at_rcpt("bob@example.test"), refuse_it},
        {"size=1001\nrecipient=alice@example.test\nprotocol_state=RCPT\nrequest=smtpd_access_policy\n\n", refuse_it},
    };
    Talk talk;
    for (auto const& c : cases) {
        SCOPED_TRACE(c.request);
        EXPECT_EQ(talk.wire.say(c.request), c.answer);
    }
    EXPECT_FALSE(talk.wire.exchange.is_closed());
}

TEST(PolicyService, AtNoOtherTimeAnybodyIsRefused)
{
    Talk talk;
    for (auto const* state : {"CONNECT", "EHLO", "HELO", "MAIL", "DATA", "END-OF-MESSAGE", "VRFY", "ETRN", "rcpt", ""})
        EXPECT_EQ(talk.wire.say(whole_request(state, "bob@example.test", "5000")), leave_it) << state;
    EXPECT_EQ(talk.wire.say("request=junk_filter\nprotocol_state=RCPT\nrecipient=bob@example.test\n\n"), leave_it);
    EXPECT_EQ(talk.wire.say("protocol_state=RCPT\nrecipient=bob@example.test\n\n"), leave_it);
    EXPECT_EQ(talk.wire.say("\n"), leave_it);
    EXPECT_EQ(talk.wire.say("name=\n\n"), leave_it);
    EXPECT_TRUE(talk.site.asked.empty());
}

TEST(PolicyService, EveryValueHasAnAnswer)
{
    Talk talk;
    for (std::string const& value :
         {std::string(), std::string("a\0b@example.test", 16), std::string("\xff\xfe@\x80"),
          std::string("a b@example.test"), std::string("a=b@example.test"), std::string("\r")})
        EXPECT_EQ(talk.wire.say(at_rcpt(value)), leave_it);
    EXPECT_EQ(talk.wire.say(std::string("\xff\0=\x80\n", 5) + at_rcpt("bob@example.test")), refuse_it);
    EXPECT_FALSE(talk.wire.exchange.is_closed());
}

TEST(PolicyService, ASizeThatIsNoneIsNotDeclared)
{
    Talk talk;
    for (auto const* size : {"", "-1", "x", "1001x", " 1001", "99999999999999999999", "\xff"})
        EXPECT_EQ(talk.wire.say(at_rcpt("alice@example.test", size)), leave_it) << size;
    for (auto const& [recipient, declared] : talk.site.asked) EXPECT_EQ(declared, 0);
}

TEST(PolicyService, WhatIsNoRequestEndsTheConversation)
{
    for (std::string const& bytes :
         {std::string("recipient\n\n"), std::string("=x\n\n"), std::string("a=b\nx\nc=d\n\n"), std::string("\0\n\n", 3),
          std::string("GET / HTTP/1.1\r\n\n")}) {
        Talk talk;
        EXPECT_EQ(talk.wire.say(at_rcpt("bob@example.test") + bytes + at_rcpt("bob@example.test")), refuse_it);
        EXPECT_TRUE(talk.wire.exchange.is_closed());
        EXPECT_EQ(talk.counters.malformed.value(), 1);
    }
}

TEST(PolicyService, ARequestIsAsLongAsPostfixMakesThemAndNoLonger)
{
    auto const padded = [](std::size_t size) {
        auto request = at_rcpt("bob@example.test");
        return "x=" + std::string(size - request.size() - 3, 'y') + "\n" + request;
    };
    for (unsigned seed : {1U, 2U, 3U}) {
        Talk talk;
        EXPECT_EQ(talk.wire.say_in_pieces(padded(Policy::longest_request + 2), 900, seed), refuse_it);
        EXPECT_EQ(talk.wire.say_in_pieces(padded(Policy::longest_request + 3), 900, seed), "");
        EXPECT_TRUE(talk.wire.exchange.is_closed());
        EXPECT_EQ(talk.counters.too_long.value(), 1);
    }
    for (std::string const& bytes :
         {std::string(100'000, 'k'), "x=" + std::string(100'000, 'k') + "\n\n", std::string(100'000, '='), [] {
              std::string lines;
              while (lines.size() < 100'000) lines += "a=b\n";
              return lines;
          }()}) {
        Talk talk;
        EXPECT_EQ(talk.wire.say_in_pieces(bytes, 4000, 7), "");
        EXPECT_TRUE(talk.wire.exchange.is_closed());
        EXPECT_EQ(talk.counters.too_long.value(), 1);
    }
}

TEST(PolicyService, HalfARequestIsLeftToBeWaitedFor)
{
    Talk talk;
    auto const request = at_rcpt("bob@example.test");
    EXPECT_EQ(talk.wire.say(request.substr(0, request.size() - 1)), "");
    EXPECT_EQ(talk.wire.held(), request.size() - 1) << "the listener sees that something is unfinished";
    EXPECT_EQ(talk.wire.say("\n"), refuse_it);
    EXPECT_EQ(talk.wire.held(), 0U);
}

TEST(PolicyService, AnyBytesInAnyPiecesGiveTheSameAnswers)
{
    auto const bytes = rc::gen::container<std::string>(rc::gen::elementOf(std::string("a=\n\n\n\0\xff", 7)));
    EXPECT_TRUE(rc::check([&](unsigned seed, bool begins_well) {
        auto const input =
            (begins_well ? at_rcpt("bob@example.test") : "") + *bytes + at_rcpt("alice@example.test", "9999");
        Talk whole;
        Talk pieces;
        RC_ASSERT(whole.wire.say(input) == pieces.wire.say_in_pieces(input, 6, seed));
        RC_ASSERT(whole.wire.exchange.is_closed() == pieces.wire.exchange.is_closed());
        RC_ASSERT(pieces.wire.held() <= Policy::longest_request + 2);
    }));
}
