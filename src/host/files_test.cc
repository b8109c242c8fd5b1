// SPDX-License-Identifier: Apache-2.0
#include "host/files.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

unsigned mode_of(std::string const& path)
{
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

}  // namespace

TEST(Root, AFileIsWrittenOnceAndAgainOnlyWhenItDiffers)
{
    TestRoot const test;
    Changes changes;
    Access const access{"provost", "provost", 0640};
    ASSERT_TRUE(test.root().file("/etc/a", "one\n", access, changes));
    EXPECT_EQ(changes, Changes{"wrote /etc/a"});
    EXPECT_EQ(mode_of(test.path() + "/etc/a"), 0640U);
    changes.clear();
    ASSERT_TRUE(test.root().file("/etc/a", "one\n", access, changes));
    EXPECT_TRUE(changes.empty());
    ASSERT_TRUE(test.root().file("/etc/a", "two\n", access, changes));
    EXPECT_EQ(*test.root().read("/etc/a"), "two\n");
    EXPECT_FALSE(test.root().exists("/etc/a.new"));
}

TEST(Root, AModeThatSomebodyLoosenedIsPutRight)
{
    TestRoot const test;
    Changes changes;
    Access const access{"provost", "provost", 0600};
    ASSERT_TRUE(test.root().file("/etc/key", "k", access, changes));
    ::chmod((test.path() + "/etc/key").c_str(), 0644);
    changes.clear();
    ASSERT_TRUE(test.root().file("/etc/key", "k", access, changes));
    EXPECT_EQ(changes, Changes{"set owner and mode of /etc/key"});
    EXPECT_EQ(mode_of(test.path() + "/etc/key"), 0600U);
}

TEST(Root, AFolderOfAnotherProgramIsMadeButNeverChanged)
{
    TestRoot const test;
    Changes changes;
    Folder const theirs{"/run/dovecot", {"provost", "provost", 0750}, false};
    ASSERT_TRUE(test.root().folder(theirs, changes));
    EXPECT_EQ(mode_of(test.path() + "/run/dovecot"), 0750U);
    ::chmod((test.path() + "/run/dovecot").c_str(), 0711);
    changes.clear();
    ASSERT_TRUE(test.root().folder(theirs, changes));
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(mode_of(test.path() + "/run/dovecot"), 0711U);
}

TEST(Root, ALinkOfRootsToAFolderIsFollowed)
{
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: the link must be root's";
    TestRoot const test;
    Changes changes;
    std::filesystem::create_directories(test.path() + "/srv/disk");
    std::filesystem::create_directory_symlink("../srv/disk", test.path() + "/var/vmail");
    ASSERT_TRUE(test.root().folder({"/var/vmail", {"vmail", "vmail", 0750}}, changes));
    EXPECT_EQ(mode_of(test.path() + "/srv/disk"), 0750U);
    EXPECT_TRUE(std::filesystem::is_symlink(test.path() + "/var/vmail"));
    // Somebody else's leads where he likes.
    ASSERT_EQ(::lchown((test.path() + "/var/vmail").c_str(), 7, 8), 0);
    ::chmod((test.path() + "/srv/disk").c_str(), 0700);
    EXPECT_FALSE(test.root().folder({"/var/vmail", {"vmail", "vmail", 0750}}, changes));
    EXPECT_EQ(mode_of(test.path() + "/srv/disk"), 0700U);
}

TEST(Root, ALinkReplacesWhatIsThereButNoFolder)
{
    TestRoot const test;
    Changes changes;
    std::ofstream(test.path() + "/run/old") << "x";
    ASSERT_TRUE(test.root().link({"/run/old", "/run/new"}, changes));
    EXPECT_EQ(std::filesystem::read_symlink(test.path() + "/run/old"), "/run/new");
    changes.clear();
    ASSERT_TRUE(test.root().link({"/run/old", "/run/new"}, changes));
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(test.root().link({"/etc", "/run/new"}, changes).error().fault, Fault::conflict);
}

TEST(Root, AnUnknownUserIsNamed)
{
    TestRoot const test;
    Changes changes;
    auto const outcome = test.root().file("/etc/a", "x", {"exim", "provost", 0600}, changes);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::not_found);
    EXPECT_NE(outcome.error().message.find("exim"), std::string::npos);
    EXPECT_FALSE(test.root().exists("/etc/a"));
}

TEST(Root, AFileInAMissingFolderIsAnErrorThatNamesIt)
{
    TestRoot const test;
    Changes changes;
    auto const outcome = test.root().file("/nowhere/a", "x", {"provost", "provost", 0600}, changes);
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("/nowhere/a"), std::string::npos);
    EXPECT_EQ(test.root().read("/nowhere/a").error().fault, Fault::not_found);
}
