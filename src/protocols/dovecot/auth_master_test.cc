// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/auth_master.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"
#include "protocols/dovecot/test_sign_ins.h"
#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::protocols;
using namespace std::chrono_literals;
using directory::Found;

namespace {

struct Site final : Users {
    Found user(std::string_view name, Purpose purpose, directory::UserFields& fields, std::string& reason) override
    {
        asked.emplace_back(name, purpose);
        if (name == "throws@example.test") throw std::runtime_error("no copy");
        if (name == "temp@example.test") reason = "backend down";
        if (name == "temp@example.test" || name == "silent@example.test") return Found::cannot_tell;
        if (name != "alice@example.test" && name != "Alice@Example.TEST") return Found::not_found;
        fields = {.name = "alice@example.test",
                  .mailbox_id = "1",
                  .home = "/var/vmail/alice@example.test",
                  .uid = 5000,
                  .gid = 5000,
                  .quota_bytes = 10'485'760,
                  .quota_messages = -1,
                  .stamp = 7};
        return Found::found;
    }
    std::optional<std::vector<std::string>> users(std::string_view after, std::size_t most) override
    {
        if (fails_after && after >= *fails_after) return std::nullopt;
        if (throws) throw std::runtime_error("no copy");
        std::vector<std::string> found;
        for (auto const& name : names)
            if (name > after && found.size() < most) found.push_back(name);
        return found;
    }
    std::vector<std::string> names{"alice@example.test", "bob@example.test", "erin@other.test", "frank@other.test"};
    std::vector<std::pair<std::string, Purpose>> asked;
    std::optional<std::string> fails_after;
    bool throws = false;
};

PendingLogins::Key const key{"957ac246e57fc02168dafa1061eb7438", 40, 1};
std::string const request =
    "REQUEST\t2555248641\t40\t1\t957ac246e57fc02168dafa1061eb7438\tsession_pid=42\t"
    "request_auth_token\n";
std::string const alice =
    "\talice@example.test\tuid=5000\tgid=5000\thome=/var/vmail/alice@example.test"
    "\tquota_rule=*:storage=10485760B:messages=0\tquota_storage_size=10485760B"
    "\tquota_message_count=0";

struct Talk {
    explicit Talk(MasterSocket socket = MasterSocket::master)
        : masters(28, site, sign_ins, pending, metrics, [this] { return now; }),
          session(masters.sessions(socket)(net::Peer{})),
          wire(*session)
    {
        pending.add(key, {"alice@example.test", mail::Service::imap, "PLAIN", 7}, now);
        wire.say("VERSION\t1\t3\n");
    }
    std::string say(std::string_view bytes) { return wire.say(bytes); }

    Metrics metrics;
    Site site;
    TestSignIns sign_ins;
    PendingLogins pending;
    PendingLogins::Moment now{};
    AuthMasters masters;
    std::unique_ptr<net::Session> session;
    TestWire wire;
};

}  // namespace

TEST(AuthMasters, AreGreetedWithTheSameServerNumberAsClients)
{
    EXPECT_EQ(Talk().session->greeting(), "VERSION\t1\t2\nSPID\t28\n");
}

