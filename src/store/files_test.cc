// SPDX-License-Identifier: Apache-2.0
#include "store/files.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/test_source.h"
#include "sql/engines.h"
#include "sql/test_database.h"
#include "store/backup.h"
#include "store/store.h"

namespace provost::store {
namespace {

constexpr uid_t daemon_user = 54321;
constexpr uid_t third_user = 54322;

void give(std::string const& path, uid_t to) { ASSERT_EQ(::lchown(path.c_str(), to, to), 0) << path; }

uid_t owner_of_file(std::string const& path)
{
    struct stat found = {};
    return ::lstat(path.c_str(), &found) == 0 ? found.st_uid : static_cast<uid_t>(-1);
}

// A folder of the daemon's user, and one of root's beside it.
class FolderOfAnother : public testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it acts as another user";
        std::filesystem::permissions(top_.path(), std::filesystem::perms(0755));
        std::filesystem::create_directory(theirs_);
        std::filesystem::create_directory(roots_);
        give(theirs_, daemon_user);
    }
    void make_database(std::string const& file, uid_t of) const
    {
        sql::connect_sqlite(file, {.create = true})->query("CREATE TABLE mark (text TEXT)");
        std::filesystem::permissions(file, std::filesystem::perms(0600));
        give(file, of);
    }

    sql::TestFolder top_;
    std::string const theirs_ = top_.file("theirs");
    std::string const roots_ = top_.file("roots");
};

TEST_F(FolderOfAnother, RootActsAsItsOwnerWithoutOtherGroups)
{
    gid_t const more[] = {0, 4};
    ASSERT_EQ(::setgroups(2, more), 0);
    {
        AsOwner const owner(theirs_);
        EXPECT_EQ(::geteuid(), daemon_user);
        EXPECT_EQ(::getegid(), daemon_user);
        gid_t groups[8] = {};
        ASSERT_EQ(::getgroups(8, groups), 1);
        EXPECT_EQ(groups[0], daemon_user);
    }
    EXPECT_EQ(::geteuid(), 0U);
    EXPECT_EQ(::getegid(), 0U);
    EXPECT_EQ(::getgroups(0, nullptr), 2);
    ASSERT_EQ(::setgroups(0, nullptr), 0);
}

TEST_F(FolderOfAnother, ALinkOfItsOwnerToAnothersFolderIsItsOwners)
{
    std::filesystem::create_directory(roots_ + "/inner");
    std::filesystem::create_symlink(roots_, theirs_ + "/link");
    give(theirs_ + "/link", daemon_user);
    EXPECT_EQ(owner_of(theirs_ + "/link").user, daemon_user);
    EXPECT_EQ(owner_of(theirs_ + "/link/inner").user, daemon_user);
    give(roots_, third_user);
    EXPECT_EQ(owner_of(theirs_ + "/link").user, daemon_user);
}

TEST_F(FolderOfAnother, ADatabaseThatIsALinkIsReadAndWrittenWithTheRightsOfTheFoldersOwnerAlone)
{
    for (auto const of : {uid_t{0}, third_user}) {
        auto const target = roots_ + "/secret.db";
        std::filesystem::remove(target);
        make_database(target, of);
        auto const link = theirs_ + "/provost.db";
        std::filesystem::remove(link);
        std::filesystem::create_symlink(target, link);
        give(link, daemon_user);
        EXPECT_THROW(
            {
                AsOwner const owner(folder_of(link));
                File(link, O_RDWR);
            },
            std::system_error);
        auto const made = back_up({"sqlite:" + link}, top_.file("backup"), true);
        ASSERT_FALSE(made);
        EXPECT_NE(made.error().message.find("unable to open"), std::string::npos) << made.error().message;
    }
}

TEST_F(FolderOfAnother, ABackupIntoItIsItsOwners)
{
    auto const database = theirs_ + "/provost.db";
    ASSERT_TRUE(open_store("sqlite:" + database, in_source("schema")));
    for (auto const* part : {"", "-wal", "-shm"})
        if (std::filesystem::exists(database + part)) give(database + part, daemon_user);
    auto const made = back_up({"sqlite:" + database}, theirs_ + "/backup", false);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(owner_of_file(theirs_ + "/backup"), daemon_user);
    ASSERT_TRUE(back_up({"sqlite:" + database}, roots_ + "/backup", false));
    EXPECT_EQ(owner_of_file(roots_ + "/backup"), 0U);
}

}  // namespace
}  // namespace provost::store
