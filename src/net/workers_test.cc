// SPDX-License-Identifier: Apache-2.0
#include "net/workers.h"

#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::net;

TEST(Workers, AFullQueueRefusesAndDestroysTheTask)
{
    Metrics metrics;
    std::promise<void> begun, go_on;
    Workers workers(1, 2, metrics, "hashing");
    ASSERT_TRUE(workers.submit([&] {
        begun.set_value();
        go_on.get_future().wait();
    }));
    begun.get_future().wait();
    EXPECT_TRUE(workers.submit([] {}));
    EXPECT_TRUE(workers.submit([] {}));
    auto held = std::make_shared<int>(1);
    EXPECT_FALSE(workers.submit([held] {}));
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_NE(metrics.text().find("provost_workers_refused_total{pool=\"hashing\"} 1"), std::string::npos);
    go_on.set_value();
}

TEST(Workers, ATaskThatThrowsTakesNoThreadWithIt)
{
    Metrics metrics;
    std::promise<int> answer;
    Workers workers(1, 10, metrics, "sql");
    workers.submit([] { throw std::runtime_error("the database is gone"); });
    workers.submit([&] { answer.set_value(7); });
    EXPECT_EQ(answer.get_future().get(), 7);
    EXPECT_NE(metrics.text().find("provost_workers_failed_total{pool=\"sql\"} 1"), std::string::npos);
}

TEST(Workers, TheEndWaitsForWhatRunsAndDropsWhatWaits)
{
    Metrics metrics;
    auto ran = std::make_shared<std::atomic<int>>(0);
    std::promise<void> begun;
    {
        Workers workers(1, 10, metrics, "sql");
        workers.submit([&begun, ran] {
            begun.set_value();
            ++*ran;
        });
        begun.get_future().wait();
    }
    EXPECT_EQ(*ran, 1);
    EXPECT_EQ(ran.use_count(), 1);
}
