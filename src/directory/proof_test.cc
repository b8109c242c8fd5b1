// SPDX-License-Identifier: Apache-2.0
#include "directory/proof.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "base/guarded.h"
#include "base/time.h"

using namespace provost;
using namespace provost::directory;
using namespace std::chrono_literals;
using targets::Knock;
using targets::OpenSession;

namespace {

// A server with sessions that end when they are told to, unless they are stubborn.
class Server : public targets::Target {
public:
    struct State {
        std::vector<OpenSession> open;
        std::deque<std::vector<OpenSession>> coming;  // what appears at each further look
        int looks = 0;
        int ends = 0;
        int looks_with_trouble = 0;
        Fault fault = Fault::unavailable;
        bool stubborn = false;
    };

    std::string const& name() const override { return name_; }
    Result<mail::Store> place(mail::Mailbox const&) const override { return mail::Store{}; }
    Result<mail::Store> ensure(mail::Mailbox const&) override { return mail::Store{}; }
    Result<mail::Store> set_aside(mail::Mailbox const&) override { return mail::Store{}; }
    Result<void> retire(mail::Mailbox const&) override { return {}; }
    Result<mail::Fullness> usage(std::string const&) override { return mail::Fullness{}; }
    Result<std::vector<OpenSession>> sessions(std::vector<std::string> const& names) override
    {
        return state.with([&](State& s) -> Result<std::vector<OpenSession>> {
            ++s.looks;
            if (s.looks_with_trouble > 0) {
                --s.looks_with_trouble;
                return fail(s.fault, "doveadm: connection refused");
            }
            if (!s.coming.empty()) {
                s.open.insert(s.open.end(), s.coming.front().begin(), s.coming.front().end());
                s.coming.pop_front();
            }
            std::vector<OpenSession> found;
            for (auto const& session : s.open) {
                if (std::find(names.begin(), names.end(), session.name) != names.end()) found.push_back(session);
            }
            return found;
        });
    }
    Result<void> end_sessions(std::vector<std::string> const&) override
    {
        state.with([](State& s) {
            ++s.ends;
            if (!s.stubborn) s.open.clear();
        });
        return {};
    }

    Guarded<State> state;

private:
    std::string name_ = "server";
};

struct OneProbe : Logins::Probe {
    Secret secret{"probe"};
    Secret const& password() const override { return secret; }
};

class ProofOfOffTest : public testing::Test {
protected:
    ProofOfOff make()
    {
        ProofOfOff::Settings settings;
        for (auto const* name : {"imap", "pop3"}) settings.doors.push_back({.name = name});
        settings.sessions_deadline = 300ms;
        settings.look_again = 5ms;
        settings.knock = [this](targets::Door const& door, std::string const& login, Secret const& password, auto) {
            EXPECT_EQ(login, "jane@x");
            EXPECT_EQ(password.reveal(), "probe");
            auto const before = !off;
            return answers.with([&](auto& list) {
                auto& mine = list[door.name + (before ? " before" : " after")];
                auto const knock = mine.empty() ? (before ? Knock::let_in : Knock::refused) : mine.front();
                if (mine.size() > 1) mine.pop_front();
                return targets::KnockResult{knock, door.name + " said so", 3ms};
            });
        };
        return ProofOfOff({[this](std::string_view) -> std::unique_ptr<Logins::Probe> {
                               return has_probe ? std::make_unique<OneProbe>() : nullptr;
                           },
                           [this](std::string_view, auto) { return fresh.load() > 0 ? fresh-- : confirmed.load(); }},
                          with_target ? &server : nullptr, std::move(settings));
    }

    Server server;
    std::atomic<bool> off = false;
    std::atomic<int> fresh = 0;      // how often sign-ins are still fresh when asked
    std::atomic<int> confirmed = 0;  // after that
    bool has_probe = true;
    bool with_target = true;
    Guarded<std::map<std::string, std::deque<Knock>>> answers;
};

std::string told(Proof const& proof)
{
    std::string text = proof.complete ? "complete" : "incomplete";
    for (auto const& door : proof.doors) {
        text += "; " + door.door + " " + door.before + " -> " + door.after + (door.proved ? " proved" : "");
    }
    return text;
}

OpenSession session(std::string name, std::string id) { return {std::move(name), "imap", "::1", std::move(id)}; }

}  // namespace

