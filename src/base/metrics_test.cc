// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <gtest/gtest.h>

using namespace provost;

TEST(Metrics, OneNameAndOneSetOfLabelsIsOneCounter)
{
    Metrics metrics;
    metrics.counter("provost_lookups_total", "Lookups answered.", {{"map", "aliases"}}).add();
    metrics.counter("provost_lookups_total", "Lookups answered.", {{"map", "aliases"}}).add(2);
    metrics.gauge("provost_replica_age_seconds", "Age.").set(1.5);
    EXPECT_NE(metrics.text().find("provost_lookups_total{map=\"aliases\"} 3"), std::string::npos);
    EXPECT_NE(metrics.text().find("provost_replica_age_seconds 1.5"), std::string::npos);
}