TEST(AuthMasters, UserLookupsAreAnsweredAsTheTranscriptsSay)
{
    using Purpose = Users::Purpose;
    std::string const from = "\tlip=127.0.0.1\tlport=24\trip=127.0.0.1\trport=35966\n";
    struct {
        std::string line;
        std::string answer;
        Purpose purpose;
    } const cases[] = {
        {"USER\t1\talice@example.test\tservice=lmtp" + from, "USER\t1" + alice + "\n", Purpose::delivery},
        {"USER\t1\talice@example.test\tprotocol=lmtp" + from, "USER\t1" + alice + "\n", Purpose::delivery},
        {"USER\t1\tAlice@Example.TEST\tprotocol=lda" + from, "USER\t1" + alice + "\n", Purpose::delivery},
        {"USER\t1\talice@example.test\tservice=doveadm\n", "USER\t1" + alice + "\n", Purpose::administration},
        {"USER\t1\talice@example.test\n", "USER\t1" + alice + "\n", Purpose::administration},
        {"USER\t2\tnobody@example.test\tservice=lmtp" + from, "NOTFOUND\t2\n", Purpose::delivery},
        {"USER\t3\ttemp@example.test\tservice=lmtp" + from, "FAIL\t3\treason=backend down\n", Purpose::delivery},
        {"USER\t4\tsilent@example.test\tservice=lmtp\n", "FAIL\t4\treason=the directory cannot tell\n",
         Purpose::delivery},
        {"USER\t5\tthrows@example.test\tservice=lmtp\n", "FAIL\t5\treason=no copy\n", Purpose::delivery},
        {"USER\t6\n", "NOTFOUND\t6\n", Purpose::administration},
        {"PASS\t7\tAlice@Example.TEST\tservice=doveadm\n", "PASS\t7\tuser=alice@example.test\n",
         Purpose::administration},
        {"PASS\t8\tnobody@example.test\tservice=doveadm\n", "NOTFOUND\t8\n", Purpose::administration},
        {"PASS\t9\ttemp@example.test\tservice=lmtp\n", "FAIL\t9\treason=backend down\n", Purpose::delivery},
        {"USER\t10\ta\x01tb\tservice=lmtp\n", "NOTFOUND\t10\n", Purpose::delivery},
    };
    Talk talk;
    for (auto const& c : cases) {
        SCOPED_TRACE(c.line);
        EXPECT_EQ(talk.say(c.line), c.answer);
        EXPECT_EQ(talk.site.asked.back().second, c.purpose);
    }
    EXPECT_EQ(talk.site.asked.back().first, "a\tb");
    EXPECT_EQ(talk.say("CACHE-FLUSH\t11\nCACHE-FLUSH\t12\talice@example.test\n"), "OK\t11\t0\nOK\t12\t0\n");
    EXPECT_EQ(talk.say("SOMETHING\tnew\n\n"), "");
    EXPECT_FALSE(talk.wire.exchange.is_closed());
}

TEST(AuthMasters, QuotasAreToldToBothVersionsAndZeroIsNotUnlimited)
{
    struct {
        std::int64_t bytes;
        std::int64_t messages;
        char const* told;
    } const cases[] = {
        {-1, -1, "\tquota_rule=*:storage=0B:messages=0\tquota_storage_size=0B\tquota_message_count=0"},
        {10, 5, "\tquota_rule=*:storage=10B:messages=5\tquota_storage_size=10B\tquota_message_count=5"},
        {-1, 5, "\tquota_rule=*:storage=0B:messages=5\tquota_storage_size=0B\tquota_message_count=5"},
        {0, -1, "\tquota_rule=*:storage=1B:messages=0\tquota_storage_size=1B\tquota_message_count=0"},
        {10, 0, "\tquota_rule=*:storage=1B:messages=1\tquota_storage_size=1B\tquota_message_count=1"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.told);
        std::string line;
        append_user_fields(line, {.name = "a",
                                  .mailbox_id = "1",
                                  .home = "/v\t/a",
                                  .uid = 1,
                                  .gid = 2,
                                  .quota_bytes = c.bytes,
                                  .quota_messages = c.messages,
                                  .stamp = 0});
        EXPECT_EQ(line, std::string("\tuid=1\tgid=2\thome=/v\x01t/a") + c.told);
    }
}

TEST(AuthMasters, TheListIsStreamedInPagesAndMasked)
{
    Talk talk;
    EXPECT_EQ(talk.say("LIST\t1\tuser=*\tservice=doveadm\n"),
              "LIST\t1\talice@example.test\nLIST\t1\tbob@example.test\nLIST\t1\terin@other.test\n"
              "LIST\t1\tfrank@other.test\nDONE\t1\t\n");
    EXPECT_EQ(talk.say("LIST\t2\tuser=*@OTHER.test\tprotocol=doveadm\n"),
              "LIST\t2\terin@other.test\nLIST\t2\tfrank@other.test\nDONE\t2\t\n");
    EXPECT_EQ(talk.say("LIST\t3\tuser=nobody\n"), "DONE\t3\t\n");
    talk.site.names.clear();
    EXPECT_EQ(talk.say("LIST\t4\n"), "DONE\t4\t\n");

    for (std::size_t i = 0; i < 2 * AuthMaster::page + 1; ++i) talk.site.names.push_back(std::to_string(10'000 + i));
    talk.wire.exchange.pieces.clear();
    auto const all = talk.say("LIST\t5\tuser=*\n");
    EXPECT_EQ(talk.wire.exchange.pieces.size(), 4U);
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), static_cast<std::ptrdiff_t>(2 * AuthMaster::page + 2));
}