TEST_F(ProofOfOffTest, ADoorThatLetInBeforeAndRefusesAfterIsProof)
{
    auto proof_of_off = make();
    auto attempt = proof_of_off.begin({"jane@x"});
    off = true;
    auto const proof = attempt->finish();
    EXPECT_EQ(told(proof), "complete; imap let in -> refused proved; pop3 let in -> refused proved");
    EXPECT_EQ(proof.doors[0].said, "imap said so");
    EXPECT_EQ(proof.doors[0].took, 3ms);
}

TEST_F(ProofOfOffTest, WhatEachDoorSaysDecidesWhetherTheProofIsComplete)
{
    using Answers = std::map<std::string, std::deque<Knock>>;
    struct {
        Answers answers;
        char const* told;
    } const cases[] = {
        {{{"imap after", {Knock::let_in}}}, "incomplete; imap let in -> let in; pop3 let in -> refused proved"},
        {{{"imap after", {Knock::temporary}}}, "incomplete; imap let in -> temporary; pop3 let in -> refused proved"},
        {{{"imap after", {Knock::temporary, Knock::temporary, Knock::refused}}},
         "complete; imap let in -> refused proved; pop3 let in -> refused proved"},
        {{{"imap after", {Knock::unreachable}}},
         "incomplete; imap let in -> unreachable; pop3 let in -> refused proved"},
        {{{"imap before", {Knock::unreachable}}, {"imap after", {Knock::unreachable, Knock::refused}}},
         "complete; imap unreachable -> unreachable; pop3 let in -> refused proved"},
        {{{"imap before", {Knock::unreachable}}},
         "complete; imap unreachable -> refused proved; pop3 let in -> refused proved"},
        {{{"imap before", {Knock::unreachable}},
          {"pop3 before", {Knock::unreachable}},
          {"imap after", {Knock::unreachable}},
          {"pop3 after", {Knock::unreachable}}},
         "incomplete; imap unreachable -> unreachable; pop3 unreachable -> unreachable"},
        {{{"imap before", {Knock::refused}}, {"pop3 before", {Knock::refused}}},
         "complete; imap refused -> refused proved; pop3 refused -> refused proved"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.told);
        answers.with([&](auto& list) { list = c.answers; });
        off = false;
        auto proof_of_off = make();
        auto attempt = proof_of_off.begin({"jane@x"});
        off = true;
        EXPECT_EQ(told(attempt->finish()), c.told);
    }
}

TEST_F(ProofOfOffTest, WithoutAProbeNothingIsProved)
{
    has_probe = false;
    auto proof_of_off = make();
    EXPECT_EQ(told(proof_of_off.begin({"jane@x"})->finish()),
              "incomplete; imap not tried -> not tried; pop3 not tried -> not tried");
}

TEST_F(ProofOfOffTest, SessionsUnderEveryNameAreEndedUntilTwoLooksFindNone)
{
    server.state.with([](auto& s) {
        s.open = {session("jane@x", "1"), session("jane@old", "2"), session("joe@x", "3")};
        s.coming = {{}, {}, {session("jane@x", "4")}};
    });
    off = true;
    auto proof_of_off = make();
    auto const proof = proof_of_off.begin({"jane@x", "jane@old"})->finish();
    EXPECT_TRUE(proof.complete);
    EXPECT_EQ(proof.sessions_ended, 3);
    server.state.with([](auto& s) {
        EXPECT_EQ(s.ends, 2);
        EXPECT_EQ(s.looks, 5);  // two sessions, none, a late one, none, none
    });
}

TEST_F(ProofOfOffTest, AFreshSignInIsWaitedForUntilItWouldShow)
{
    fresh = 4;
    server.state.with([](auto& s) { s.coming = {{}, {}, {}, {session("jane@x", "1")}}; });
    off = true;
    auto proof_of_off = make();
    auto const proof = proof_of_off.begin({"jane@x"})->finish();
    EXPECT_TRUE(proof.complete);
    EXPECT_EQ(proof.sessions_ended, 1);
}

