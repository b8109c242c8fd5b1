// SPDX-License-Identifier: Apache-2.0
#include "targets/dovecot.h"

#include <deque>

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::targets;

namespace {

// Answers from a list, and keeps what it was asked.
struct Script {
    std::deque<std::string> answers;
    std::vector<std::string> asked;
    std::vector<std::string> removed = {};

    Dovecot dovecot(std::chrono::milliseconds patience = std::chrono::seconds(10))
    {
        return Dovecot(
            Doveadm({.url = "http://x/", .api_key = Secret("k")},
                    [this](net::HttpCall const& call) -> Result<net::HttpResponse> {
                        asked.push_back(call.body);
                        if (answers.empty()) return fail(Fault::unavailable, "x: connection refused");
                        auto body = answers.front();
                        answers.pop_front();
                        return net::HttpResponse{200, "application/json", body};
                    }),
            [this](MailboxId const& mailbox) -> Result<void> {
                removed.push_back(mailbox.text());
                return {};
            },
            patience);
    }
};

char const* const three = R"([["doveadmResponse",[
    {"username":"a@x","service":"imap","pid":"46","ip":"127.0.0.1"},
    {"username":"b@x","service":"imap","pid":"47","ip":"127.0.0.1"},
    {"username":"a@x","service":"lmtp","pid":"48","ip":""},
    {"username":"a@x","service":"pop3","pid":"49","ip":"::1"}],"provost"]])";

}  // namespace

TEST(Dovecot, AHomeIsByIdAndStaysWhatItWas)
{
    auto dovecot = Script{}.dovecot();
    mail::Mailbox mailbox;
    mailbox.id = MailboxId("0193f5a2-7c1e-7b3a-9f00-0123456789ab");
    mailbox.name = "jane@example.org";
    auto store = *dovecot.ensure(mailbox);
    EXPECT_EQ(store,
              (mail::Store{"dovecot", "ab/0193f5a2-7c1e-7b3a-9f00-0123456789ab", "", mail::StoreState::ready, ""}));
    mailbox.store.name = "kept/elsewhere";
    EXPECT_EQ(dovecot.ensure(mailbox)->name, "kept/elsewhere");
}

TEST(Dovecot, OnlyAHomeThatIsWhereItsIdSaysIsRemoved)
{
    Script script;
    auto dovecot = script.dovecot();
    mail::Mailbox mailbox;
    mailbox.id = MailboxId("0193f5a2-7c1e-7b3a-9f00-0123456789ab");
    mailbox.store = *dovecot.ensure(mailbox);
    EXPECT_TRUE(dovecot.retire(mailbox));
    EXPECT_EQ(script.removed, std::vector<std::string>{mailbox.id.text()});
    mailbox.store.name = "kept/elsewhere";
    EXPECT_EQ(dovecot.retire(mailbox).error().message,
              "store: 'kept/elsewhere' is not ab/0193f5a2-7c1e-7b3a-9f00-0123456789ab, which alone is removed");
    EXPECT_EQ(script.removed.size(), 1U);
}

TEST(Dovecot, HowFullAMailboxIsIsAtLeastWhatItsRoundedNumbersSay)
{
    struct {
        char const* answer;
        std::int64_t bytes;
        std::int64_t messages;
    } const cases[] = {
        {R"([["doveadmResponse",[{"root":"User quota","type":"STORAGE","value":"3","limit":"100","percent":"3"},
             {"root":"User quota","type":"MESSAGE","value":"2","limit":"-","percent":"0"}],"provost"]])",
         2049, 2},
        {R"([["doveadmResponse",[{"type":"STORAGE","value":"0"},{"type":"MESSAGE","value":"0"}],"provost"]])", 0, 0},
    };
    for (auto const& c : cases) {
        Script script{{c.answer}, {}};
        auto const used = script.dovecot().usage("a@x");
        ASSERT_TRUE(used) << used.error().message;
        EXPECT_EQ(used->bytes, c.bytes);
        EXPECT_EQ(used->messages, c.messages);
        EXPECT_EQ(script.asked.at(0), quota_request("a@x"));
    }
    for (auto const* answer :
         {R"([["doveadmResponse",[],"provost"]])",
          R"([["doveadmResponse",[{"type":"STORAGE","value":"error"},{"type":"MESSAGE","value":"2"}],"provost"]])",
          R"([["error",{"type":"exitCode","exitCode":67},"provost"]])"}) {
        Script script{{answer}, {}};
        EXPECT_FALSE(script.dovecot().usage("a@x")) << answer;
    }
}

