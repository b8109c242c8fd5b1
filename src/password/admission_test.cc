// SPDX-License-Identifier: Apache-2.0
#include "password/admission.h"

#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost;
using namespace provost::password;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Moment const start{hours(1)};
auto const home = Network::of("192.0.2.7");
auto const attacker = Network::of("203.0.113.9");
std::optional<Network> const nowhere;

// An attempt with a wrong password that nobody tried before.
Gate guess(Admission& admission, std::string_view account, std::optional<Network> const& network, Moment now)
{
    static int number = 0;
    auto answer = admission.admit(account, network, now);
    if (answer.ticket) answer.ticket->failed(Secret("guess " + std::to_string(++number)), now);
    return answer.gate;
}

}  // namespace

TEST(Admission, ANetworkHasSoManyGuessesAndThenOneAMinute)
{
    Admission admission({});
    for (int i = 0; i < 20; ++i) ASSERT_EQ(guess(admission, "jane@example.org", attacker, start), Gate::open) << i;
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start), Gate::refused);
    EXPECT_EQ(guess(admission, "JANE@example.org", attacker, start + seconds(59)), Gate::refused);
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start + seconds(60)), Gate::open);
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start + seconds(60)), Gate::refused);
    EXPECT_EQ(guess(admission, "joe@example.org", attacker, start), Gate::open) << "another account of that network";
}

TEST(Admission, TheOwnerIsNotLockedOutByGuessesFromElsewhere)
{
    Admission admission({});
    for (int network = 0; network < 200; ++network) {
        auto const bots = Network::of("198.51.100." + std::to_string(network));
        for (int i = 0; i < 25; ++i) guess(admission, "jane@example.org", bots, start);
    }
    auto answer = admission.admit("jane@example.org", home, start);
    ASSERT_EQ(answer.gate, Gate::open);
    answer.ticket->succeeded(start);
}

TEST(Admission, TheSameWrongPasswordIsOneGuess)
{
    Admission admission({});
    for (int i = 0; i < 1000; ++i) {
        auto answer = admission.admit("jane@example.org", home, start);
        ASSERT_EQ(answer.gate, Gate::open) << i;
        answer.ticket->failed(Secret(i % 2 == 0 ? "last year's" : "the tablet's"), start);
    }
    // But on each account it is one: many accounts tried with one password are many guesses.
    Gate gate = Gate::open;
    int tried = 0;
    for (; gate == Gate::open && tried < 1000; ++tried) {
        auto answer = admission.admit("user" + std::to_string(tried), attacker, start);
        gate = answer.gate;
        if (answer.ticket) answer.ticket->failed(Secret("Summer2026"), start);
    }
    EXPECT_EQ(gate, Gate::refused);
    EXPECT_EQ(tried, 201);
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start + seconds(5)), Gate::refused);
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start + seconds(6)), Gate::open);
}

TEST(Admission, ARightPasswordForgivesThePairAndNotTheNetwork)
{
    Admission admission({.guesses_per_pair = 3, .guesses_per_network = 5});
    guess(admission, "jane@example.org", home, start);
    guess(admission, "jane@example.org", home, start);
    auto answer = admission.admit("jane@example.org", home, start);
    ASSERT_EQ(answer.gate, Gate::open);
    answer.ticket->succeeded(start);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(guess(admission, "jane@example.org", home, start), Gate::open) << i;
    EXPECT_EQ(guess(admission, "joe@example.org", home, start), Gate::refused) << "five wrong ones from there";
}

TEST(Admission, ManyAtOnceDoNotPassTheLimitTogether)
{
    Admission admission({.guesses_per_pair = 3});
    std::vector<Admission::Answer> answers;
    for (int i = 0; i < 5; ++i) answers.push_back(admission.admit("jane@example.org", attacker, start));
    EXPECT_EQ(answers[2].gate, Gate::open);
    EXPECT_EQ(answers[3].gate, Gate::busy);
    EXPECT_EQ(answers[4].gate, Gate::busy);
    answers.clear();
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start), Gate::open) << "attempts given up cost nothing";
}