TEST_F(ProofOfOffTest, OurOwnKnocksAreNotWaitedFor)
{
    auto proof_of_off = make();
    auto attempt = proof_of_off.begin({"jane@x"});
    off = true;
    confirmed = 2;  // one at each door
    auto const proof = attempt->finish();
    EXPECT_TRUE(proof.complete);
    server.state.with([](auto& s) { EXPECT_EQ(s.looks, 2); });

    off = false;
    attempt = proof_of_off.begin({"jane@x"});
    off = true;
    confirmed = 3;
    EXPECT_EQ(attempt->finish().sessions_trouble.substr(0, 47), "sign-ins that could still become sessions after");
}

TEST_F(ProofOfOffTest, ASessionThatDoesNotEndIsTroubleAtTheDeadline)
{
    server.state.with([](auto& s) {
        s.open = {session("jane@x", "1")};
        s.stubborn = true;
    });
    off = true;
    auto proof_of_off = make();
    Stopwatch const watch;
    auto const proof = proof_of_off.begin({"jane@x"})->finish();
    EXPECT_FALSE(proof.complete);
    EXPECT_EQ(proof.sessions_ended, 0);
    EXPECT_EQ(proof.sessions_trouble.substr(0, 26), "sessions still open after ");
    EXPECT_TRUE(proof.doors[0].proved);
    EXPECT_LT(watch.elapsed(), 5s);
}

TEST_F(ProofOfOffTest, AServerThatCannotBeAskedForAWhileIsAskedAgain)
{
    server.state.with([](auto& s) {
        s.open = {session("jane@x", "1")};
        s.looks_with_trouble = 3;
    });
    off = true;
    auto proof_of_off = make();
    auto const proof = proof_of_off.begin({"jane@x"})->finish();
    EXPECT_TRUE(proof.complete);
    EXPECT_EQ(proof.sessions_ended, 1);
    EXPECT_EQ(proof.sessions_trouble, "");
}

TEST_F(ProofOfOffTest, AServerThatRefusesToBeAskedIsNotAskedAgain)
{
    server.state.with([](auto& s) {
        s.looks_with_trouble = 100;
        s.fault = Fault::denied;
    });
    off = true;
    auto proof_of_off = make();
    auto const proof = proof_of_off.begin({"jane@x"})->finish();
    EXPECT_FALSE(proof.complete);
    EXPECT_EQ(proof.sessions_trouble, "doveadm: connection refused");
    server.state.with([](auto& s) { EXPECT_EQ(s.looks, 1); });
}

TEST_F(ProofOfOffTest, WithoutATargetTheDoorsAreTheProof)
{
    with_target = false;
    off = true;
    auto proof_of_off = make();
    EXPECT_TRUE(proof_of_off.begin({"jane@x"})->finish().complete);
    EXPECT_TRUE(proof_of_off.end_sessions({"jane@x"}).complete);
}

TEST_F(ProofOfOffTest, KickEndsWhatWasThereAndLetsClientsComeBack)
{
    server.state.with([](auto& s) {
        s.open = {session("jane@x", "1")};
        s.coming = {{}, {session("jane@x", "2")}, {session("jane@x", "3")}, {session("jane@x", "4")}};
    });
    auto proof_of_off = make();
    auto const proof = proof_of_off.end_sessions({"jane@x"});
    EXPECT_TRUE(proof.complete);
    EXPECT_EQ(proof.sessions_ended, 1);
    EXPECT_TRUE(proof.doors.empty());
    server.state.with([](auto& s) { EXPECT_EQ(s.ends, 1); });
}

TEST_F(ProofOfOffTest, AnAttemptThatIsGivenUpEndsNothing)
{
    server.state.with([](auto& s) { s.open = {session("jane@x", "1")}; });
    auto proof_of_off = make();
    proof_of_off.begin({"jane@x"}).reset();
    server.state.with([](auto& s) { EXPECT_EQ(s.looks, 0); });
}
