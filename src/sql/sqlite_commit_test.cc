// SPDX-License-Identifier: Apache-2.0
// Commits that fail, and what is found of them by whoever reads the files after a crash.
#include <atomic>
#include <cerrno>
#include <dlfcn.h>

#include <gtest/gtest.h>

#include "sql/test_database.h"

namespace {

std::atomic<int> failing_syncs{0};

}  // namespace

// SQLite's own syncs come here first.
extern "C" int fdatasync(int fd)
{
    static auto* const real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
    if (failing_syncs <= 0) return real(fd);
    --failing_syncs;
    errno = EIO;
    return -1;
}

namespace provost::sql {
namespace {

class SqliteCommit : public testing::Test {
protected:
    SqliteCommit() { connection_->query("CREATE TABLE t (x BIGINT)"); }
    ~SqliteCommit() override { failing_syncs = 0; }
    SqliteCommit(SqliteCommit const&) = delete;
    SqliteCommit& operator=(SqliteCommit const&) = delete;

    void insert_failing(int syncs)
    {
        Transaction transaction(*connection_, Access::write);
        for (int i = 0; i < 1000; ++i) connection_->query("INSERT INTO t (x) VALUES (?)", i);
        failing_syncs = syncs;
        transaction.commit();
    }

    // As if the machine had gone down now.
    std::int64_t rows_after_a_crash() const
    {
        for (auto const* end : {"", "-wal"})
            std::filesystem::copy_file(folder_.file("a.db") + end, folder_.file("b.db") + end);
        return connect_sqlite(folder_.file("b.db"), {})->query("SELECT COUNT(*) FROM t").at(0).integer(0);
    }

    TestFolder const folder_;
    std::unique_ptr<Connection> connection_ = connect_sqlite(folder_.file("a.db"), {.create = true});
};

TEST_F(SqliteCommit, ThatFailedIsUndoneAlsoForWhoReadsTheLogAnew)
{
    try {
        insert_failing(1);
        FAIL() << "the commit did not fail";
    } catch (InDoubt const&) {
        FAIL() << "it can be told";
    } catch (Unreachable const&) {
    }
    EXPECT_EQ(connection_->query("SELECT COUNT(*) FROM t").at(0).integer(0), 0);
    EXPECT_EQ(rows_after_a_crash(), 0);
}

TEST_F(SqliteCommit, IsInDoubtUntilTheNextWhereTheDiskTakesNothingMore)
{
    EXPECT_THROW(insert_failing(2), InDoubt);
    connection_->query("INSERT INTO t (x) VALUES (7)");
    EXPECT_EQ(rows_after_a_crash(), 1);
}

}  // namespace
}  // namespace provost::sql
