// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/auth_client.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"
#include "protocols/dovecot/test_sign_ins.h"
#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;
using namespace std::chrono_literals;

namespace {

std::string const postfix_hello = "VERSION\t1\t0\nCPID\t127\n";
std::string const dovecot_hello = "VERSION\t1\t3\nCPID\t40\n";

struct Talk {
    explicit Talk(AuthPeer peer_in) : clients(peer_in, 28, sign_ins, pending, metrics, [this] { return now; })
    {
        session = clients.sessions()(net::Peer{});
        wire = std::make_unique<TestWire>(*session);
        auto const greeting = session->greeting();
        auto const at = greeting.find("COOKIE\t") + 7;
        cookie = greeting.substr(at, greeting.find('\n', at) - at);
        wire->say(peer_in == AuthPeer::postfix ? postfix_hello : dovecot_hello);
    }
    std::string say(std::string_view bytes) const { return wire->say(bytes); }
    bool is_closed() const { return wire->exchange.is_closed(); }

    Metrics metrics;
    TestSignIns sign_ins;
    PendingLogins pending;
    PendingLogins::Moment now{};
    AuthClients clients;
    std::unique_ptr<net::Session> session;
    std::unique_ptr<TestWire> wire;
    std::string cookie;
};

std::string imap(std::string const& id, std::string const& rest)
{
    return "AUTH\t" + id +
           "\tPLAIN\tprotocol=imap\tfinal-resp-ok\tsecured\tsession=kXaWnbdgkol/AAAB\tlip=127.0.0.1\t"
           "rip=127.0.0.1\tlport=143\trport=35218" +
           rest + "\n";
}
std::string plain(std::string_view login, std::string_view password, std::string_view authzid = {})
{
    std::string message(authzid);
    message.append(1, '\0').append(login).append(1, '\0').append(password);
    return to_base64(message);
}

}  // namespace

TEST(AuthClients, AreGreetedWithMechanismsBeforeTheServersNumber)
{
    Metrics metrics;
    TestSignIns sign_ins;
    PendingLogins pending;
    AuthClients clients(AuthPeer::dovecot, 28, sign_ins, pending, metrics);
    auto const sessions = clients.sessions();
    std::set<std::string> cookies;
    for (int i = 1; i <= 3; ++i) {
        auto const greeting = sessions(net::Peer{})->greeting();
        auto const before = "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t28\nCUID\t" +
                            std::to_string(i) + "\nCOOKIE\t";
        ASSERT_TRUE(greeting.starts_with(before)) << greeting;
        auto const cookie = greeting.substr(before.size(), 32);
        EXPECT_EQ(cookie.find_first_not_of("0123456789abcdef"), std::string::npos);
        EXPECT_EQ(greeting.substr(before.size() + 32), "\nDONE\n");
        cookies.insert(cookie);
    }
    EXPECT_EQ(cookies.size(), 3U);
}

TEST(AuthClients, PostfixIsAnsweredAsItsTranscriptsSay)
{
    std::string const common = "\tservice=smtp\tnologin\tlip=127.0.0.1\trip=127.0.0.1\tsecured";
    struct {
        std::string line;
        char const* answer;
    } const steps[] = {
        // From conversations of Postfix 3.7 and 3.10.
        {"AUTH\t1\tPLAIN" + common + "\tresp=AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=", "OK\t1\tuser=alice@example.test\n"},
        {"AUTH\t2\tPLAIN" + common, "CONT\t2\t\n"},
        {"CONT\t2\tAGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=", "OK\t2\tuser=alice@example.test\n"},
        {"AUTH\t3\tLOGIN" + common, "CONT\t3\tVXNlcm5hbWU6\n"},
        {"CONT\t3\tYWxpY2VAZXhhbXBsZS50ZXN0", "CONT\t3\tUGFzc3dvcmQ6\n"},
        {"CONT\t3\tc2VjcmV0", "OK\t3\tuser=alice@example.test\n"},
        {"AUTH\t4\tLOGIN" + common + "\tresp=YWxpY2VAZXhhbXBsZS50ZXN0", "CONT\t4\tUGFzc3dvcmQ6\n"},
        {"CONT\t4\tc2VjcmV0", "OK\t4\tuser=alice@example.test\n"},
        {"AUTH\t5\tPLAIN" + common + "\tresp=AGFsaWNlQGV4YW1wbGUudGVzdABiYWQ=", "FAIL\t5\tuser=alice@example.test\n"},
        {"AUTH\t7\tPLAIN" + common + "\tresp=AGRpc2FibGVkQGV4YW1wbGUudGVzdABiYWQ=",
         "FAIL\t7\tuser=disabled@example.test\tcode=user_disabled\treason=Account disabled\n"},
        {"AUTH\t11\tPLAIN" + common, "CONT\t11\t\n"},  // given up without a word
        {"AUTH\t12\tPLAIN" + common + "\tresp==", "FAIL\t12\treason=the response is not that of PLAIN\n"},
        {"AUTH\t13\tSCRAM-SHA-256" + common + "\tresp=biwsbj1hbGljZUBleGFtcGxlLnRlc3Qscj1LQU1TNTk0cWg1S1hWY3lr",
         "FAIL\t13\treason=the mechanism SCRAM-SHA-256 is not offered\n"},
        {"AUTH\t14\tLOGIN" + common + "\tresp==", "CONT\t14\tVXNlcm5hbWU6\n"},
    };
    Talk talk(AuthPeer::postfix);
    for (auto const& step : steps) {
        SCOPED_TRACE(step.line);
        EXPECT_EQ(talk.say(step.line + "\n"), step.answer);
    }
    EXPECT_FALSE(talk.is_closed());
    EXPECT_EQ(talk.sign_ins.seen[0].service, mail::Service::submission);
    EXPECT_EQ(talk.sign_ins.seen[0].from, "127.0.0.1");
    EXPECT_EQ(talk.pending.size(), 0U);  // nologin: no REQUEST follows
}

