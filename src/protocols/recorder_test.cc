// SPDX-License-Identifier: Apache-2.0
#include "protocols/recorder.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::protocols;

namespace {

std::string nobody(std::string_view) { return {}; }

}  // namespace

TEST(Recorders, TheLastUsageOfANameCounts)
{
    Metrics metrics;
    Recorder recorder(metrics, nobody);
    recorder.observe_usage("alice@example.test", 593, 2, from_millis(1));
    recorder.observe_usage("bob@example.test", 10, 1, from_millis(2));
    recorder.observe_usage("alice@example.test", 400, 1, from_millis(3));
    auto const taken = recorder.take();
    ASSERT_EQ(taken.usage.size(), 2U);
    EXPECT_EQ(taken.usage[0].first, "alice@example.test");
    EXPECT_EQ(taken.usage[0].second.bytes, 400);
    EXPECT_EQ(taken.usage[0].second.messages, 1);
    EXPECT_EQ(to_millis(taken.usage[0].second.at), 3);
    EXPECT_TRUE(recorder.take().usage.empty());
}

TEST(Recorders, UsageIsOfTheMailboxThatHasTheNameWhenItComes)
{
    Metrics metrics;
    std::string owner = "id-1";
    Recorder recorder(metrics, [&](std::string_view name) { return name == "alice@example.test" ? owner : ""; });
    recorder.observe_usage("alice@example.test", 593, 2, from_millis(1));
    recorder.observe_usage("eve@example.test", 593, 2, from_millis(1));
    owner = "id-2";
    auto const taken = recorder.take();
    ASSERT_EQ(taken.usage.size(), 2U);
    EXPECT_EQ(taken.usage[0].second.mailbox, "id-1");
    EXPECT_EQ(taken.usage[1].second.mailbox, "");
}

TEST(Recorders, TheLatestSignInOfANameAndServiceCounts)
{
    Metrics metrics;
    Recorder recorder(metrics, nobody);
    recorder.observe_login(mail::Service::imap, "alice@example.test", from_millis(7000));
    recorder.observe_login(mail::Service::imap, "alice@example.test", from_millis(5000));
    recorder.observe_login(mail::Service::pop3, "alice@example.test", from_millis(1000));
    auto const taken = recorder.take();
    ASSERT_EQ(taken.logins.size(), 2U);
    EXPECT_EQ(taken.logins[0].service, mail::Service::imap);
    EXPECT_EQ(to_millis(taken.logins[0].at), 7000);
}

TEST(Recorders, NewNamesPastTheLimitAreCountedAndDropped)
{
    Metrics metrics;
    Recorder recorder(metrics, nobody);
    for (std::size_t i = 0; i < Recorder::most_names + 3; ++i) recorder.observe_usage(std::to_string(i), 1, 1, {});
    recorder.observe_usage("0", 2, 2, {});
    auto const taken = recorder.take();
    EXPECT_EQ(taken.usage.size(), Recorder::most_names);
    EXPECT_EQ(taken.usage[0].second.bytes, 2);
    EXPECT_EQ(metrics.counter("provost_observations_dropped_total", "").value(), 3);
}

TEST(Recorders, NothingIsLostBetweenThreadsThatTellAndOneThatTakes)
{
    Metrics metrics;
    Recorder recorder(metrics, nobody);
    std::atomic<bool> told = false;
    std::thread teller([&] {
        for (int i = 0; i < 2000; ++i) recorder.observe_usage(std::to_string(i), i, 1, {});
        told = true;
    });
    std::size_t count = 0;
    while (!told) count += recorder.take().usage.size();
    teller.join();
    count += recorder.take().usage.size();
    EXPECT_EQ(count, 2000U);
}
