// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.h"

#include <fstream>
#include <sys/wait.h>
#include <thread>

#include "base/test_source.h"
#include "store/test_store.h"

namespace provost::store {
namespace {

struct Schema {
    void write(std::string const& name, std::string const& text) { std::ofstream(folder.file(name)) << text; }
    std::vector<Migration> read() const { return read_migrations(folder.path()).value(); }
    sql::TestFolder folder;
};

constexpr auto first =
    "-- A comment; with a semicolon;\nCREATE TABLE a (\n    x BIGINT\n);\nCREATE TABLE b (x BIGINT);\n";
constexpr auto second = "CREATE TABLE c (x BIGINT);\n";

TEST(Migrations, TheyAreAppliedInOrderAndOnce)
{
    Schema schema;
    schema.write("0001-first.sql", first);
    schema.write("README", "not one of them");
    sql::TestDatabase const database;
    auto const connection = database.connect();
    ASSERT_TRUE(migrate(*connection, schema.read()));
    EXPECT_EQ(schema_version(*connection), 1);
    connection->query("INSERT INTO b (x) VALUES (1)");
    schema.write("0002-second.sql", second);
    ASSERT_TRUE(migrate(*connection, schema.read()));
    ASSERT_TRUE(migrate(*connection, schema.read()));
    EXPECT_EQ(schema_version(*connection), 2);
    EXPECT_EQ(connection->query("SELECT x FROM b").size(), 1U);
    EXPECT_TRUE(connection->query("SELECT x FROM c").empty());
}

TEST(Migrations, ADatabaseOfANewerVersionIsRefused)
{
    Schema schema;
    schema.write("0001-first.sql", first);
    schema.write("0002-second.sql", second);
    sql::TestDatabase const database;
    auto const connection = database.connect();
    auto migrations = schema.read();
    ASSERT_TRUE(migrate(*connection, migrations));
    migrations.pop_back();
    auto const refused = migrate(*connection, migrations);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::unavailable);
    EXPECT_EQ(refused.error().message,
              "the database was written by a newer version: it has migration 0002-second, the last one known here is "
              "0001-first");
    EXPECT_EQ(schema_version(*connection), 2);
}

TEST(Migrations, AChangedTextOfAnAppliedOneIsRefused)
{
    Schema schema;
    schema.write("0001-first.sql", first);
    sql::TestDatabase const database;
    auto const connection = database.connect();
    ASSERT_TRUE(migrate(*connection, schema.read()));
    schema.write("0001-first.sql", std::string(first) + "CREATE TABLE d (x BIGINT);\n");
    schema.write("0002-second.sql", second);
    auto const refused = migrate(*connection, schema.read());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("another text of migration 0001-first"), std::string::npos);
    EXPECT_EQ(schema_version(*connection), 1);
}

TEST(Migrations, OneThatFailsLeavesNothingOfItself)
{
    Schema schema;
    schema.write("0001-first.sql", first);
    schema.write("0002-second.sql", "CREATE TABLE c (x BIGINT);\nCREATE TABLE a (x BIGINT);\n");
    sql::TestDatabase const database;
    auto const connection = database.connect();
    EXPECT_THROW((void)migrate(*connection, schema.read()), std::exception);
    EXPECT_EQ(schema_version(*connection), 1);
    schema.write("0002-second.sql", second);
    EXPECT_TRUE(migrate(*connection, schema.read()));
    EXPECT_EQ(schema_version(*connection), 2);
}

TEST(Migrations, AFolderWithAGapOrNothingInItIsRefused)
{
    Schema schema;
    EXPECT_FALSE(read_migrations(schema.folder.path()));
    schema.write("0002-second.sql", second);
    auto const refused = read_migrations(schema.folder.path());
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("0002-second.sql where number 1 should be"), std::string::npos);
}