TEST(AuthClients, DovecotIsAnsweredAsItsTranscriptsSay)
{
    struct {
        std::string line;
        char const* answer;
    } const steps[] = {
        {imap("1", "\tresp=AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ="), "OK\t1\tuser=alice@example.test\n"},
        {imap("2", "\tresp=AGFsaWNlQGV4YW1wbGUudGVzdAB3cm9uZw=="), "FAIL\t2\tuser=alice@example.test\n"},
        {imap("3", "\tresp=AHRlbXBAZXhhbXBsZS50ZXN0AHg="), "FAIL\t3\tuser=temp@example.test\tcode=temp_fail\n"},
        {imap("4", "\tresp=AGRpc2FibGVkQGV4YW1wbGUudGVzdAB4"),
         "FAIL\t4\tuser=disabled@example.test\tcode=user_disabled\treason=Account disabled\n"},
        {imap("5", "\tresp=" + plain("bob@example.test", "hunter2", "alice@example.test")),
         "FAIL\t5\tuser=alice@example.test\tcode=authz_fail\treason=Not as them\n"},
        {imap("6", "\tresp=" + plain("carol@example.test", "x")),
         "FAIL\t6\tuser=carol@example.test\treason=Not this service\n"},
        {imap("7", "\tresp=" + plain("Alice+x@Example.TEST", "secret")), "OK\t7\tuser=alice@example.test\n"},
        {imap("8", "\tresp=" + plain("a\tb\n@example.test", "x")), "FAIL\t8\tuser=a\x01tb\x01n@example.test\n"},
        {imap("9", "\tresp=" + plain("\xff\xfe", "x")), "FAIL\t9\n"},
        {imap("10", "\tresp=" + plain("throws@example.test", "x")),
         "FAIL\t10\tuser=throws@example.test\tcode=temp_fail\n"},
        {imap("11", "\tresp=not base64"), "FAIL\t11\treason=the response is not base64\n"},
        {"AUTH\t12\tPLAIN\tservice=doveadm\tresp=AGEAYg==\n", "FAIL\t12\treason=no sign-in for the service doveadm\n"},
        {"AUTH\t13\tPLAIN\tresp=AGEAYg==\n", "FAIL\t13\treason=no sign-in for the service \n"},
        {"CONT\t99\tAGEAYg==\n", "FAIL\t99\tcode=temp_fail\treason=Authentication request timed out\n"},
        {"SOMETHING\tnew\n", ""},
    };
    Talk talk(AuthPeer::dovecot);
    for (auto const& step : steps) {
        SCOPED_TRACE(step.line);
        EXPECT_EQ(talk.say(step.line), step.answer);
    }
    EXPECT_FALSE(talk.is_closed());
    for (auto const& asked : talk.wire->exchange.asked) EXPECT_EQ(asked.deadline, AuthClient::deadline);
}

TEST(AuthClients, PostfixIsClosedWhereNothingCanBeTold)
{
    Talk talk(AuthPeer::postfix);
    EXPECT_EQ(talk.say("AUTH\t6\tPLAIN\tservice=smtp\tnologin\tresp=AHRlbXBAZXhhbXBsZS50ZXN0AGJhZA==\n"), "");
    EXPECT_TRUE(talk.is_closed());
    EXPECT_EQ(talk.wire->exchange.asked.at(0).if_late, std::nullopt);

    Talk late(AuthPeer::postfix);
    late.say("CONT\t1\tAGEAYg==\n");
    EXPECT_TRUE(late.is_closed());
}

