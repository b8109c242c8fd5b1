// SPDX-License-Identifier: Apache-2.0
#include "protocols/saslauthd/saslauthd.h"

#include <gtest/gtest.h>

#include "protocols/dovecot/test_sign_ins.h"
#include "protocols/saslauthd/request.h"
#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;
using namespace std::string_literals;

namespace {

auto const ok = "\0\2OK"s;
auto const no = "\0\2NO"s;
auto const cannot_tell = "\0\0"s;

struct Talk {
    TestSignIns sign_ins;
    Metrics metrics;
    SaslauthdCounters counters{metrics};
    Saslauthd session{sign_ins, counters};
    TestWire wire{session};

    std::string ask(std::string_view login, std::string_view password, std::string_view service = "imap",
                    std::string_view realm = "example.test")
    {
        std::string bytes;
        for (auto const field : {login, password, service, realm}) bytes += saslauthd_answer(field);
        return wire.say(bytes);
    }
};

std::string answer(std::string_view login, std::string_view password, std::string_view service = "imap",
                   std::string_view realm = "example.test")
{
    Talk talk;
    return talk.ask(login, password, service, realm);
}

}  // namespace

TEST(Saslauthd, LetsInByTheRightPassword)
{
    EXPECT_EQ(answer("alice", "secret"), ok);
    EXPECT_EQ(answer("alice@example.test", "secret", "smtp", ""), ok);
}

TEST(Saslauthd, RefusesAWrongPasswordAndWhoeverIsNotThere)
{
    EXPECT_EQ(answer("alice", "wrong"), no);
    EXPECT_EQ(answer("nobody", "secret"), no);
    EXPECT_EQ(answer("alice", "secret", "imap", "elsewhere.test"), no);
}

TEST(Saslauthd, TellsTheRightPasswordWhyItIsRefused)
{
    EXPECT_EQ(answer("disabled", "secret"), saslauthd_answer("NO Account disabled"));
    EXPECT_EQ(answer("carol", "secret"), saslauthd_answer("NO Not this service"));
}

TEST(Saslauthd, AnswersNothingWhereItCannotTell)
{
    EXPECT_EQ(answer("temp", "secret"), cannot_tell);
    EXPECT_EQ(answer("throws", "secret"), cannot_tell);
}

TEST(Saslauthd, AsksForTheServiceThatTheServerNames)
{
    Talk talk;
    talk.ask("alice", "secret", "HTTP");
    ASSERT_EQ(talk.sign_ins.seen.size(), 1U);
    EXPECT_EQ(talk.sign_ins.seen[0].service, mail::Service::web);
    EXPECT_EQ(talk.sign_ins.seen[0].from, "");
}

TEST(Saslauthd, RefusesWithoutAskingWhatNobodyCanSignInBy)
{
    for (auto const& [login, password, service] :
         {std::tuple("", "secret", "imap"), std::tuple("alice", "", "imap"), std::tuple("alice", "secret", "lmtp")}) {
        Talk talk;
        EXPECT_TRUE(talk.ask(login, password, service).substr(2).starts_with("NO ")) << login << service;
        EXPECT_TRUE(talk.sign_ins.seen.empty());
    }
}

TEST(Saslauthd, AnswersOneRequestAConnection)
{
    Talk talk;
    EXPECT_EQ(talk.ask("alice", "secret"), ok);
    std::string more;
    Saslauthd session(talk.sign_ins, talk.counters);
    TestWire wire(session);
    for (auto const field : {"alice", "secret", "imap", "example.test"}) more += saslauthd_answer(field);
    EXPECT_EQ(wire.say(more + more), ok);
    EXPECT_EQ(wire.say(more), "");
    EXPECT_EQ(talk.sign_ins.seen.size(), 2U);
}

TEST(Saslauthd, WaitsForTheRestOfARequest)
{
    Talk talk;
    std::string bytes;
    for (auto const field : {"alice", "secret", "imap", "example.test"}) bytes += saslauthd_answer(field);
    for (std::size_t at = 0; at + 1 < bytes.size(); ++at) EXPECT_EQ(talk.wire.say(bytes.substr(at, 1)), "") << at;
    EXPECT_EQ(talk.wire.say(bytes.substr(bytes.size() - 1)), ok);
}

TEST(Saslauthd, RefusesARequestThatIsTooLongAndCountsIt)
{
    Talk talk;
    EXPECT_TRUE(talk.wire.say("\xff\xff").substr(2).starts_with("NO "));
    EXPECT_EQ(talk.wire.say(std::string(0xffff, 'x')), "");
    EXPECT_EQ(talk.wire.held(), 0U);
    EXPECT_EQ(talk.counters.too_long.value(), 1U);
}

TEST(Saslauthd, AnswersInPlaceWhatIsKnownAtOnce)
{
    Talk talk;
    EXPECT_EQ(talk.ask("alice", "secret"), ok);
    EXPECT_TRUE(talk.wire.exchange.asked.empty());
}

TEST(Saslauthd, IsNeverSilentForLongerThanItsDeadline)
{
    Talk talk;
    talk.sign_ins.holds = true;
    EXPECT_EQ(talk.ask("alice", "secret"), "");
    ASSERT_EQ(talk.wire.exchange.asked.size(), 1U);
    EXPECT_EQ(talk.wire.exchange.asked[0].deadline, Saslauthd::deadline);
    EXPECT_EQ(talk.wire.exchange.asked[0].if_late, cannot_tell);
    talk.sign_ins.release();
    EXPECT_EQ(talk.wire.exchange.out(), ok);
}

TEST(Saslauthd, EscapesWhatItRepeats)
{
    auto const said = answer("alice", "secret", "im\nap");
    EXPECT_EQ(said.find('\n'), std::string::npos);
    EXPECT_NE(said.find("im\\x0aap"), std::string::npos);
}
