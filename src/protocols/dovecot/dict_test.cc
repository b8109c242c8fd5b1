// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/dict.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;

namespace {

struct Talk {
    Metrics metrics;
    Recorder recorder{metrics, [](std::string_view) { return std::string(); }};
    Dict dict{recorder, metrics.counter("broken", "Breaches.")};
    TestWire wire{dict};
};

}  // namespace

TEST(DictServer, UsageComesAsQuotaCloneOf23And24SendsIt)
{
    for (std::string const& hello : {std::string("H3\t2\t0\t\tquota\nB1\talice@example.test\n"),
                                     std::string("H4\t0\t0\t\tquota\nB1\talice@example.test\t0\n")}) {
        SCOPED_TRACE(hello);
        Talk talk;
        EXPECT_EQ(talk.wire.say(hello), "");
        EXPECT_EQ(talk.wire.say("S1\tpriv/quota/storage\t593\nS1\tpriv/quota/messages\t2\n"), "");
        EXPECT_EQ(talk.wire.say("C1\n"), "O1\n");
        auto const taken = talk.recorder.take();
        ASSERT_EQ(taken.usage.size(), 1U);
        EXPECT_EQ(taken.usage[0].first, "alice@example.test");
        EXPECT_EQ(taken.usage[0].second.bytes, 593);
        EXPECT_EQ(taken.usage[0].second.messages, 2);
    }
}

TEST(DictServer, SignInsComeAsLastLoginSendsThem)
{
    Talk talk;
    EXPECT_EQ(talk.wire.say("H3\t2\t0\t\tlastlogin\nB1\talice@example.test\n"
                            "S1\tshared/last-login/imap/alice@example.test\t1795191593\nC1\n"),
              "O1\n");
    auto const taken = talk.recorder.take();
    ASSERT_EQ(taken.logins.size(), 1U);
    EXPECT_EQ(taken.logins[0].service, mail::Service::imap);
    EXPECT_EQ(taken.logins[0].name, "alice@example.test");
    EXPECT_EQ(to_rfc3339(taken.logins[0].at), "2026-11-20T16:19:53Z");
}

TEST(DictServer, WhatIsNoReportIsAnsweredAndNotKept)
{
    struct {
        char const* dict;
        char const* lines;
        char const* answers;
    } const cases[] = {
        {"lastlogin", "B1\ta\nS1\tshared/last-login/lmtp/a\t1795191593\nC1\n", "O1\n"},
        {"lastlogin", "B1\ta\nS1\tshared/last-login/imap/\t1795191593\nC1\n", "O1\n"},
        {"lastlogin", "B1\ta\nS1\tshared/last-login/imap\t1795191593\nC1\n", "O1\n"},
        {"lastlogin", "B1\ta\nS1\tshared/last-login/imap/a\t9223372036854775807\nC1\n", "O1\n"},
        {"lastlogin", "B1\ta\nS1\tshared/last-login/imap/a\t-1\nC1\n", "O1\n"},
        {"quota", "B1\ta\nS1\tpriv/quota/storage\t1\nC1\n", "O1\n"},
        {"quota", "B1\ta\nS1\tpriv/quota/storage\tx\nS1\tpriv/quota/messages\t1\nC1\n", "O1\n"},
        {"quota", "B1\t\nS1\tpriv/quota/storage\t1\nS1\tpriv/quota/messages\t1\nC1\n", "O1\n"},
        {"quota", "B1\ta\nA1\tpriv/quota/storage\t5\nC1\n", "N1\n"},
        {"quota", "B1\ta\nS1\tpriv/quota/storage\t1\nS1\tpriv/quota/messages\t1\nR1\nC1\n",
         "F1\tno such transaction\n"},
        {"quota", "B1\ta\nT1\t1\t2\nV1\tno\nU1\tpriv/quota/storage\nC1\n", "O1\n"},
        {"quota", "Lpriv/quota/storage\ta\n", "N\n"},
        {"quota", "I0\t0\tpriv/quota/\ta\n", "\n"},
        {"quota", "C\nCx\nX1\n\n",
         "Fno number of a transaction\nFno number of a transaction\nFunknown command\nFunknown command\n"},
        {"auth", "Lshared/passdb/alice@example.test\talice@example.test\nI0\t0\tshared/userdb/\t*\n",
         "Fno such dict\nFno such dict\n"},
        {"auth", "B1\ta\nC1\n", "F1\tno such dict\n"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.lines);
        Talk talk;
        EXPECT_EQ(talk.wire.say("H4\t0\t0\t\t" + std::string(c.dict) + "\n" + c.lines), c.answers);
        EXPECT_FALSE(talk.wire.exchange.is_closed());
        auto const taken = talk.recorder.take();
        EXPECT_TRUE(taken.usage.empty());
        EXPECT_TRUE(taken.logins.empty());
    }
}

