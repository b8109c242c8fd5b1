// SPDX-License-Identifier: Apache-2.0
// What every engine must do alike.
#include "sql/connection.h"

#include <gtest/gtest.h>

#include "sql/test_database.h"

namespace provost::sql {
namespace {

struct Contract : testing::Test {
    Contract() : connection(database.connect())
    {
        connection->query("DROP TABLE IF EXISTS account");
        connection->query("CREATE TABLE account (id VARCHAR(36) PRIMARY KEY, address VARCHAR(254) NOT NULL UNIQUE, " +
                          ("enabled SMALLINT NOT NULL, quota BIGINT)" + std::string(connection->table_suffix())));
        add("1", "jane@example.org", 5'000'000'000);
        add("2", "o'br\\ien?@example.org");
    }
    void add(std::string_view id, std::string_view address, std::optional<std::int64_t> quota = {})
    {
        connection->query("INSERT INTO account (id, address, enabled, quota) VALUES (?, ?, ?, ?)", id, address, true,
                          quota);
    }
    std::int64_t count() { return connection->query("SELECT COUNT(*) FROM account").at(0).integer(0); }

    TestDatabase database;
    std::unique_ptr<Connection> connection;
};

TEST_F(Contract, ValuesComeBackAsTheyWentIn)
{
    auto const rows = connection->query("SELECT address, enabled, quota FROM account ORDER BY id");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].text(0), "jane@example.org");
    EXPECT_TRUE(rows[0].flag(1));
    EXPECT_EQ(rows[0].integer(2), 5'000'000'000);
    EXPECT_EQ(rows[1].text(0), "o'br\\ien?@example.org");
    EXPECT_EQ(rows[1].integer_or_null(2), std::nullopt);
}

TEST_F(Contract, TimesAndIdsAreArgumentsToo)
{
    auto const id = MailboxId::make();
    connection->query("UPDATE account SET id = ?, quota = ? WHERE id = '1'", id, from_millis(1234567890123));
    auto const rows = connection->query("SELECT quota FROM account WHERE id = ?", id);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].time_or_null(0), from_millis(1234567890123));
}

TEST_F(Contract, NamesAreComparedAsBytes)
{
    for (auto const* other : {"Jane@example.org", "j\xc3\xa4ne@example.org", "jane@example.org ", "JANE@EXAMPLE.ORG"}) {
        SCOPED_TRACE(other);
        EXPECT_TRUE(connection->query("SELECT id FROM account WHERE address = ?", other).empty());
        EXPECT_NO_THROW(add(other, other));
    }
}

TEST_F(Contract, ASecondOfTheSameNameIsAConflictAndTheConnectionLivesOn)
{
    EXPECT_THROW(add("3", "jane@example.org"), Conflict);
    EXPECT_EQ(count(), 2);
}

TEST_F(Contract, AForeignKeyThatLeadsNowhereIsAConflict)
{
    connection->query("DROP TABLE IF EXISTS part");
    connection->query("CREATE TABLE part (account VARCHAR(36) NOT NULL REFERENCES account (id))" +
                      std::string(connection->table_suffix()));
    EXPECT_THROW(connection->query("INSERT INTO part (account) VALUES (?)", "nobody"), Conflict);
    EXPECT_NO_THROW(connection->query("INSERT INTO part (account) VALUES (?)", "1"));
    connection->query("DROP TABLE part");
}

TEST_F(Contract, ATransactionIsUndoneUnlessCommitted)
{
    {
        Transaction const transaction(*connection, Access::write);
        connection->query("DELETE FROM account");
        EXPECT_FALSE(connection->usable());
    }
    EXPECT_TRUE(connection->usable());
    EXPECT_EQ(count(), 2);
    {
        Transaction transaction(*connection, Access::write);
        connection->query("DELETE FROM account WHERE id = ?", "1");
        EXPECT_EQ(connection->changes(), 1);
        transaction.commit();
    }
    EXPECT_EQ(count(), 1);
}

TEST_F(Contract, AnUpdateThatChangesNothingStillCountsTheRowsItFound)
{
    connection->query("UPDATE account SET enabled = 1 WHERE id = ?", "1");
    EXPECT_EQ(connection->changes(), 1);
    connection->query("UPDATE account SET enabled = 1 WHERE id = ?", "9");
    EXPECT_EQ(connection->changes(), 0);
}

TEST_F(Contract, ANulByteIsRefused)
{
    EXPECT_THROW(add("3", std::string_view("a\0b", 3)), Broken);
    EXPECT_EQ(count(), 2);
}

TEST_F(Contract, OurOwnMistakesAreBroken)
{
    EXPECT_THROW(connection->query("SELEKT 1"), Broken);
    EXPECT_THROW(connection->query("SELECT id FROM account WHERE id = ?"), Broken);
    EXPECT_THROW(connection->query("INSERT INTO account (id) VALUES ('7')"), Broken);
    auto const rows = connection->query("SELECT address, quota FROM account WHERE id = '2'");
    EXPECT_THROW((void)rows.at(0).integer(0), Broken);
    EXPECT_THROW((void)rows.at(0).text(1), Broken);
}

TEST_F(Contract, ASecondWriterIsBusyWithinItsTimeAndReadersAreNot)
{
    auto const other = engine_for(database.url(), {.busy = std::chrono::milliseconds(100)}).value()();
    Transaction const first(*connection, Access::write);
    connection->query("UPDATE account SET enabled = 0 WHERE id = '1'");
    Stopwatch const waited;
    EXPECT_THROW(
        {
            Transaction const second(*other, Access::write);
            other->query("UPDATE account SET enabled = 0 WHERE id = '1'");
        },
        Busy);
    EXPECT_LT(waited.elapsed(), std::chrono::seconds(2));
    Transaction const reading(*other, Access::read);
    EXPECT_TRUE(other->query("SELECT enabled FROM account WHERE id = '1'").at(0).flag(0));
}

TEST_F(Contract, ATransactionThatReadsSeesOneSnapshot)
{
    auto const other = database.connect();
    Transaction const reading(*other, Access::read);
    EXPECT_EQ(other->query("SELECT COUNT(*) FROM account").at(0).integer(0), 2);
    add("3", "new@example.org");
    EXPECT_EQ(other->query("SELECT COUNT(*) FROM account").at(0).integer(0), 2);
}

}  // namespace
}  // namespace provost::sql
