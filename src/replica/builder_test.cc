// SPDX-License-Identifier: Apache-2.0
#include "replica/builder.h"

#include "replica/snapshot.h"
#include "store/test_store.h"

namespace provost::replica {
namespace {

TEST(Builder, RowsInAnyOrderAndSeveralRunsMakeOneCopy)
{
    sql::TestFolder const folder;
    Builder builder(folder.file("a.mdb"), std::size_t{1} << 20U, 50000);
    int const count = 5000;
    for (int i = 0; i < count; ++i) {
        auto const key = std::to_string(i * 7919 % count);
        builder.put(i % 2 == 0 ? Table::entry : Table::id, key, "value of " + key);
    }
    auto const made = builder.finish({"epoch", 7, "nonce"});
    LmdbSnapshot const snapshot(made);
    EXPECT_EQ(snapshot.position(), (store::Position{"epoch", 7, "nonce"}));
    EXPECT_EQ(snapshot.row_count(Table::entry), 2500U);
    EXPECT_EQ(snapshot.row_count(Table::id), 2500U);
    for (int i = 0; i < count; ++i) {
        auto const key = std::to_string(i * 7919 % count);
        EXPECT_EQ(snapshot.row(i % 2 == 0 ? Table::entry : Table::id, key), "value of " + key);
    }
}

TEST(Builder, TheMapGrowsWithWhatIsBuilt)
{
    sql::TestFolder const folder;
    Builder builder(folder.file("a.mdb"), std::size_t{1} << 20U);
    for (int i = 0; i < 100; ++i) builder.put(Table::entry, std::to_string(i), std::string(1000000, 'x'));
    auto const made = builder.finish({});
    EXPECT_GT(made->map_bytes(), std::size_t{100000000});
    EXPECT_EQ(LmdbSnapshot(made).row_count(Table::entry), 100U);
}

TEST(Builder, ARowThatCouldNotBeWrittenIsRefused)
{
    sql::TestFolder const folder;
    Builder builder(folder.file("a.mdb"), std::size_t{1} << 20U);
    EXPECT_THROW(builder.put(Table::entry, std::string(70000, 'k'), ""), std::length_error);
    EXPECT_THROW(builder.put(Table::entry, "k", std::string(std::size_t{17} << 20U, 'v')), std::length_error);
}

}  // namespace
}  // namespace provost::replica