TEST(Admission, WithoutANetworkFailuresLeaveLaterAndNobodyIsRefused)
{
    Admission::Settings settings;
    settings.under_way_per_account = 4;
    settings.longest_delay = seconds(7);
    Admission admission(settings);
    std::vector<seconds> delays;
    for (int i = 0; i < 100; ++i) {
        auto answer = admission.admit("jane@example.org", nowhere, start);
        ASSERT_EQ(answer.gate, Gate::open) << i;
        auto const due = answer.ticket->failed(Secret("guess " + std::to_string(i)), start);
        delays.push_back(std::chrono::duration_cast<seconds>(due - start));
    }
    EXPECT_EQ(delays[0], seconds(2));
    EXPECT_EQ(delays[4], seconds(2));
    EXPECT_EQ(delays[5], seconds(4));
    EXPECT_EQ(delays[10], seconds(7)) << "and not later than whoever asks waits";
    EXPECT_EQ(delays[99], seconds(7));

    std::vector<Admission::Answer> answers;
    for (int i = 0; i < 5; ++i) answers.push_back(admission.admit("jane@example.org", nowhere, start));
    EXPECT_EQ(answers[3].gate, Gate::open);
    EXPECT_EQ(answers[4].gate, Gate::busy);
    answers[0].ticket->succeeded(start);
    auto after = admission.admit("jane@example.org", nowhere, start);
    ASSERT_EQ(after.gate, Gate::open);
    EXPECT_EQ(after.ticket->failed(Secret("x"), start) - start, seconds(2)) << "a right one makes good";
}

TEST(Admission, WhoGuessesAtAWebMailerShutsOutNoneOfItsUsers)
{
    Admission admission({.many_people = Networks("198.51.100.0/30 203.0.113.9")});
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(guess(admission, "user" + std::to_string(i % 30), attacker, start), Gate::open) << i;
    EXPECT_EQ(guess(admission, "jane@example.org", attacker, start), Gate::open);
    auto answer = admission.admit("user1", attacker, start);
    ASSERT_EQ(answer.gate, Gate::open);
    EXPECT_EQ(answer.ticket->failed(Secret("y"), start) - start, seconds(16)) << "but later and later";
}

TEST(Admission, FailuresLeaveAtOneTimeWhateverTheyTook)
{
    Admission admission({});
    struct {
        int took;
        int due;
    } const cases[] = {{0, 2000}, {13, 2000}, {1999, 2000}, {2000, 2000}, {2001, 4000}, {4000, 4000}, {9999, 10000}};
    for (auto const& c : cases) {
        EXPECT_EQ(admission.failure_due(start, start + milliseconds(c.took)) - start, milliseconds(c.due)) << c.took;
        auto answer = admission.admit("u" + std::to_string(c.took), home, start);
        ASSERT_EQ(answer.gate, Gate::open);
        EXPECT_EQ(answer.ticket->failed(Secret("x"), start + milliseconds(c.took)) - start, milliseconds(c.due));
    }
}

TEST(Admission, HelpDeskForgivesAnAccountEverywhere)
{
    Admission admission({.guesses_per_pair = 2});
    for (int i = 0; i < 3; ++i) {
        guess(admission, "jane@example.org", home, start);
        guess(admission, "joe@example.org", home, start);
    }
    EXPECT_EQ(guess(admission, "jane@example.org", home, start), Gate::refused);
    admission.forgive("Jane@example.org");
    EXPECT_EQ(guess(admission, "jane@example.org", home, start), Gate::open);
    EXPECT_EQ(guess(admission, "joe@example.org", home, start), Gate::refused);
}