TEST(Dovecot, SessionsAreThoseOfExactlyTheseNamesAndOfPeople)
{
    Script script{{three, three, three}, {}};
    auto dovecot = script.dovecot();
    auto const open = *dovecot.sessions({"a@x", "gone@x"});
    ASSERT_EQ(open.size(), 2u);
    EXPECT_EQ(open[0].service + open[0].id + open[0].from, "imap46127.0.0.1");
    EXPECT_EQ(open[1].service + open[1].id + open[1].from, "pop349::1");
    EXPECT_TRUE(dovecot.sessions({"*@x"})->empty());
    EXPECT_TRUE(dovecot.sessions({})->empty());
}

TEST(Dovecot, EndsSessionsOfEachNameThatHasSome)
{
    Script script{{three, R"([["doveadmResponse",[{"result":"a@x"}],"provost"]])"}, {}};
    ASSERT_TRUE(script.dovecot().end_sessions({"gone@x", "a@x"}));
    EXPECT_EQ(script.asked, (std::vector<std::string>{who_request(), kick_request("a@x")}));
}

TEST(Dovecot, NobodyLeftToKickIsSuccess)
{
    for (auto const* answer : {R"([["error",{"type":"exitCode","exitCode":68},"provost"]])",
                               R"([["doveadmResponse",[{"count":"0"}],"provost"]])"}) {
        Script script{{three, answer}, {}};
        EXPECT_TRUE(script.dovecot().end_sessions({"a@x"})) << answer;
    }
}

TEST(Dovecot, TroubleIsToldInItsOwnWords)
{
    Script away;
    EXPECT_EQ(away.dovecot().sessions({"a@x"}).error().message, "x: connection refused");
    Script failing{{three, R"([["error",{"type":"exitCode","exitCode":75},"provost"]])"}, {}};
    EXPECT_EQ(failing.dovecot().end_sessions({"a@x"}).error().fault, Fault::unavailable);
    Script nameless{{R"([["doveadmResponse",[{"pid":"46"}],"provost"]])"}, {}};
    EXPECT_EQ(nameless.dovecot().sessions({"a@x"}).error().fault, Fault::unavailable);
}

TEST(Dovecot, ANameThatIsAMaskNeverEndsSessionsOfOthers)
{
    auto const* star = R"([["doveadmResponse",[{"username":"a*@x","service":"imap","pid":"1","ip":""}],"provost"]])";
    Script alone{{star, R"([["doveadmResponse",[{"count":"1"}],"provost"]])"}, {}};
    ASSERT_TRUE(alone.dovecot().end_sessions({"a*@x"}));
    EXPECT_EQ(alone.asked.at(1), kick_request("a?@x"));

    auto const* both = R"([["doveadmResponse",[{"username":"a*@x","service":"imap","pid":"1","ip":""}],
        {"username":"ab@x","service":"imap","pid":"2","ip":""},"provost"]])";
    Script company{{both}, {}};
    EXPECT_EQ(company.dovecot().end_sessions({"a*@x"}).error().fault, Fault::conflict);
    EXPECT_EQ(company.asked.size(), 1u);
}

TEST(Dovecot, OneWhoseSessionsCannotBeEndedHoldsBackNobody)
{
    Script script{{three, R"([["error",{"type":"exitCode","exitCode":77},"provost"]])",
                   R"([["doveadmResponse",[{"result":"b@x"}],"provost"]])"},
                  {}};
    EXPECT_EQ(script.dovecot().end_sessions({"a@x", "b@x"}).error().fault, Fault::denied);
    EXPECT_EQ(script.asked, (std::vector<std::string>{who_request(), kick_request("a@x"), kick_request("b@x")}));
}

TEST(Dovecot, EndingManySessionsEndsItselfWhenItsTimeIsOver)
{
    Script script{{three, "", ""}, {}};
    EXPECT_EQ(script.dovecot(std::chrono::milliseconds(-1)).end_sessions({"a@x", "b@x"}).error().fault,
              Fault::unavailable);
    EXPECT_EQ(script.asked, std::vector<std::string>{who_request()});
}
