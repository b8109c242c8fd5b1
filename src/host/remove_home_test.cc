// SPDX-License-Identifier: Apache-2.0
#include "host/remove_home.h"

#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mail/home.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::host;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr uid_t mail_user = 54321;

class RemoveHome : public testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it acts as another user";
        ASSERT_EQ(::chmod(top_.file("").c_str(), 0755), 0);
        make(store_.root);
        make(path_.substr(0, path_.rfind('/')));
        make(outside_);
        write(outside_ + "/keep");
    }

    // All that a test makes is the mail user's, unless it says otherwise.
    static void make(std::string const& folder)
    {
        fs::create_directory(folder);
        give(folder);
    }
    static void write(std::string const& file)
    {
        std::ofstream(file) << "text";
        give(file);
    }
    static void give(std::string const& path, uid_t to = mail_user)
    {
        ASSERT_EQ(::lchown(path.c_str(), to, to), 0) << path;
    }
    void make_home(std::string const& path)
    {
        for (auto const* folder : {"", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/.Sent"})
            make(path + folder);
        write(path + "/Maildir/cur/1:2,S");
        write(path + "/Maildir/.Sent/dovecot.index");
    }
    Result<void> remove(std::chrono::milliseconds patience = 20s) { return remove_home(store_, id_, patience); }
    void expect_outside_whole() { EXPECT_TRUE(fs::exists(outside_ + "/keep")); }

    net::TestDirectory top_;
    MailStore store_{top_.file("mail"), mail_user, mail_user};
    MailboxId id_ = MailboxId::make();
    std::string path_ = store_.root + "/" + mail::home_of(id_);
    std::string removed_ = path_ + ".removed";
    std::string outside_ = top_.file("outside");
};

}  // namespace

TEST_F(RemoveHome, TheWholeHomeGoesAndNothingBesides)
{
    make_home(path_);
    make_home(path_ + "0");  // begins like it
    auto const outcome = remove();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(fs::exists(path_));
    EXPECT_FALSE(fs::exists(removed_));
    EXPECT_TRUE(fs::exists(path_ + "0/Maildir/cur/1:2,S"));
    EXPECT_EQ(::geteuid(), 0U);
    EXPECT_EQ(::getegid(), 0U);
}

TEST_F(RemoveHome, AHomeThatIsNotThereIsRemovedAlready)
{
    EXPECT_TRUE(remove());
    fs::remove_all(fs::path(path_).parent_path());
    EXPECT_TRUE(remove());
}

TEST_F(RemoveHome, LinksGoAndWhatTheyLeadToStays)
{
    make_home(path_);
    for (auto const& [name, target] :
         {std::pair("/folder", outside_), std::pair("/Maildir/cur/file", outside_ + "/keep"),
          std::pair("/up", std::string(".."))}) {
        fs::create_symlink(target, path_ + name);
        give(path_ + name);
    }
    ASSERT_EQ(::mkfifo((path_ + "/pipe").c_str(), 0600), 0);
    auto const outcome = remove();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(fs::exists(removed_));
    expect_outside_whole();
}

TEST_F(RemoveHome, ALinkInPlaceOfTheHomeIsRefused)
{
    fs::create_symlink(outside_, path_);
    give(path_);
    auto const outcome = remove();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::denied);
    EXPECT_NE(outcome.error().message.find("is a link or a file"), std::string::npos) << outcome.error().message;
    EXPECT_TRUE(fs::is_symlink(path_));
    expect_outside_whole();
}

TEST_F(RemoveHome, ALinkOnTheWayToItIsRefused)
{
    make(outside_ + "/" + id_.text());
    auto const shelf = fs::path(path_).parent_path();
    fs::remove(shelf);
    fs::create_symlink(outside_, shelf);
    auto const outcome = remove();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::denied);
    EXPECT_TRUE(fs::exists(outside_ + "/" + id_.text()));
}

TEST_F(RemoveHome, AFileInPlaceOfTheHomeIsRefused)
{
    write(path_);
    auto const outcome = remove();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::denied);
    EXPECT_TRUE(fs::exists(path_));
}

TEST_F(RemoveHome, WhatTheMailUserMayNotRemoveStays)
{
    make_home(path_);
    auto const kept = path_ + "/Maildir/roots";
    make(kept);
    write(kept + "/letter");
    give(kept, 0);
    ::chmod(kept.c_str(), 0755);
    auto const outcome = remove();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::denied) << outcome.error().message;
    EXPECT_TRUE(fs::exists(removed_ + "/Maildir/roots/letter"));
    EXPECT_FALSE(fs::exists(path_)) << "half a mailbox may be found";
}

TEST_F(RemoveHome, WhatTakesTooLongIsFinishedNextTime)
{
    make_home(path_);
    auto const begun = remove(0ms);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().fault, Fault::unavailable);
    EXPECT_FALSE(fs::exists(path_));
    EXPECT_TRUE(fs::exists(removed_));
    EXPECT_TRUE(remove());
    EXPECT_FALSE(fs::exists(removed_));
}

TEST_F(RemoveHome, WhatAnEarlierTimeHasLeftGoesToo)
{
    make_home(path_);
    make_home(removed_);
    EXPECT_TRUE(remove());
    EXPECT_FALSE(fs::exists(path_));
    EXPECT_FALSE(fs::exists(removed_));
}

TEST_F(RemoveHome, ARootThatIsNotMountedTellsNothing)
{
    give(store_.root, 0);
    EXPECT_EQ(remove().error().fault, Fault::unavailable);
    fs::remove_all(store_.root);
    EXPECT_EQ(remove().error().fault, Fault::unavailable);
}

TEST_F(RemoveHome, AnotherFileSystemIsNotEntered)
{
    make_home(path_);
    make(path_ + "/inner");
    if (::unshare(CLONE_NEWNS) != 0) GTEST_SKIP() << "needs a mount namespace of its own";
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    // A mount of the same file system at another place: the device's number would not tell.
    ASSERT_EQ(::mount(outside_.c_str(), (path_ + "/inner").c_str(), nullptr, MS_BIND, nullptr), 0);
    auto const outcome = remove();
    ::umount2((path_ + "/inner").c_str(), MNT_DETACH);
    ::umount2((removed_ + "/inner").c_str(), MNT_DETACH);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::denied);
    EXPECT_NE(outcome.error().message.find("another file system"), std::string::npos) << outcome.error().message;
    expect_outside_whole();
}

TEST_F(RemoveHome, FoldersWithoutEndAreRefusedBeforeDescriptorsRunOut)
{
    auto deep = path_;
    make(deep);
    for (int i = 0; i < 150; ++i) make(deep += "/d");
    auto const outcome = remove();
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("too deep"), std::string::npos) << outcome.error().message;
}
