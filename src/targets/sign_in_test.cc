// SPDX-License-Identifier: Apache-2.0
#include "targets/sign_in.h"

#include <deque>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

using namespace provost;
using namespace provost::targets;

namespace {

// A server that follows a script: "> line" is said, "< line" must be heard, "tls" must be started, "{bytes" is sent as
// it is. Where the script ends the server is silent.
class Script : public Wire {
public:
    explicit Script(std::deque<std::string> steps) : steps_(std::move(steps)) {}

    Result<std::string> line() override
    {
        if (steps_.empty() || steps_.front()[0] != '>') return fail(Fault::unavailable, "nothing came in time");
        return take().substr(2);
    }
    Result<std::string> bytes(std::size_t count) override
    {
        if (steps_.empty() || steps_.front()[0] != '{') return fail(Fault::unavailable, "nothing came in time");
        auto text = take().substr(1);
        EXPECT_EQ(text.size(), count);
        return text;
    }
    Result<void> send(std::string_view bytes) override
    {
        if (steps_.empty()) return fail(Fault::unavailable, "closed");
        EXPECT_EQ("< " + std::string(trimmed(bytes)), take());
        EXPECT_EQ(bytes.substr(bytes.size() - 2), "\r\n");
        return {};
    }
    Result<void> start_tls() override
    {
        if (steps_.empty() || steps_.front() != "tls") return fail(Fault::unavailable, "no handshake");
        steps_.pop_front();
        return {};
    }
    std::size_t left() const { return steps_.size(); }

private:
    std::string take()
    {
        auto step = steps_.front();
        steps_.pop_front();
        return step;
    }
    std::deque<std::string> steps_;
};

// Base64 of NUL jane@x NUL pw.
std::string const response = "AGphbmVAeABwdw==";

KnockResult knock_at(DoorKind kind, DoorTls tls, Script& script)
{
    return sign_in(kind, tls, script, "jane@x", Secret("pw"));
}

struct Answered {
    std::string line;
    Knock knock;
};

std::string words(KnockResult const& result) { return std::string(word(result.knock)) + ": " + result.said; }

}  // namespace

TEST(SignIn, ImapOverStarttlsSignsInAndOut)
{
    Script script({"> * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.", "< s STARTTLS",
                   "> s OK Begin TLS negotiation now.", "tls", "< a AUTHENTICATE PLAIN", "> + ", "< " + response,
                   "> * CAPABILITY IMAP4rev1 IDLE", "> a OK Logged in", "< o LOGOUT", "> * BYE Logging out"});
    EXPECT_EQ(words(knock_at(DoorKind::imap, DoorTls::starttls, script)), "let in: OK Logged in");
    EXPECT_EQ(script.left(), 0u);
}

TEST(SignIn, ImapTellsAnAccountThatIsOffFromAServerInTrouble)
{
    Answered const cases[] = {
        {"a NO [AUTHENTICATIONFAILED] Authentication failed.", Knock::refused},
        {"a NO [ALERT] Account disabled", Knock::refused},
        {"a NO [AUTHORIZATIONFAILED] no", Knock::refused},
        {"a NO [EXPIRED] password", Knock::refused},
        {"a NO go away", Knock::refused},
        {"a no [alert] lower case", Knock::refused},
        {"a NO [UNAVAILABLE] Temporary authentication failure. [mx:2026-11-20]", Knock::temporary},
        {"a NO [LIMIT] Maximum number of connections from user+IP exceeded", Knock::temporary},
        {"a NO [NEWCODE] ?", Knock::temporary},
        {"a BAD Unknown command", Knock::temporary},
        {"* BYE Server shutting down.", Knock::temporary},
        {"garbage", Knock::temporary},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.line);
        Script script({"> * OK ready", "< a AUTHENTICATE PLAIN", "> +", "< " + response, "> " + c.line});
        EXPECT_STREQ(word(knock_at(DoorKind::imap, DoorTls::implicit, script).knock), word(c.knock));
        EXPECT_EQ(script.left(), 0u);
    }
}

