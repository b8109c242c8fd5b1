// SPDX-License-Identifier: Apache-2.0
// A house with a domain and two mailboxes, for tests of acts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "directory/act_parts.h"
#include "directory/test_house.h"
#include "mail/test_view.h"

namespace provost::directory {

struct ActsTest : testing::Test {
    ActsTest()
    {
        EXPECT_TRUE(house.acts.add_domain(house.request(), "example.test", {}));
        add("alice");
        add("bob");
    }

    void add(std::string const& local, MailboxChange const& change = {})
    {
        auto const done = house.acts.add_mailbox(house.request(), local + "@example.test", change, std::nullopt);
        EXPECT_TRUE(done) << done.error().message;
    }
    Result<Done> alias(std::string_view address, std::vector<mail::Address> targets)
    {
        AliasChange change;
        change.targets = std::move(targets);
        return house.acts.add_alias(house.request(), address, change);
    }
    Result<Done> limit(DomainChange const& change)
    {
        return house.acts.set_domain(house.request(), "example.test", change);
    }

    // That an act was refused as a conflict over `field`, and left no trace.
    void expect_refused(Result<Done> const& outcome, std::string const& field, std::string const& words)
    {
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().field, field);
        EXPECT_NE(outcome.error().message.find(words), std::string::npos) << outcome.error().message;
        EXPECT_EQ(house.acts.position()->revision, standing);
    }
    void stand() { standing = house.acts.position()->revision; }

    TestHouse house;
    store::Revision standing = 0;
};

}  // namespace provost::directory