TEST(AuthMasters, AListThatCannotBeFinishedSaysSo)
{
    Talk talk;
    talk.site.names.clear();
    for (std::size_t i = 0; i < AuthMaster::page; ++i) talk.site.names.push_back(std::to_string(10'000 + i));
    talk.site.fails_after = "10001";
    EXPECT_TRUE(talk.say("LIST\t1\tuser=*\n").ends_with("\nDONE\t1\tfail\n"));
    talk.site.fails_after.reset();
    talk.site.throws = true;
    EXPECT_EQ(talk.say("LIST\t2\tuser=*\n"), "DONE\t2\tfail\n");
}

TEST(AuthMasters, ARequestTellsTheUserOnce)
{
    Talk talk;
    EXPECT_EQ(talk.say(request), "USER\t2555248641" + alice + "\tauth_mech=PLAIN\n");
    EXPECT_EQ(talk.say(request), "FAIL\t2555248641\treason=no such sign-in, or it was too long ago\n");
}

TEST(AuthMasters, ARequestIsJudgedAnew)
{
    struct {
        void (*change)(Talk&);
        char const* reason;
    } const cases[] = {
        {[](Talk& talk) { talk.sign_ins.now_off = true; }, "This account is disabled"},
        {[](Talk& talk) { talk.sign_ins.now_unsure = true; }, "the local copy is too old"},
        {[](Talk& talk) { talk.sign_ins.stamp = 8; }, "the account was changed meanwhile, please try again"},
        {[](Talk& talk) { talk.now += 150s; }, "no such sign-in, or it was too long ago"},
        {[](Talk& talk) {
             talk.pending.add(key, {"throws@example.test", mail::Service::imap, "PLAIN", 7}, talk.now);
         },
         "no copy"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.reason);
        Talk talk;
        c.change(talk);
        EXPECT_EQ(talk.say(request), "FAIL\t2555248641\treason=" + std::string(c.reason) + "\n");
        EXPECT_EQ(talk.pending.size(), 0U);
    }
}

TEST(AuthMasters, ARequestIsForTheMasterSocketAlone)
{
    Talk talk(MasterSocket::userdb);
    EXPECT_EQ(talk.say(request), "FAIL\t2555248641\treason=REQUEST is answered on the master socket alone\n");
    EXPECT_EQ(talk.pending.size(), 1U);
    EXPECT_EQ(talk.say("USER\t1\talice@example.test\tservice=lmtp\n"), "USER\t1" + alice + "\n");
}

TEST(AuthMasters, ABreachEndsTheConversation)
{
    for (std::string const& line : {std::string("VERSION\t2\t0\n"), std::string("USER\tx\ta\n"), std::string("LIST\n"),
                                    "USER\t1\t" + std::string(AuthMaster::longest_line, 'a') + "\n"}) {
        SCOPED_TRACE(line.substr(0, 20));
        Talk talk;
        EXPECT_EQ(talk.say(line), "");
        EXPECT_TRUE(talk.wire.exchange.is_closed());
    }
    Talk talk;
    EXPECT_EQ(talk.say("REQUEST\t1\tx\ty\tz\n"),
              "FAIL\t1\treason=REQUEST needs the numbers of a client and of its AUTH\n");
}

TEST(AuthMasters, AnyBytesInAnyPiecesGiveTheSameAnswers)
{
    auto const lines = rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
        request, "USER\t1\talice@example.test\tservice=lmtp\n", "PASS\t1\t\xff\xfe\n", "LIST\t1\tuser=*\n", "LIST\t1\n",
        "CACHE-FLUSH\t1\n", "VERSION\t1\n", "\n", "\t\n", "USER\t1\n", "REQUEST\t1\n", "USER", "\x01\n"}));
    EXPECT_TRUE(rc::check([&](unsigned seed) {
        std::string input;
        for (auto const& line : *lines) input += line;
        Talk whole;
        Talk pieces;
        RC_ASSERT(whole.say(input) == pieces.wire.say_in_pieces(input, 20, seed));
        RC_ASSERT(whole.wire.exchange.is_closed() == pieces.wire.exchange.is_closed());
    }));
}
