// SPDX-License-Identifier: Apache-2.0
#include "protocols/line_session.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;

namespace {

// Says each line back, and takes "!" for a breach.
struct Echo final : LineSession {
    explicit Echo(Counter& broken) : LineSession(8, broken) {}
    bool on_line(std::string_view line, net::Exchange& exchange) override
    {
        exchange.write("<" + std::string(line) + ">");
        return line != "!";
    }
};

struct Talk {
    Metrics metrics;
    Counter& broken = metrics.counter("broken", "Breaches.");
    Echo echo{broken};
    TestWire wire{echo};
};

}  // namespace

TEST(LineSessions, TakeWholeLinesAndLeaveTheRest)
{
    Talk talk;
    EXPECT_EQ(talk.wire.say("one\ntw"), "<one>");
    EXPECT_EQ(talk.wire.say("o\n\n"), "<two><>");
    EXPECT_EQ(talk.wire.held(), 0U);
    EXPECT_FALSE(talk.wire.exchange.is_closed());
}

TEST(LineSessions, ALineOfTheLimitPassesAndALongerOneEndsIt)
{
    Talk talk;
    EXPECT_EQ(talk.wire.say("12345678\n"), "<12345678>");
    EXPECT_EQ(talk.wire.say("123456789"), "");
    EXPECT_TRUE(talk.wire.exchange.is_closed());
    EXPECT_EQ(talk.broken.value(), 1);
}

TEST(LineSessions, ABreachEndsItAndNothingMoreIsAnswered)
{
    Talk talk;
    EXPECT_EQ(talk.wire.say("a\n!\nb\n"), "<a><!>");
    EXPECT_TRUE(talk.wire.exchange.is_closed());
    EXPECT_EQ(talk.wire.say("c\n"), "");
}

TEST(LineSessions, PiecesMakeNoDifference)
{
    auto const bytes = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab!\n\n\n")));
    EXPECT_TRUE(rc::check([&](unsigned seed) {
        auto const input = *bytes;
        Talk whole;
        Talk pieces;
        RC_ASSERT(whole.wire.say(input) == pieces.wire.say_in_pieces(input, 5, seed));
        RC_ASSERT(whole.wire.exchange.is_closed() == pieces.wire.exchange.is_closed());
        RC_ASSERT(pieces.wire.held() <= 9U);
    }));
}
