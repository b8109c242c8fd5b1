// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <fstream>
#include <thread>

#include "base/test_source.h"
#include "sql/connection.h"
#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(Store, AnActHasARevisionAndAnErrorLeavesNone)
{
    TestStore store;
    auto const first = store.act([](Writing& w) { w.put(test_domain("a.example")); });
    EXPECT_EQ(first.revision, 1U);
    auto const refused = store->act({}, [](Writing& w) -> Result<void> {
        w.put(test_domain("b.example"));
        return fail(Fault::conflict, "no");
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "no");
    EXPECT_EQ(store.read([](Reading& r) { return r.position(); }), first);
    EXPECT_EQ(store.read([](Reading& r) { return r.domain("b.example"); }), std::nullopt);
    auto const second = store.act([](Writing& w) { w.put(test_domain("c.example")); });
    EXPECT_EQ(second.revision, 2U);
    EXPECT_EQ(second.epoch, first.epoch);
    EXPECT_NE(second.nonce, first.nonce);
}

TEST(Store, AnExceptionUndoesTheActToo)
{
    TestStore store;
    EXPECT_THROW((void)store->act({},
                                  [](Writing& w) -> Result<void> {
                                      w.put(test_domain("a.example"));
                                      throw std::runtime_error("lost");
                                  }),
                 std::runtime_error);
    EXPECT_EQ(store.read([](Reading& r) { return r.position().revision; }), 0U);
    EXPECT_EQ(store.act([](Writing& w) { w.put(test_domain("a.example")); }).revision, 1U);
}

TEST(Store, ARehearsalAnswersAsTheActWouldAndChangesNothing)
{
    TestStore store;
    auto const rehearse = [&](std::string_view name) {
        return store->rehearse({}, [&](Writing& w) -> Result<void> {
            w.put(test_mailbox(name));
            EXPECT_TRUE(w.mailbox(name));
            return {};
        });
    };
    EXPECT_TRUE(rehearse("jane@example.org"));
    EXPECT_EQ(store.mailbox("jane@example.org"), std::nullopt);
    store.act([](Writing& w) { w.put(test_mailbox("jane@example.org")); });
    EXPECT_FALSE(rehearse("jane@example.org"));
    EXPECT_EQ(store.read([](Reading& r) { return r.position().revision; }), 1U);
}

TEST(Store, WhatWasCommittedIsThereAfterARestart)
{
    TestStore store;
    auto const position = store.act([](Writing& w) { w.put(test_mailbox("jane@example.org")); });
    store.reopen();
    EXPECT_EQ(store.read([](Reading& r) { return r.position(); }), position);
    EXPECT_TRUE(store.mailbox("jane@example.org"));
}

TEST(Store, ActsFromManyThreadsEachHaveTheirRevision)
{
    TestStore store;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i)
                store.act([&](Writing& w) {
                    w.put(test_mailbox("u" + std::to_string(t) + "." + std::to_string(i) + "@example.org"));
                });
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(store.read([](Reading& r) { return r.position().revision; }), 40U);
    EXPECT_EQ(store.read([](Reading& r) { return r.mailboxes("", "", 100); }).size(), 40U);
}

TEST(Store, ALockHeldByAnotherProcessIsBusyInBoundedTimeAndReadingGoesOn)
{
    TestStore store;
    auto const other = store.database().connect();
    {
        sql::Transaction const locked(*other, sql::Access::write);
        other->query("UPDATE revision SET nonce = 'x'");
        Stopwatch const waited;
        EXPECT_THROW((void)store->act({}, [](Writing&) -> Result<void> { return {}; }), sql::Busy);
        EXPECT_LT(waited.elapsed(), std::chrono::seconds(4));  // two, and the try that was begun
        EXPECT_EQ(store.read([](Reading& r) { return r.position().revision; }), 0U);
        EXPECT_NE(store->writing_trouble().find("locked"), std::string::npos) << store->writing_trouble();
    }
    EXPECT_TRUE(store->act({}, [](Writing&) -> Result<void> { return {}; }));
    EXPECT_EQ(store->writing_trouble(), "");
}

TEST(Store, HowLongAnActWaitsIsAsItWasOpened)
{
    sql::TestDatabase const database;
    Options const options{.busy = std::chrono::milliseconds(50)};
    auto const store = open_store(database.url(), in_source("schema"), options).value();
    auto const other = database.connect();
    sql::Transaction const locked(*other, sql::Access::write);
    other->query("UPDATE revision SET nonce = 'x'");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            Stopwatch const waited;
            EXPECT_THROW((void)store->act({}, [](Writing&) -> Result<void> { return {}; }), sql::Busy);
            EXPECT_LT(waited.elapsed(), std::chrono::milliseconds(1000));
        });
    for (auto& thread : threads) thread.join();
}

TEST(Store, ADatabaseThatWasInUseIsNotBegunAnew)
{
    sql::TestDatabase const database;
    if (!database.is_sqlite()) GTEST_SKIP() << "writes an empty file";
    Options const in_use{.create = false};
    auto const opened = [&] { return open_store(database.url(), in_source("schema"), in_use); };
    auto const missing = opened();
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("there is no such file"), std::string::npos) << missing.error().message;
    EXPECT_FALSE(std::filesystem::exists(database.file()));
    std::ofstream(database.file()).close();
    auto const empty = opened();
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().fault, Fault::unavailable);
    EXPECT_NE(empty.error().message.find("is empty"), std::string::npos) << empty.error().message;
    ASSERT_TRUE(open_store(database.url(), in_source("schema")));
    EXPECT_TRUE(opened());
}

TEST(Store, AnActIsRepeatedWhenALockIsGivenUpInTime)
{
    TestStore store;
    auto const other = store.database().connect();
    auto locked = std::make_unique<sql::Transaction>(*other, sql::Access::write);
    std::thread giving_up([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(800));
        locked.reset();
    });
    EXPECT_TRUE(store->act({}, [](Writing&) -> Result<void> { return {}; }));
    giving_up.join();
}

TEST(Store, ADatabaseThatVanishesIsUnreachableUntilItIsBack)
{
    TestStore store;
    if (!store.database().is_sqlite()) GTEST_SKIP() << "moves the database's file";
    auto const file = store.database().file();
    auto const position = store.act([](Writing& w) { w.put(test_domain("a.example")); });
    auto const move = [&](std::string const& from, std::string const& to) {
        for (auto const* part : {"", "-wal", "-shm"})
            if (std::filesystem::exists(from + part)) std::filesystem::rename(from + part, to + part);
    };
    move(file, file + ".away");
    EXPECT_THROW((void)store.read([](Reading& r) { return r.position(); }), sql::Unreachable);
    EXPECT_THROW((void)store->act({}, [](Writing&) -> Result<void> { return {}; }), sql::Unreachable);
    EXPECT_FALSE(std::filesystem::exists(file));
    move(file + ".away", file);
    EXPECT_EQ(store.read([](Reading& r) { return r.position(); }), position);
}

TEST(Store, AFolderOrSchemaThatIsNotThereIsUnavailable)
{
    sql::TestFolder const folder;
    for (auto const& [url, schema] :
         {std::pair{"sqlite:" + folder.file("no/such/a.db"), std::string(in_source("schema"))},
          std::pair{"sqlite:" + folder.file("a.db"), folder.file("nothing")}}) {
        SCOPED_TRACE(url);
        auto const opened = open_store(url, schema);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().fault, Fault::unavailable);
    }
}

}  // namespace
}  // namespace provost::store