TEST(SignIn, Pop3SignsInAndTellsTroubleApart)
{
    Script script({"> +OK Dovecot ready.", "< STLS", "> +OK Begin TLS negotiation now.", "tls", "< AUTH PLAIN", "> + ",
                   "< " + response, "> +OK Logged in.", "< QUIT", "> +OK Logging out."});
    EXPECT_EQ(words(knock_at(DoorKind::pop3, DoorTls::starttls, script)), "let in: +OK Logged in.");
    EXPECT_EQ(script.left(), 0u);

    Answered const cases[] = {
        {"-ERR [AUTH] Authentication failed.", Knock::refused},
        {"-ERR no", Knock::refused},
        {"-ERR [SYS/TEMP] Temporary authentication failure.", Knock::temporary},
        {"-ERR [IN-USE] locked", Knock::let_in},
        {"-ERR [SYS/PERM] broken", Knock::temporary},
        {"250 what?", Knock::temporary},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.line);
        Script failing({"> +OK ready", "< AUTH PLAIN", "> +", "< " + response, "> " + c.line});
        EXPECT_STREQ(word(knock_at(DoorKind::pop3, DoorTls::implicit, failing).knock), word(c.knock));
    }
}

TEST(SignIn, SieveReadsCapabilitiesBeforeAndAfterTls)
{
    Script script({"> \"IMPLEMENTATION\" \"Dovecot Pigeonhole\"", "> \"SASL\" \"\"", "> \"STARTTLS\"",
                   "> OK \"Dovecot ready.\"", "< STARTTLS", "> OK \"Begin TLS negotiation now.\"", "tls",
                   "> \"SASL\" \"PLAIN LOGIN\"", "> OK \"TLS negotiation successful.\"",
                   "< AUTHENTICATE \"PLAIN\" \"" + response + "\"", "> OK \"Logged in.\"", "< LOGOUT",
                   "> OK \"Logout completed.\""});
    EXPECT_EQ(words(knock_at(DoorKind::sieve, DoorTls::starttls, script)), "let in: OK \"Logged in.\"");
    EXPECT_EQ(script.left(), 0u);
}

TEST(SignIn, SieveTellsTroubleApartAndReadsLiterals)
{
    struct {
        std::deque<std::string> answer;
        Knock knock;
    } const cases[] = {
        {{"> NO \"Authentication failed.\""}, Knock::refused},
        {{"> NO {9}", "{two words", "> "}, Knock::refused},
        {{"> NO (TRYLATER) \"Temporary authentication failure.\""}, Knock::temporary},
        {{"> NO(TRYLATER)"}, Knock::temporary},
        {{"> NO (AUTH-TOO-WEAK {4}", "{tags", "> ) \"no\""}, Knock::temporary},
        {{"> BYE \"Disconnected\""}, Knock::temporary},
        {{"> OK (TAG {4}", "{tag1", "> ) \"Done\""}, Knock::let_in},
        {{"> NO {4097}"}, Knock::temporary},
        {{"> NOTHING"}, Knock::temporary},
        {{"> "}, Knock::temporary},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.answer.front());
        std::deque<std::string> steps = {"> OK", "< AUTHENTICATE \"PLAIN\" \"" + response + "\""};
        steps.insert(steps.end(), c.answer.begin(), c.answer.end());
        Script script(std::move(steps));
        EXPECT_STREQ(word(knock_at(DoorKind::sieve, DoorTls::implicit, script).knock), word(c.knock));
        EXPECT_EQ(script.left(), 0u);
    }
}

TEST(SignIn, SubmissionGreetsAgainUnderTls)
{
    Script script({"> 220-mx.example.org", "> 220 ESMTP Postfix", "< EHLO [127.0.0.1]", "> 250-mx.example.org",
                   "> 250 STARTTLS", "< STARTTLS", "> 220 2.0.0 Ready to start TLS", "tls", "< EHLO [127.0.0.1]",
                   "> 250-mx.example.org", "> 250 AUTH PLAIN LOGIN", "< AUTH PLAIN " + response,
                   "> 235 2.7.0 Authentication successful", "< QUIT", "> 221 2.0.0 Bye"});
    EXPECT_EQ(words(knock_at(DoorKind::submission, DoorTls::starttls, script)),
              "let in: 235 2.7.0 Authentication successful");
    EXPECT_EQ(script.left(), 0u);
}