TEST(AuthClients, AnAnswerThatIsLateIsATemporaryFailureForDovecot)
{
    Talk talk(AuthPeer::dovecot);
    talk.sign_ins.holds = true;
    talk.say(imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    EXPECT_EQ(talk.wire->exchange.asked.at(0).if_late, "FAIL\t1\tuser=alice@example.test\tcode=temp_fail\n");
}

TEST(AuthClients, AnAcceptedLoginWaitsForItsRequest)
{
    Talk talk(AuthPeer::dovecot);
    talk.say(imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    talk.say("AUTH\t2\tLOGIN\tservice=pop3\tresp=" + to_base64("bob@example.test") + "\n");
    talk.say("CONT\t2\t" + to_base64("hunter2") + "\n");
    talk.say(imap("3", "\tresp=" + plain("alice@example.test", "wrong")));
    EXPECT_EQ(talk.pending.size(), 2U);
    auto const first = talk.pending.take({talk.cookie, 40, 1}, talk.now);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->name, "alice@example.test");
    EXPECT_EQ(first->service, mail::Service::imap);
    EXPECT_EQ(first->mechanism, "PLAIN");
    EXPECT_EQ(first->stamp, 7U);
    auto const second = talk.pending.take({talk.cookie, 40, 2}, talk.now);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->service, mail::Service::pop3);
    EXPECT_EQ(second->mechanism, "LOGIN");
}

TEST(AuthClients, NobodyIsToldOkWhoseRequestCouldNotBeAnswered)
{
    Talk talk(AuthPeer::dovecot);
    for (std::uint32_t i = 0; i < PendingLogins::most_pending; ++i) talk.pending.add({"c", 1, i}, {}, talk.now);
    EXPECT_EQ(talk.say(imap("1", "\tresp=" + plain("alice@example.test", "secret"))),
              "FAIL\t1\tuser=alice@example.test\tcode=temp_fail\n");
}

TEST(AuthClients, SeveralMayBeOpenAndAreAnsweredAsTheyEnd)
{
    Talk talk(AuthPeer::dovecot);
    EXPECT_EQ(talk.say(imap("1", "") + imap("2", "") + imap("3", "")), "CONT\t1\t\nCONT\t2\t\nCONT\t3\t\n");
    talk.sign_ins.holds = true;
    EXPECT_EQ(talk.say("CONT\t3\t" + plain("alice@example.test", "secret") + "\n"), "");
    EXPECT_EQ(talk.say("CONT\t1\t" + plain("bob@example.test", "hunter2") + "\nCANCEL\t2\n"), "");
    EXPECT_EQ(talk.say("CONT\t2\tAGEAYg==\n"), "FAIL\t2\tcode=temp_fail\treason=Authentication request timed out\n");
    std::swap(talk.sign_ins.held[0], talk.sign_ins.held[1]);
    talk.sign_ins.release();
    EXPECT_EQ(talk.wire->exchange.out(), "OK\t1\tuser=bob@example.test\nOK\t3\tuser=alice@example.test\n");
}

