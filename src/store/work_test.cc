// SPDX-License-Identifier: Apache-2.0
#include "store/work.h"

#include <atomic>
#include <thread>

#include "store/test_store.h"

namespace provost::store {
namespace {

using std::chrono::seconds;
Time const noon = from_millis(1'000'000);

Work some_work(Time due)
{
    Work work;
    work.target = "dovecot";
    work.verb = "end_sessions";
    work.subject = new_uuid();
    work.detail = "a\nb";
    work.due = due;
    return work;
}

std::vector<Work> pending(TestStore& store, WorkPlace const& after = {}, int limit = 10)
{
    return store.read([&](Reading& r) { return r.pending_work(after, limit); });
}

TEST(WorkList, WhatIsDueIsLentOnceAndAgainWhenTheLeaseIsOver)
{
    TestStore store;
    store.act([](Writing& w) {
        w.add_work(some_work(noon));
        w.add_work(some_work(noon + seconds(10)));
    });
    auto const taken = store->take_work(noon, seconds(30), 10);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].target, "dovecot");
    EXPECT_EQ(taken[0].verb, "end_sessions");
    EXPECT_EQ(taken[0].detail, "a\nb");
    EXPECT_EQ(taken[0].due, noon);
    EXPECT_EQ(taken[0].attempts, 0);
    EXPECT_TRUE(store->take_work(noon, seconds(30), 10).empty());
    EXPECT_EQ(store->take_work(noon + seconds(30), seconds(30), 10).size(), 2U);
}

TEST(WorkList, WhatFailedComesBackWithItsReasonAndWhatIsDoneDoesNot)
{
    TestStore store;
    store.act([](Writing& w) { w.add_work(some_work(noon)); });
    auto taken = store->take_work(noon, seconds(30), 10);
    store->postpone_work(taken.at(0).id, noon + seconds(5), "connection refused");
    EXPECT_TRUE(store->take_work(noon + seconds(4), seconds(30), 10).empty());
    ASSERT_EQ(pending(store).size(), 1U);
    EXPECT_EQ(pending(store)[0].last_error, "connection refused");
    taken = store->take_work(noon + seconds(5), seconds(30), 10);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].attempts, 1);
    store->finish_work(taken[0].id);
    EXPECT_TRUE(pending(store).empty());
}

TEST(WorkList, WhatIsDueAtOneTimeIsReadOnFromOneToTheNext)
{
    TestStore store;
    store.act([](Writing& w) {
        for (int i = 0; i < 5; ++i) w.add_work(some_work(i < 3 ? noon : noon + seconds(i)));
    });
    auto const all = pending(store);
    ASSERT_EQ(all.size(), 5U);
    WorkPlace after;
    for (auto const& one : all) {
        auto const next = pending(store, after, 1);
        ASSERT_EQ(next.size(), 1U);
        EXPECT_EQ(next[0].id, one.id);
        EXPECT_EQ(store.read([&](Reading& r) { return r.work_by_id(one.id); })->due, one.due);
        after = {one.due, one.id};
    }
    EXPECT_TRUE(pending(store, after).empty());
    EXPECT_FALSE(store.read([](Reading& r) { return r.work_by_id("none"); }));
}

TEST(WorkList, WhatWasPostponedMayBeHastened)
{
    TestStore store;
    store.act([](Writing& w) { w.add_work(some_work(noon)); });
    auto const id = store->take_work(noon, seconds(30), 10).at(0).id;
    store->postpone_work(id, noon + seconds(300), "connection refused");
    EXPECT_FALSE(store->hasten_work("nothing", noon));
    EXPECT_TRUE(store->hasten_work(id, noon + seconds(1)));
    EXPECT_EQ(store->take_work(noon + seconds(1), seconds(30), 10).size(), 1U);
    EXPECT_TRUE(store->hasten_work(id, noon + seconds(2)));
    EXPECT_TRUE(store->take_work(noon + seconds(2), seconds(30), 10).empty()) << "somebody has it in hand";
}

TEST(WorkList, WhatWasDatedByAClockThatWasAheadIsDue)
{
    TestStore store;
    auto const ahead = noon + std::chrono::hours(24);
    store.act([&](Writing& w) {
        w.add_work(some_work(ahead));
        w.add_work(some_work(ahead));
    });
    EXPECT_EQ(store->take_work(ahead, seconds(30), 1).size(), 1U);
    // The clock is set right.
    EXPECT_EQ(store->take_work(noon, seconds(30), 10).size(), 2U);
    EXPECT_TRUE(store->take_work(noon + seconds(1), seconds(30), 10).empty());
}

TEST(WorkList, WhatADeadProcessHadInHandIsLentToTheNext)
{
    TestStore store;
    store.act([](Writing& w) { w.add_work(some_work(noon)); });
    EXPECT_EQ(store->take_work(noon, seconds(30), 10).size(), 1U);
    store.reopen();
    EXPECT_TRUE(store->take_work(noon, seconds(30), 10).empty());
    ASSERT_TRUE(free_leases(store.database().url(), seconds(2)));
    EXPECT_EQ(store->take_work(noon, seconds(30), 10).size(), 1U);
}

TEST(WorkList, WhatIsToDoAboutAnObjectIsFound)
{
    TestStore store;
    auto const work = some_work(noon);
    store.act([&](Writing& w) {
        w.add_work(work);
        w.add_work(some_work(noon));
    });
    auto const found = store.read([&](Reading& r) { return r.work_about(work.subject); });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].subject, work.subject);
    EXPECT_TRUE(store.read([](Reading& r) { return r.work_about("nobody"); }).empty());
}

TEST(WorkList, WorkOfAnActThatWasUndoneIsNotThere)
{
    TestStore store;
    (void)store->act({}, [](Writing& w) -> Result<void> {
        w.add_work(some_work(noon));
        return fail(Fault::conflict, "no");
    });
    EXPECT_TRUE(pending(store).empty());
}

TEST(WorkList, OfManyWhoTakeAtOnceEachGetsOther)
{
    TestStore store;
    store.act([](Writing& w) {
        for (int i = 0; i < 40; ++i) w.add_work(some_work(noon));
    });
    std::mutex mutex;
    std::set<std::string> ids;
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (auto const& work : store->take_work(noon, seconds(30), 15)) {
                ++taken;
                std::lock_guard const lock(mutex);
                ids.insert(work.id);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken, 40);
    EXPECT_EQ(ids.size(), 40U);
}

}  // namespace
}  // namespace provost::store