TEST(Admission, ItsMemoryIsBoundedWhateverIsTyped)
{
    Admission admission({.guesses_per_network = 1'000'000, .records = 100});
    auto held = admission.admit("held@example.org", home, start);
    for (int i = 0; i < 3000; ++i)
        ASSERT_EQ(guess(admission, std::string(5000, 'x') + std::to_string(i), attacker, start), Gate::open) << i;
    EXPECT_LE(admission.size(), 100U);
    ASSERT_TRUE(held.ticket);
    held.ticket->failed(Secret("x"), start);

    Admission tiny({.records = 2});
    auto all = tiny.admit("a", home, start);
    ASSERT_EQ(all.gate, Gate::open);
    EXPECT_EQ(tiny.admit("b", attacker, start).gate, Gate::busy) << "nothing in use is thrown out";
}

TEST(Admission, ANetworkThatIsRefusedHasNobodyElseForgotten)
{
    Admission admission({.guesses_per_pair = 2, .guesses_per_network = 5, .records = 20});
    for (int i = 0; i < 3; ++i) guess(admission, "jane@example.org", home, start);
    for (int i = 0; i < 5; ++i)
        ASSERT_EQ(guess(admission, "name" + std::to_string(i), attacker, start), Gate::open) << i;
    auto const before = admission.size();
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(guess(admission, "other" + std::to_string(i), attacker, start), Gate::refused) << i;
    EXPECT_EQ(admission.size(), before);
    EXPECT_EQ(guess(admission, "jane@example.org", home, start), Gate::refused) << "is remembered";
}

TEST(Admission, ANetworkWhoseChecksAreAllUnderWayHasNobodyElseForgotten)
{
    Admission admission({.guesses_per_network = 3, .records = 20});
    std::vector<Admission::Answer> under_way;
    for (int i = 0; i < 3; ++i) under_way.push_back(admission.admit(std::to_string(i), attacker, start));
    auto const before = admission.size();
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(admission.admit("other" + std::to_string(i), attacker, start).gate, Gate::busy) << i;
    EXPECT_EQ(admission.size(), before);
}

TEST(Admission, NoOrderOfEventsLetsMoreThroughThanTheLimit)
{
    ASSERT_TRUE(rc::check("wrong guesses in a window are at most the burst and what was forgiven", [] {
        Admission admission({.guesses_per_pair = 5, .pair_forgives = seconds(10)});
        auto now = start;
        int wrong = 0;
        int number = 0;
        std::vector<Admission::Ticket> open;
        auto const settle_last = [&] {
            open.back().failed(Secret(std::to_string(number++)), now);
            open.pop_back();
            ++wrong;
        };
        for (auto const step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12))) {
            now += seconds(step % 4);
            if (step < 6) {
                auto answer = admission.admit("jane", attacker, now);
                if (answer.ticket) open.push_back(std::move(*answer.ticket));
            } else if (!open.empty()) {
                if (step == 11) open.pop_back();
                else settle_last();
            }
        }
        while (!open.empty()) settle_last();
        RC_ASSERT(wrong <= 5 + (now - start) / seconds(10) + 1);
    }));
}

TEST(Admission, IsAskedFromManyThreads)
{
    Admission admission({.records = 64});
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&admission, t] {
            for (int i = 0; i < 1000; ++i) {
                auto const network = Network::of("192.0.2." + std::to_string((i + t) % 50));
                auto answer = admission.admit("user" + std::to_string(i % 37), network, start + seconds(i));
                if (!answer.ticket) continue;
                if (i % 3 == 0) answer.ticket->succeeded(start + seconds(i));
                if (i % 3 == 1) answer.ticket->failed(Secret(std::to_string(i)), start + seconds(i));
            }
        });
    }
    threads.clear();
    EXPECT_LE(admission.size(), 64U);
    for (int i = 0; i < 37; ++i) EXPECT_NE(guess(admission, "user" + std::to_string(i), home, start), Gate::busy);
}

TEST(Admission, TakesNoLimitsThatLimitNothing)
{
    EXPECT_THROW(Admission({.guesses_per_pair = 0}), std::invalid_argument);
    EXPECT_THROW(Admission({.network_forgives = seconds(0)}), std::invalid_argument);
    EXPECT_THROW(Admission({.records = 1}), std::invalid_argument);
}
