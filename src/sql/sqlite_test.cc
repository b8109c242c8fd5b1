// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "sql/test_database.h"

namespace provost::sql {
namespace {

std::unique_ptr<Connection> create(std::string const& file)
{
    auto connection = connect_sqlite(file, {.create = true});
    connection->query("CREATE TABLE t (x BIGINT)");
    return connection;
}

TEST(Sqlite, AFileItMakesIsReadableByItsOwnerAlone)
{
    TestFolder const folder;
    auto const connection = create(folder.file("a.db"));
    for (auto const* name : {"a.db", "a.db-wal"}) {
        SCOPED_TRACE(name);
        struct stat found = {};
        ASSERT_EQ(::stat(folder.file(name).c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 0777U, 0600U);
    }
}

TEST(Sqlite, AFileThatIsGoneIsUnreachableAndNotMadeAnew)
{
    TestFolder const folder;
    EXPECT_THROW(connect_sqlite(folder.file("a.db"), {}), Unreachable);
    EXPECT_FALSE(std::filesystem::exists(folder.file("a.db")));
    EXPECT_THROW(connect_sqlite(folder.file("no/such/folder/a.db"), {.create = true}), Unreachable);
}

TEST(Sqlite, WhatIsNoDatabaseIsUnreachable)
{
    TestFolder const folder;
    std::ofstream(folder.file("a.db")) << std::string(4096, 'x');
    EXPECT_THROW(connect_sqlite(folder.file("a.db"), {}), Unreachable);
}

TEST(Sqlite, DamageIsUnreachable)
{
    TestFolder const folder;
    auto const file = folder.file("a.db");
    {
        auto const connection = create(file);
        for (int i = 0; i < 2000; ++i) connection->query("INSERT INTO t (x) VALUES (?)", i);
    }
    {
        std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
        damaged.seekp(4096);
        damaged << std::string(8192, '\xff');
    }
    auto const connection = connect_sqlite(file, {});
    EXPECT_THROW(connection->query("SELECT SUM(x) FROM t"), Unreachable);
}

TEST(Sqlite, AFullDatabaseIsUnreachableAndLivesOn)
{
    TestFolder const folder;
    auto const connection = create(folder.file("a.db"));
    connection->query("PRAGMA max_page_count = 4");
    EXPECT_THROW(
        {
            Transaction transaction(*connection, Access::write);
            for (int i = 0; i < 100000; ++i) connection->query("INSERT INTO t (x) VALUES (?)", i);
            transaction.commit();
        },
        Unreachable);
    EXPECT_TRUE(connection->usable());
    EXPECT_EQ(connection->query("SELECT COUNT(*) FROM t").at(0).integer(0), 0);
}

TEST(Sqlite, AnotherFileInItsPlaceIsNotTheSameDatabase)
{
    TestFolder const folder;
    auto const connection = create(folder.file("a.db"));
    EXPECT_TRUE(connection->usable());
    create(folder.file("b.db")).reset();
    std::filesystem::rename(folder.file("b.db"), folder.file("a.db"));
    EXPECT_FALSE(connection->usable());
}

}  // namespace
}  // namespace provost::sql