TEST(AuthClients, WhatIsCancelledWhileItIsCheckedIsNotAnswered)
{
    Talk talk(AuthPeer::dovecot);
    talk.sign_ins.holds = true;
    talk.say(imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    EXPECT_EQ(talk.say("CANCEL\t1\nCANCEL\t77\nCANCEL\tx\n"), "");
    talk.sign_ins.release();
    EXPECT_EQ(talk.wire->exchange.out(), "");
    EXPECT_FALSE(talk.is_closed());
    EXPECT_EQ(talk.wire->exchange.unanswered(), 0U);
    EXPECT_EQ(talk.pending.size(), 0U);
}

TEST(AuthClients, AForgottenVerificationEndsTheConversation)
{
    Talk talk(AuthPeer::dovecot);
    talk.sign_ins.holds = true;
    talk.say(imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    talk.sign_ins.held.clear();
    EXPECT_TRUE(talk.is_closed());
}

TEST(AuthClients, TheOutcomeMayComeFromAnotherThreadAfterTheConversation)
{
    Talk talk(AuthPeer::dovecot);
    talk.sign_ins.holds = true;
    for (int i = 1; i <= 20; ++i) talk.say(imap(std::to_string(i), "\tresp=" + plain("alice@example.test", "secret")));
    std::thread pool([&] { talk.sign_ins.release(); });
    for (int i = 21; i <= 40; ++i) talk.say(imap(std::to_string(i), ""));
    talk.session.reset();
    pool.join();
    EXPECT_EQ(talk.pending.size(), 20U);
}

TEST(AuthClients, ABreachEndsTheConversation)
{
    for (std::string const& bytes :
         {std::string("VERSION\t2\t0\n"), std::string("VERSION\n"), std::string("CPID\tx\n"), std::string("AUTH\t1\n"),
          std::string("AUTH\tx\tPLAIN\tservice=imap\n"), imap("1", "") + imap("1", ""), std::string("CONT\t\tx\n"),
          "AUTH\t1\tPLAIN\tservice=imap\tresp=" + std::string(AuthClient::longest_line, 'A') + "\n"}) {
        SCOPED_TRACE(escaped(bytes));
        Talk talk(AuthPeer::dovecot);
        talk.say(bytes);
        EXPECT_TRUE(talk.is_closed());
    }
    Talk busy(AuthPeer::dovecot);
    busy.sign_ins.holds = true;
    busy.say(imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    EXPECT_FALSE(busy.is_closed());
    busy.say(imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    EXPECT_TRUE(busy.is_closed());
}

TEST(AuthClients, NobodySignsInBeforeTheClientHasSaidWhoItIs)
{
    Metrics metrics;
    TestSignIns sign_ins;
    PendingLogins pending;
    AuthClients clients(AuthPeer::dovecot, 28, sign_ins, pending, metrics);
    auto const session = clients.sessions()(net::Peer{});
    TestWire wire(*session);
    wire.say("VERSION\t1\t2\n" + imap("1", "\tresp=" + plain("alice@example.test", "secret")));
    EXPECT_TRUE(wire.exchange.is_closed());
    EXPECT_TRUE(sign_ins.seen.empty());
}

TEST(AuthClients, WhatIsOpenIsBoundedInNumberAndTime)
{
    Talk talk(AuthPeer::dovecot);
    for (std::size_t i = 0; i < AuthClient::most_open; ++i) talk.say(imap(std::to_string(i), ""));
    EXPECT_EQ(talk.say(imap("5000", "")), "FAIL\t5000\tcode=temp_fail\treason=too many sign-ins at once\n");
    talk.now += 149s;
    EXPECT_EQ(talk.say("CONT\t5\t" + plain("alice@example.test", "secret") + "\n"), "OK\t5\tuser=alice@example.test\n");
    talk.now += 1s;
    EXPECT_EQ(talk.say("CONT\t6\t" + plain("alice@example.test", "secret") + "\n"),
              "FAIL\t6\tcode=temp_fail\treason=Authentication request timed out\n");
    EXPECT_EQ(talk.say(imap("5001", "")), "CONT\t5001\t\n");
}

TEST(AuthClients, ANameNoAddressCanHaveIsCutAndNotKept)
{
    Talk talk(AuthPeer::dovecot);
    talk.say("AUTH\t1\tLOGIN\tservice=imap\tresp=" + to_base64(std::string(9000, 'a')) + "\n");
    EXPECT_EQ(talk.say("CONT\t1\t" + to_base64("x") + "\n"), "FAIL\t1\n");
    EXPECT_EQ(talk.sign_ins.seen.at(0).login.size(), AuthClient::longest_name + 1);
}

TEST(AuthClients, AnyBytesInAnyPiecesGiveTheSameAnswers)
{
    auto const lines = rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
        imap("1", ""), imap("2", "\tresp=AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ="), imap("3", "\tresp=\x01\xff"),
        "AUTH\t4\tLOGIN\tservice=sieve\n", "CONT\t4\tYQ==\n", "CONT\t1\tAGEAYg==\n", "CONT\t1\n", "CANCEL\t1\n",
        "CANCEL\t4\n", "VERSION\t1\t9\n", "\n", "\t\t\n", "AUTH", "\xff\n"}));
    EXPECT_TRUE(rc::check([&](unsigned seed, bool is_postfix) {
        std::string input;
        for (auto const& line : *lines) input += line;
        Talk whole(is_postfix ? AuthPeer::postfix : AuthPeer::dovecot);
        Talk pieces(is_postfix ? AuthPeer::postfix : AuthPeer::dovecot);
        RC_ASSERT(whole.say(input) == pieces.wire->say_in_pieces(input, 30, seed));
        RC_ASSERT(whole.is_closed() == pieces.is_closed());
        RC_ASSERT(whole.pending.size() == pieces.pending.size());
    }));
}
