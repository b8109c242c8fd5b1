// SPDX-License-Identifier: Apache-2.0
#include "replica/environment.h"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "store/test_store.h"

namespace provost::replica {
namespace {

constexpr std::size_t map = std::size_t{1} << 22U;

struct EnvironmentTest : testing::Test {
    std::string file() const { return folder.file("a.mdb"); }
    void make(int rows = 1)
    {
        Environment const made(file(), map, true);
        WriteTransaction write(made);
        for (int i = 0; i < rows; ++i) write.put(Table::entry, "key" + std::to_string(i), std::string(200, 'v'));
        write.commit();
    }
    sql::TestFolder folder;
};

TEST_F(EnvironmentTest, WhatIsCommittedIsThereAndWhatIsNotIsNot)
{
    Environment const made(file(), map, true);
    {
        WriteTransaction write(made);
        write.put(Table::entry, "a", "1");
        write.put(Table::login, "a", "2");
        write.remove(Table::entry, "nothing");
        write.commit();
    }
    {
        WriteTransaction undone(made);
        undone.put(Table::entry, "a", "3");
        undone.remove(Table::login, "a");
    }
    WriteTransaction const look(made);
    EXPECT_EQ(look.get(Table::entry, "a"), "1");
    EXPECT_EQ(look.get(Table::login, "a"), "2");
    EXPECT_EQ(look.get(Table::entry, "b"), std::nullopt);
}

TEST_F(EnvironmentTest, KeysOutOfOrderAreTakenToo)
{
    Environment const made(file(), map, true);
    WriteTransaction write(made);
    for (auto const* key : {"b", "c", "a", "d"}) write.append(Table::entry, key, key);
    for (auto const* key : {"a", "b", "c", "d"}) EXPECT_EQ(write.get(Table::entry, key), key);
}

TEST_F(EnvironmentTest, AFullMapSaysSo)
{
    Environment const made(file(), std::size_t{1} << 18U, true);
    EXPECT_THROW(
        {
            WriteTransaction write(made);
            for (int i = 0; i < 10000; ++i) write.put(Table::entry, std::to_string(i), std::string(200, 'v'));
            write.commit();
        },
        MapFull);
}

TEST_F(EnvironmentTest, ItIsReadableByItsOwnerAlone)
{
    make();
    struct stat found = {};
    ASSERT_EQ(::stat(file().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(EnvironmentTest, AFileCutShortAnywhereIsRefused)
{
    make(2000);
    auto const size = std::filesystem::file_size(file());
    for (auto const part : {size - 4096, size / 2, std::uintmax_t{8192}, std::uintmax_t{4096}, std::uintmax_t{100}}) {
        SCOPED_TRACE(part);
        std::filesystem::resize_file(file(), part);
        EXPECT_THROW(Environment(file(), map, false), EnvironmentError);
    }
}

TEST_F(EnvironmentTest, WhatIsNotOursIsRefused)
{
    EXPECT_THROW(Environment(file(), map, false), EnvironmentError);
    std::ofstream(file()) << std::string(100000, 'x');
    EXPECT_THROW(Environment(file(), map, false), EnvironmentError);
    EXPECT_THROW(Environment(file(), map, true), EnvironmentError);
    std::filesystem::remove(file());
    make();
    {
        Environment const made(file(), map, false);
        WriteTransaction write(made);
        write.put(Table::meta, "format", "provost-replica-0");
        write.commit();
    }
    EXPECT_THROW(Environment(file(), map, false), EnvironmentError);
}

TEST_F(EnvironmentTest, ACompactCopyHoldsTheSame)
{
    make(2000);
    Environment const made(file(), map, false);
    {
        WriteTransaction write(made);
        for (int i = 1; i < 2000; ++i) write.remove(Table::entry, "key" + std::to_string(i));
        write.commit();
    }
    made.copy_to(folder.file("b.mdb"));
    Environment const copy(folder.file("b.mdb"), map, false);
    EXPECT_LT(copy.used_bytes(), made.used_bytes());
    WriteTransaction const look(copy);
    EXPECT_TRUE(look.get(Table::entry, "key0"));
    EXPECT_FALSE(look.get(Table::entry, "key1"));
}

}  // namespace
}  // namespace provost::replica
