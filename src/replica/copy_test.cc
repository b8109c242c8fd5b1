// SPDX-License-Identifier: Apache-2.0
#include "replica/copy.h"

#include <filesystem>
#include <random>
#include <sys/wait.h>
#include <thread>

#include "base/test_source.h"
#include "replica/test_follow.h"

namespace provost::replica {
namespace {

using store::test_mailbox;
using store::Writing;

TEST(Copy, ReadersOfManyThreadsSeeWholeRevisionsWhileItIsWrittenAndRebuilt)
{
    Followed site;
    // Every act gives both mailboxes the same number.
    auto one = test_mailbox("one@example.org");
    auto two = test_mailbox("two@example.org");
    auto const act = [&](int number) {
        one.quota_bytes = two.quota_bytes = Limit::of(number);
        site.act([&](Writing& w) {
            w.put(one);
            w.put(two);
        });
    };
    act(0);
    std::atomic<bool> over = false;
    std::atomic<int> torn = 0;
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t)
        readers.emplace_back([&] {
            while (!over) {
                Held const held(*site.replica);
                auto const first = held->entry("one@example.org").mailbox.quota_bytes;
                std::this_thread::yield();
                if (held->entry("two@example.org").mailbox.quota_bytes != first) ++torn;
            }
        });
    for (int number = 1; number <= 30; ++number) {
        act(number);
        // Forgetting the changes makes the follower build a whole copy while they read.
        if (number % 10 != 0) continue;
        site.follower->stop();
        one.quota_bytes = two.quota_bytes = Limit::of(number + 1000);
        site.record.act([&](Writing& w) {
            w.put(one);
            w.put(two);
        });
        site.record->prune_changes(now() + std::chrono::hours(1));
        site.follower = follow(*site.replica, site.options, [&]() -> Result<store::Store*> { return &*site.record; });
    }
    over = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Copy, AThreadThatEndsWithASnapshotLeavesNothingBehind)
{
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("a@example.org")); });
    for (int i = 0; i < 300; ++i)
        std::thread([&] { EXPECT_EQ(site.replica->snapshot().position().revision, 1U); }).join();
    site.act([](Writing& w) { w.put(test_mailbox("b@example.org")); });
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Copy, TwoOfThemInOneProcessAreTwo)
{
    Followed first;
    Followed second;
    first.act([](Writing& w) { w.put(test_mailbox("first@example.org")); });
    second.act([](Writing& w) { w.put(test_mailbox("second@example.org")); });
    EXPECT_EQ(first.replica->snapshot().mailbox_names("", 9), std::vector<std::string>{"first@example.org"});
    EXPECT_EQ(second.replica->snapshot().mailbox_names("", 9), std::vector<std::string>{"second@example.org"});
    first.replica->release();
    second.replica->release();
}

std::vector<std::string> copies_in(std::string const& folder)
{
    std::vector<std::string> found;
    for (auto const& file : std::filesystem::directory_iterator(folder))
        if (file.path().extension() == ".mdb") found.push_back(file.path().filename());
    return found;
}

TEST(Copy, WhereALargerOneCannotBeUsedNothingIsLeftOfTheAttempt)
{
    sql::TestFolder const folder;
    Options const options{.folder = folder.file("copy"), .first_map_bytes = std::size_t{1} << 20U};
    {
        Copy first(options);
        ASSERT_TRUE(first.open());
        first.rebuild([](Copy::RowSink const&) { return store::Position{"epoch", 7, "nonce"}; });
    }
    Copy copy(options);
    ASSERT_TRUE(copy.open());
    ASSERT_EQ(copies_in(options.folder), std::vector<std::string>{"copy-1.mdb"});
    std::filesystem::create_directory(options.folder + "/current.new");  // in the way, for root as well
    auto const fill = [&] {
        copy.write([](WriteTransaction& write) {
            for (int i = 0; i < 30'000; ++i) write.put(Table::entry, std::to_string(i), std::string(500, 'v'));
        });
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_THROW(fill(), EnvironmentError);
        EXPECT_EQ(copies_in(options.folder), std::vector<std::string>{"copy-1.mdb"});
    }
    std::filesystem::remove(options.folder + "/current.new");
    fill();
    EXPECT_EQ(Held(copy)->position().revision, 7U);
    EXPECT_EQ(copies_in(options.folder).size(), 1U);
}

// Revision r of the record holds u1 ... ur, and the one mailbox that is always renamed is called now-r.
[[noreturn]] void follow_until_killed(std::string const& url, Options const& options)
{
    auto const record = store::open_store(url, in_source("schema")).value();
    auto const replica = open_replica(options).value();
    auto const follower = follow(*replica, options, [&]() -> Result<store::Store*> { return record.get(); });
    for (;;) ::pause();
}

std::set<std::string> names_at(store::Revision revision)
{
    std::set<std::string> names;
    for (store::Revision r = 1; r <= revision; ++r) names.insert("u" + std::to_string(r) + "@example.org");
    if (revision > 0) names.insert("now-" + std::to_string(revision) + "@example.org");
    return names;
}

TEST(Copy, KilledAtAnyMomentItIsSomeRevisionOfTheRecord)
{
    sql::TestDatabase const database;
    if (!database.is_sqlite()) GTEST_SKIP() << "two processes and a file";
    sql::TestFolder const folder;
    Options options;
    options.folder = folder.file("copy");
    options.poll = std::chrono::milliseconds(1);
    auto moving = test_mailbox("now-0@example.org");
    store::open_store(database.url(), in_source("schema")).value().reset();
    std::mt19937 random(17);
    store::Revision last = 0;
    int usable = 0;
    for (int round = 0; round < 12; ++round) {
        auto const child = ::fork();
        if (child == 0) follow_until_killed(database.url(), options);
        {
            auto const record = store::open_store(database.url(), in_source("schema")).value();
            Stopwatch const since;
            auto const life = std::chrono::milliseconds(20 + random() % 150);
            while (since.elapsed() < life) {
                ++last;
                auto const name = std::to_string(last) + "@example.org";
                ASSERT_TRUE(record->act({}, [&](Writing& w) -> Result<void> {
                    moving.name = "now-" + name;
                    w.put(test_mailbox("u" + name));
                    w.put(moving);
                    return {};
                }));
            }
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        auto const replica = open_replica(options);
        ASSERT_TRUE(replica) << replica.error().message;
        if (!(*replica)->health().usable) continue;
        ++usable;
        Held const held(**replica);
        auto const names = held->mailbox_names("", 100000);
        EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), names_at(held->position().revision));
    }
    EXPECT_GT(usable, 3);
    auto const record = store::open_store(database.url(), in_source("schema")).value();
    auto const replica = open_replica(options).value();
    auto const follower = follow(*replica, options, [&]() -> Result<store::Store*> { return record.get(); });
    EXPECT_TRUE(follower->catch_up(last, patience));
    EXPECT_EQ(replica_equals_store(*record, *replica), std::vector<std::string>());
}

}  // namespace
}  // namespace provost::replica