TEST(SignIn, SubmissionTellsTroubleApart)
{
    Answered const cases[] = {
        {"535 5.7.8 Error: authentication failed: Account disabled", Knock::refused},
        {"525 5.7.13 User account disabled", Knock::refused},
        {"454 4.7.0 Temporary authentication failure: Connection lost", Knock::temporary},
        {"421 4.7.0 Too many errors", Knock::temporary},
        {"503 5.5.1 Error: authentication not enabled", Knock::temporary},
        {"53", Knock::temporary},
        {"535x", Knock::temporary},
        {"999999", Knock::temporary},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.line);
        Script script({"> 220 mx", "< EHLO [127.0.0.1]", "> 250 mx", "< AUTH PLAIN " + response, "> " + c.line});
        EXPECT_STREQ(word(knock_at(DoorKind::submission, DoorTls::implicit, script).knock), word(c.knock));
        EXPECT_EQ(script.left(), 0u);
    }
}

TEST(SignIn, ADoorThatNeverGreetsOrThenStopsCannotTell)
{
    for (auto const kind : {DoorKind::imap, DoorKind::pop3, DoorKind::sieve, DoorKind::submission}) {
        Script silent({});
        EXPECT_EQ(knock_at(kind, DoorTls::implicit, silent).knock, Knock::temporary);
        Script garbage({"> \x01\xff<html>"});
        EXPECT_EQ(words(knock_at(kind, DoorTls::implicit, garbage)), "temporary: not understood: \\x01\\xff<html>");
    }
    std::pair<DoorKind, std::deque<std::string>> const stopping[] = {
        {DoorKind::imap, {"> * OK", "< s STARTTLS", "> s OK"}},
        {DoorKind::imap, {"> * OK", "< s STARTTLS", "> s BAD no TLS"}},
        {DoorKind::pop3, {"> +OK", "< STLS"}},
        {DoorKind::sieve, {"> OK", "< STARTTLS", "> OK", "tls"}},
        {DoorKind::submission, {"> 220 mx", "< EHLO [127.0.0.1]", "> 250 mx", "< STARTTLS", "> 454 no"}},
        {DoorKind::submission, {"> 554 no SMTP service here"}},
        {DoorKind::imap, {"> * BYE too many connections"}},
    };
    for (auto const& [kind, steps] : stopping) {
        SCOPED_TRACE(steps.back());
        Script script(steps);
        EXPECT_EQ(knock_at(kind, DoorTls::starttls, script).knock, Knock::temporary);
    }
}

TEST(SignIn, AServerThatNeverStopsIsLeft)
{
    std::deque<std::string> steps(10'000, "> * STILL HERE");
    steps.push_front("< a AUTHENTICATE PLAIN");
    steps.push_front("> * OK");
    Script script(std::move(steps));
    auto const result = knock_at(DoorKind::imap, DoorTls::implicit, script);
    EXPECT_EQ(words(result), "temporary: the server says more than it should");
    EXPECT_GT(script.left(), 9'000u);
}

TEST(SignIn, WhateverTheServerSaysNobodyIsLetInByAccident)
{
    rc::check([](std::vector<std::string> const& lines) {
        for (auto const kind : {DoorKind::imap, DoorKind::pop3, DoorKind::sieve, DoorKind::submission}) {
            struct Any : Wire {
                std::deque<std::string> said;
                Result<std::string> line() override
                {
                    if (said.empty()) return fail(Fault::unavailable, "closed");
                    auto text = said.front();
                    said.pop_front();
                    return text;
                }
                Result<std::string> bytes(std::size_t) override { return std::string(); }
                Result<void> send(std::string_view) override { return {}; }
                Result<void> start_tls() override { return {}; }
            } any;
            any.said.assign(lines.begin(), lines.end());
            auto const result = sign_in(kind, DoorTls::starttls, any, "jane@x", Secret("pw"));
            RC_ASSERT(result.knock != Knock::let_in && result.knock != Knock::refused);
            RC_ASSERT(is_utf8(result.said));
        }
    });
}
