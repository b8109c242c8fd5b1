// SPDX-License-Identifier: Apache-2.0
#include "directory/probes.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::directory;

TEST(Probes, AProbeOpensOneAccountFromThisHostWhileItLives)
{
    Probes probes;
    auto probe = probes.make("bob@example.test");
    auto const password = probe->password().copy();
    EXPECT_TRUE(probes.knows("bob@example.test", "127.0.0.1", password));
    EXPECT_FALSE(probes.knows("alice@example.test", "127.0.0.1", password));
    EXPECT_FALSE(probes.knows("bob@example.test", "192.0.2.1", password));
    EXPECT_FALSE(probes.knows("bob@example.test", "127.0.0.1", Secret("probe-guess")));
    probe.reset();
    EXPECT_FALSE(probes.knows("bob@example.test", "127.0.0.1", password));
}

TEST(Probes, WhoDoesNotTellFromWhereIsTakenForThisHost)
{
    Probes probes;
    auto const probe = probes.make("bob@example.test");
    EXPECT_TRUE(probes.knows("bob@example.test", "", probe->password()));
    EXPECT_FALSE(probes.knows("bob@example.test", "nonsense", probe->password()));
    EXPECT_FALSE(probes.knows("alice@example.test", "", probe->password()));
    EXPECT_FALSE(probes.knows("bob@example.test", "", Secret("probe-guess")));
}

TEST(Probes, TwoProbesAreTwo)
{
    Probes probes;
    auto first = probes.make("bob@example.test");
    auto second = probes.make("bob@example.test");
    EXPECT_NE(first->password().reveal(), second->password().reveal());
    auto const password = second->password().copy();
    first.reset();
    EXPECT_TRUE(probes.knows("bob@example.test", "127.0.0.1", password));
}
