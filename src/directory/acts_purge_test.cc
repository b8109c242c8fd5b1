// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "directory/retirement.h"
#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::addrs;

namespace {

struct PurgeTest : ActsTest {
    PurgeTest()
    {
        // Stands for the reconciler.
        house.on_work = [this] {
            if (releases)
                (void)house.record->act({}, [](store::Writing& writing) -> Result<void> {
                    for (auto const& mailbox : writing.deleted_mailboxes("*", {}, 10))
                        if (is_given_up(mailbox)) forget(writing, mailbox);
                    return {};
                });
            auto const left = house.acts.pending_work(house.root(), {}, 10);
            if (!releases)
                for (auto const& work : *left)
                    if (work.verb == retire_verb) house.record->postpone_work(work.id, now(), "no helper");
        };
    }
    mail::Mailbox remove(std::string_view name)
    {
        house.clock_is_ahead += std::chrono::seconds(1);
        EXPECT_TRUE(house.acts.delete_mailbox(house.request(), name));
        return house.acts.deleted_mailboxes(house.root(), name, {}, 10)->back();
    }
    Result<Done> purge(std::string_view name, std::string_view id = {})
    {
        return house.acts.purge_mailbox(house.request(), name, id);
    }
    bool releases = true;
};

}  // namespace

TEST_F(PurgeTest, WhatIsPurgedIsGone)
{
    auto const bob = remove("bob@example.test");
    auto const done = purge("Bob@example.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->subject, "bob@example.test");
    EXPECT_TRUE(done->notes.empty());
    EXPECT_FALSE(house.acts.mailbox(house.root(), "bob@example.test"));
    auto const audit = house.acts.audit(house.root(), "bob@example.test", 1'000'000, 2);
    EXPECT_EQ((*audit)[0].act, "mailbox.released");
    EXPECT_EQ((*audit)[1].act, "mailbox.purge");
    EXPECT_NE((*audit)[1].before.find(bob.id.text()), std::string::npos);
    stand();
    expect_refused(house.acts.restore_mailbox(house.request(), "bob@example.test", {}), "name", "is not a deleted");
}

TEST_F(PurgeTest, UntilItsStoreIsReleasedItIsThereAndNobodyHasItBack)
{
    releases = false;
    auto const bob = remove("bob@example.test");
    auto const done = purge("bob@example.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes, Notes{"nobody has it back, and its mail is still to be removed: no helper"});
    EXPECT_EQ(house.acts.mailbox(house.root(), "bob@example.test")->mailbox.id, bob.id);
    stand();
    expect_refused(house.acts.restore_mailbox(house.request(), "bob@example.test", {}), "name", "was given up");
    expect_refused(purge("bob@example.test"), "name", "was given up");
    expect_refused(house.acts.add_mailbox(house.request(), "bob@example.test", {}, {}, OldMailbox::adopt), "name",
                   "was given up");
    // Nor does the clock bring it back.
    house.clock_is_ahead = -std::chrono::hours(24);
    expect_refused(house.acts.restore_mailbox(house.request(), "bob@example.test", {}), "name", "was given up");
    EXPECT_TRUE(house.acts.add_mailbox(house.request(), "bob@example.test", {}, {})) << "the name is free";
}

TEST_F(PurgeTest, OfSeveralTheOneMeantHasToBeSaid)
{
    auto const first = remove("bob@example.test");
    ASSERT_TRUE(house.acts.add_mailbox(house.request(), "bob@example.test", {}, {}, OldMailbox::set_aside));
    stand();
    expect_refused(house.acts.purge_mailbox(house.request(), "alice@example.test", {}), "name", "is in use");
    auto const second = remove("bob@example.test");
    stand();
    expect_refused(purge("bob@example.test"), "name", "is that of 2 deleted mailboxes");
    expect_refused(purge("", "nobody"), "id", "is not that of a deleted mailbox");
    expect_refused(purge("alice@example.test", first.id.text()), "name", "is not a deleted mailbox");
    EXPECT_EQ(purge("", "").error().fault, Fault::invalid);
    ASSERT_TRUE(purge("bob@example.test", first.id.text()));
    EXPECT_EQ(house.acts.mailbox(house.root(), "bob@example.test")->mailbox.id, second.id);
    auto const done = purge("", second.id.text());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->subject, "bob@example.test");
    EXPECT_FALSE(house.acts.mailbox(house.root(), "bob@example.test"));
}

TEST_F(PurgeTest, ADryRunPurgesNobody)
{
    remove("bob@example.test");
    auto request = house.request();
    request.dry_run = true;
    EXPECT_TRUE(house.acts.purge_mailbox(request, "bob@example.test", {}));
    EXPECT_TRUE(house.acts.restore_mailbox(house.request(), "bob@example.test", {}));
}
