// SPDX-License-Identifier: Apache-2.0
#include "replica/folder.h"

#include <fstream>

#include <gtest/gtest.h>

#include "replica/replica.h"
#include "store/test_store.h"

namespace provost::replica {
namespace {

constexpr std::size_t map = std::size_t{1} << 22U;

struct FolderTest : testing::Test {
    std::unique_ptr<Folder> open() const { return Folder::open(path()).value(); }
    std::string path() const { return folder.file("copy"); }
    bool has(std::string const& name) const { return std::filesystem::exists(path() + "/" + name); }
    // As a daemon leaves it that built a copy and came to its end.
    void leave_one(std::string const& position = encode(store::Position{"epoch", 7, "nonce"})) const
    {
        auto const opened = open();
        std::string why;
        EXPECT_FALSE(opened->current(map, why));
        EXPECT_EQ(why, "there is no copy yet");
        Environment const made(opened->next_file(), map, true);
        WriteTransaction write(made);
        write.put(Table::meta, "position", position);
        write.commit();
        opened->use(made);
    }
    bool finds_one(std::string* why = nullptr) const
    {
        auto const opened = open();
        std::string reason;
        bool const found = opened->current(map, reason) != nullptr;
        if (why != nullptr) *why = reason;
        return found;
    }
    sql::TestFolder folder;
};

TEST_F(FolderTest, AFolderWasUsedOnceACopyWasInUseWhateverBecameOfIt)
{
    EXPECT_FALSE(was_used(path()));
    {
        auto const opened = open();
        std::string why;
        EXPECT_FALSE(opened->current(map, why));
        EXPECT_FALSE(was_used(path()));
    }
    leave_one();
    EXPECT_TRUE(was_used(path()));
    for (auto const& file : std::filesystem::directory_iterator(path()))
        if (file.path().extension() == ".mdb") std::ofstream(file.path(), std::ios::trunc) << "garbage";
    EXPECT_FALSE(finds_one());
    EXPECT_TRUE(was_used(path()));
}

TEST_F(FolderTest, OneThatWasRemovedWhileItIsInUseIsMadeAgainForTheNextCopy)
{
    leave_one();
    auto const opened = open();
    std::string why;
    ASSERT_TRUE(opened->current(map, why)) << why;
    std::filesystem::remove_all(path());
    {
        Environment const made(opened->next_file(), map, true);
        opened->use(made);
    }
    EXPECT_TRUE(has("running")) << "a machine that goes down now must not leave a copy that is believed";
    auto const another = Folder::open(path());
    ASSERT_FALSE(another);
    EXPECT_EQ(another.error().fault, Fault::conflict);
}

TEST_F(FolderTest, ACopyIsFoundAgain)
{
    leave_one();
    EXPECT_TRUE(finds_one());
    EXPECT_FALSE(has("running"));
}

TEST_F(FolderTest, TwoDaemonsNeverShareOne)
{
    auto const first = open();
    auto const second = Folder::open(path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::conflict);
    EXPECT_NE(second.error().message.find("another provostd"), std::string::npos);
}

TEST_F(FolderTest, OneThatWasInUseWhenTheMachineWentDownIsSetAside)
{
    leave_one();
    std::ofstream(path() + "/running") << "another boot\n";
    std::string why;
    EXPECT_FALSE(finds_one(&why));
    EXPECT_EQ(why, "the machine went down while the copy was in use");
    EXPECT_TRUE(has("set-aside.mdb"));
    EXPECT_FALSE(has("copy-1.mdb"));
}

TEST_F(FolderTest, OneWhoseDaemonWasKilledIsSound)
{
    leave_one();
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    std::ofstream(path() + "/running") << boot << "\n";
    EXPECT_TRUE(finds_one());
}

TEST_F(FolderTest, OneThatItsDaemonMayHaveDiedOfIsSetAside)
{
    leave_one();
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    std::ofstream(path() + "/running") << boot << "\n";
    std::fstream copy(path() + "/copy-1.mdb", std::ios::in | std::ios::out | std::ios::binary);
    auto const size = std::filesystem::file_size(path() + "/copy-1.mdb");
    copy.seekp(2 * 4096);  // behind the meta pages
    for (auto at = size_t{2 * 4096}; at < size; ++at) copy.put(static_cast<char>(at * 7919 >> 3U));
    copy.close();
    std::string why;
    EXPECT_FALSE(finds_one(&why));
    EXPECT_EQ(why, "the copy cannot be read through");
    EXPECT_TRUE(has("set-aside.mdb"));
}

TEST_F(FolderTest, OneIsUsedAlsoWhereNothingCanBeWrittenBesideIt)
{
    leave_one();
    std::filesystem::create_directory(path() + "/running.new");  // in the way of the stamp, for root as well
    EXPECT_TRUE(finds_one());
}

TEST_F(FolderTest, OneThatIsTornIsSetAside)
{
    leave_one();
    std::filesystem::resize_file(path() + "/copy-1.mdb", 4096);
    EXPECT_FALSE(finds_one());
    EXPECT_TRUE(has("set-aside.mdb"));
}

TEST_F(FolderTest, OneThatCannotTellHowFarItIsIsSetAside)
{
    leave_one("\x01");
    std::string why;
    EXPECT_FALSE(finds_one(&why));
    EXPECT_NE(why, "");
    EXPECT_TRUE(has("set-aside.mdb"));
}

TEST_F(FolderTest, WhatWasNeverFinishedGoes)
{
    leave_one();
    std::ofstream(path() + "/copy-9.mdb") << "half";
    std::ofstream(path() + "/current.new") << "copy-9";
    EXPECT_TRUE(finds_one());
    EXPECT_FALSE(has("copy-9.mdb"));
    EXPECT_TRUE(has("copy-1.mdb"));
}

TEST_F(FolderTest, TheOldCopyGoesWhenANewOneIsUsed)
{
    leave_one();
    auto const opened = open();
    std::string why;
    auto const old = opened->current(map, why);
    ASSERT_TRUE(old);
    auto const file = opened->next_file();
    EXPECT_NE(file, old->file());
    Environment const made(file, map, true);
    opened->use(made);
    EXPECT_FALSE(std::filesystem::exists(old->file()));
    EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(FolderTest, AFolderThatCannotBeIsUnavailable)
{
    std::ofstream(folder.file("copy")) << "a file";
    auto const opened = Folder::open(path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace provost::replica