TEST(Migrations, WhatIsOlderThanTheDomainOfItsNameWasDeletedInAnother)
{
    sql::TestDatabase const database;
    auto const connection = database.connect();
    auto migrations = read_migrations(in_source("schema")).value();
    ASSERT_TRUE(migrate(*connection, {migrations.begin(), migrations.begin() + 3}));
    connection->query(
        "INSERT INTO domain (id, name, kind, description, enabled, transport, created, revision) "
        "VALUES ('d1', 'a.test', 'hosted', '', 1, '', 100, 1)");
    auto const add = [&](char const* id, char const* name, char const* domain, char const* state, int created) {
        connection->query(
            "INSERT INTO mailbox (id, name, domain, kind, display_name, state, suspension, keep_copy, services, "
            "transport, recovery_confirmed, store_target, store_name, store_generation, store_state, store_reason, "
            "created, revision) VALUES (?, ?, ?, 'person', '', ?, 'refuse', 1, 31, '', 0, '', '', '', 'ready', '', ?, "
            "1)",
            id, name, domain, state, created);
    };
    add("m1", "older@a.test", "a.test", "deleted", 99);
    add("m2", "younger@a.test", "a.test", "deleted", 100);
    add("m3", "there@a.test", "a.test", "active", 99);
    add("m4", "x@b.test", "b.test", "deleted", 500);
    add("m5", "cyrus", "", "active", 500);
    connection->query("INSERT INTO revision_log (revision, nonce, at) VALUES (1, 'x', 500)");
    connection->query(
        "INSERT INTO work (id, target, verb, subject, detail, due, leased_until, attempts, last_error) "
        "VALUES ('w', 'dovecot', 'retire', 'm4', '', 0, 0, 0, '')");
    ASSERT_TRUE(migrate(*connection, migrations));
    std::string found;
    for (auto const& row : connection->query("SELECT id, domain_id FROM mailbox ORDER BY id"))
        found += row.text(0) + "=" + row.text(1) + " ";
    EXPECT_EQ(found, "m1= m2=d1 m3=d1 m4= m5= ");
    // None of these was given up, so that all can be had back.
    found.clear();
    for (auto const& row : connection->query("SELECT id, restorable_until FROM mailbox ORDER BY id"))
        found += row.text(0) + "=" + (row.is_null(1) ? "" : std::to_string(row.integer(1))) + " ";
    EXPECT_EQ(found, "m1=2592000500 m2=2592000500 m3= m4= m5= ");
}

TEST(Migrations, ManyWhoStartAtOnceMakeOneDatabase)
{
    sql::TestDatabase const database;
    std::vector<std::thread> threads;
    std::vector<std::unique_ptr<Store>> stores(4);
    for (auto& store : stores)
        threads.emplace_back([&] {
            auto opened = open_store(database.url(), in_source("schema"));
            if (opened) store = *std::move(opened);
        });
    for (auto& thread : threads) thread.join();
    std::set<std::string> epochs;
    for (auto const& store : stores) {
        ASSERT_TRUE(store);
        store->read([&](Reading& r) { epochs.insert(r.position().epoch); });
    }
    EXPECT_EQ(epochs.size(), 1U);
}

TEST(Migrations, KilledAtAnyPointTheNextStartMakesItWhole)
{
    int started = 0;
    for (int microseconds = 200; microseconds <= 60000; microseconds = microseconds * 3 / 2) {
        sql::TestDatabase const database;
        if (!database.is_sqlite()) GTEST_SKIP() << "kills a process that has the database's file open";
        auto const child = ::fork();
        if (child == 0) {
            auto const opened = open_store(database.url(), in_source("schema"));
            ::_exit(opened ? 0 : 1);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        started += std::filesystem::exists(database.file()) ? 1 : 0;
        auto const opened = open_store(database.url(), in_source("schema"));
        ASSERT_TRUE(opened) << opened.error().message;
        auto const done = (*opened)->act({}, [](Writing& w) -> Result<void> {
            w.put(test_domain("example.org"));
            return {};
        });
        ASSERT_TRUE(done);
        EXPECT_EQ(done->revision, 1U);
    }
    EXPECT_GT(started, 0);
}

}  // namespace
}  // namespace provost::store
