// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/pending_logins.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::protocols;
using namespace std::chrono_literals;

namespace {

PendingLogins::Moment const start{};
PendingLogins::Key const key{"957ac246e57fc02168dafa1061eb7438", 40, 1};

PendingLogins::Login alice() { return {"alice@example.test", mail::Service::imap, "PLAIN", 7}; }

}  // namespace

TEST(LoginsBetweenSockets, AreTakenOnce)
{
    PendingLogins pending;
    EXPECT_TRUE(pending.add(key, alice(), start));
    auto const login = pending.take(key, start);
    ASSERT_TRUE(login);
    EXPECT_EQ(login->name, "alice@example.test");
    EXPECT_EQ(login->service, mail::Service::imap);
    EXPECT_EQ(login->mechanism, "PLAIN");
    EXPECT_EQ(login->stamp, 7U);
    EXPECT_FALSE(pending.take(key, start));
    EXPECT_EQ(pending.size(), 0U);
}

TEST(LoginsBetweenSockets, AreFoundByAllThreeAndNothingLess)
{
    PendingLogins pending;
    pending.add(key, alice(), start);
    EXPECT_FALSE(pending.take({"957ac246e57fc02168dafa1061eb7439", 40, 1}, start));
    EXPECT_FALSE(pending.take({key.cookie, 41, 1}, start));
    EXPECT_FALSE(pending.take({key.cookie, 40, 2}, start));
    EXPECT_FALSE(pending.take({"", 40, 1}, start));
    EXPECT_TRUE(pending.take(key, start));
}

TEST(LoginsBetweenSockets, AreForgottenAfterTheirTime)
{
    PendingLogins pending;
    pending.add(key, alice(), start);
    pending.add({key.cookie, 40, 2}, alice(), start + 1s);
    EXPECT_TRUE(pending.take({key.cookie, 40, 2}, start + 150s));
    EXPECT_FALSE(pending.take(key, start + 150s));
    pending.add(key, alice(), start + 200s);
    EXPECT_TRUE(pending.take(key, start + 349s));
}

TEST(LoginsBetweenSockets, ALaterOneOfTheSameKeyTakesItsPlace)
{
    PendingLogins pending;
    pending.add(key, alice(), start);
    pending.add(key, {"bob@example.test", mail::Service::pop3, "LOGIN", 8}, start);
    EXPECT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending.take(key, start)->name, "bob@example.test");
}

TEST(LoginsBetweenSockets, AFullTableRefusesUntilOldOnesGo)
{
    PendingLogins pending;
    for (std::uint32_t i = 0; i < PendingLogins::most_pending; ++i) pending.add({"c", 1, i}, {}, start);
    EXPECT_FALSE(pending.add(key, alice(), start + 149s));
    EXPECT_TRUE(pending.add(key, alice(), start + 150s));
    EXPECT_EQ(pending.size(), 1U);
}

TEST(LoginsBetweenSockets, AreWaitedForUntilTheyAreTaken)
{
    PendingLogins pending;
    EXPECT_TRUE(pending.wait_until_taken(1ms, start));
    pending.add(key, alice(), start);
    EXPECT_FALSE(pending.wait_until_taken(1ms, start));
    auto const now = start + 30s;
    pending.add({key.cookie, 40, 2}, alice(), now);
    std::thread later([&] { EXPECT_TRUE(pending.take({key.cookie, 40, 2}, now)); });
    EXPECT_TRUE(pending.wait_until_taken(20s, now));  // of the first nobody asks any more
    later.join();
}

TEST(LoginsBetweenSockets, EachIsTakenByOneThreadOnly)
{
    PendingLogins pending;
    constexpr std::uint32_t logins = 500;
    for (std::uint32_t i = 0; i < logins; ++i) pending.add({"c", 1, i}, alice(), start);
    std::atomic<std::uint32_t> taken = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (std::uint32_t i = 0; i < logins; ++i)
                if (pending.take({"c", 1, i}, start)) ++taken;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken, logins);
}