TEST(DictServer, ACommitThatNobodyWaitsForIsKeptAndNotAnswered)
{
    Talk talk;
    EXPECT_EQ(talk.wire.say("H3\t2\t0\t\tquota\nB7\tbob@example.test\nS7\tpriv/quota/storage\t0\n"
                            "S7\tpriv/quota/messages\t0\nD7\n"),
              "");
    EXPECT_EQ(talk.recorder.take().usage.size(), 1U);
}

TEST(DictServer, NamesAreUnescaped)
{
    Talk talk;
    talk.wire.say("H3\t2\t0\t\tquota\nB1\ta\x01tb\nS1\tpriv/quota/storage\t1\nS1\tpriv/quota/messages\t1\nC1\n");
    auto const taken = talk.recorder.take();
    ASSERT_EQ(taken.usage.size(), 1U);
    EXPECT_EQ(taken.usage[0].first, "a\tb");
}

TEST(DictServer, AnotherMajorVersionOrASecondHelloIsABreach)
{
    for (std::string const& hello : {std::string("H2\t0\t0\t\tquota\n"), std::string("H5\t0\t0\t\tquota\n"),
                                     std::string("H\n"), std::string("H4\t0\t0\t\tquota\nH4\t0\t0\t\tquota\n")}) {
        SCOPED_TRACE(hello);
        Talk talk;
        EXPECT_EQ(talk.wire.say(hello), "");
        EXPECT_TRUE(talk.wire.exchange.is_closed());
    }
}

TEST(DictServer, TransactionsAndTheirChangesAreBounded)
{
    Talk talk;
    talk.wire.say("H4\t0\t0\t\tquota\n");
    for (std::size_t i = 0; i <= Dict::most_transactions; ++i) talk.wire.say("B" + std::to_string(i) + "\ta\t0\n");
    EXPECT_EQ(talk.wire.say("C63\nC64\n"), "O63\nF64\tno such transaction\n");
    for (std::size_t i = 0; i <= Dict::most_changes; ++i) talk.wire.say("S1\tpriv/quota/storage\t1\n");
    talk.wire.say("S2\tpriv/quota/storage\t" + std::string(2000, '1') + "\n");
    EXPECT_EQ(talk.wire.say("C1\nC2\n"), "F1\ttoo many changes\nF2\ttoo many changes\n");
}

TEST(DictServer, AnyBytesInAnyPiecesGiveTheSameAnswers)
{
    auto const lines = rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
        "B1\ta\n", "S1\tpriv/quota/storage\t1\n", "S1\tpriv/quota/messages\t2\n", "C1\n", "D1\n", "R1\n", "L\n", "I\n",
        "A1\n", "U1\n", "H4\t0\t0\t\tquota\n", "\x01\xff\n", "B\n", "S\t\t\n", "C"}));
    EXPECT_TRUE(rc::check([&](unsigned seed) {
        std::string input = "H4\t0\t0\t\tquota\n";
        for (auto const& line : *lines) input += line;
        Talk whole;
        Talk pieces;
        RC_ASSERT(whole.wire.say(input) == pieces.wire.say_in_pieces(input, 9, seed));
        RC_ASSERT(whole.wire.exchange.is_closed() == pieces.wire.exchange.is_closed());
        RC_ASSERT(whole.recorder.take().usage.size() == pieces.recorder.take().usage.size());
    }));
}
