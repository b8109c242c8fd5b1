// SPDX-License-Identifier: Apache-2.0
// A copy on a disk that takes nothing, or in a process that is given nothing more.
#include <atomic>
#include <cerrno>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replica/environment.h"
#include "replica/test_follow.h"

namespace {

std::atomic<int> failing_meta_pages{0};

}  // namespace

// LMDB's own writes come here first. Less than a page is what leads to all others.
extern "C" ssize_t pwrite(int fd, void const* bytes, size_t size, off_t at)
{
    static auto* const real =
        reinterpret_cast<ssize_t (*)(int, void const*, size_t, off_t)>(::dlsym(RTLD_NEXT, "pwrite"));
    if (size >= 4096 || failing_meta_pages <= 0) return real(fd, bytes, size, at);
    --failing_meta_pages;
    errno = EIO;
    return -1;
}

namespace provost::replica {
namespace {

using store::test_mailbox;
using store::Writing;

mail::Entry::Kind kind_of(Replica& replica, std::string const& name) { return Held(replica)->entry(name).kind; }

// nullopt where nothing can be told.
std::optional<std::int64_t> has_read(Followed& site, MailboxId const& id)
{
    try {
        return site.fullness(id);
    } catch (std::exception const&) {
        return std::nullopt;
    }
}

TEST(Lacks, ACopyWhoseFirstPageCouldNotBeWrittenIsOpenedAnewWithoutTheRecord)
{
    Followed site;
    auto const jane = test_mailbox("jane@example.org");
    site.act([&](Writing& w) { w.put(jane); });
    failing_meta_pages = 1;
    site.away = true;
    site.follower->observe({{jane.id.text(), {7, 1}}});
    Stopwatch const since;
    while (has_read(site, jane.id) != 7 && since.elapsed() < patience) std::this_thread::yield();
    EXPECT_EQ(failing_meta_pages, 0);
    EXPECT_EQ(has_read(site, jane.id), 7);
    EXPECT_EQ(kind_of(*site.replica, "jane@example.org"), mail::Entry::Kind::mailbox);
    site.away = false;
    site.act([](Writing& w) { w.put(test_mailbox("john@example.org")); });
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Lacks, WhoStillReadsInALostCopyDoesSoUntilHeIsDone)
{
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("jane@example.org")); });
    {
        Held const held(*site.replica);
        EXPECT_EQ(held->entry("jane@example.org").kind, mail::Entry::Kind::mailbox);
        failing_meta_pages = 1;
        auto const made = site.record.act([](Writing& w) { w.put(test_mailbox("john@example.org")); });
        EXPECT_FALSE(site.follower->catch_up(made.revision, std::chrono::milliseconds(200)));
        EXPECT_EQ(held->entry("jane@example.org").kind, mail::Entry::Kind::mailbox);
    }
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Lacks, TheTableOfReadersIsOnTheDiskBeforeItIsUsed)
{
    sql::TestFolder const folder;
    replica::Environment const environment(folder.file("a.mdb"), std::size_t{1} << 20U, true);
    struct stat found = {};
    ASSERT_EQ(::stat(folder.file("a.mdb-lock").c_str(), &found), 0);
    EXPECT_GE(found.st_blocks * 512, found.st_size);
    EXPECT_GE(found.st_size, 65536);
}

TEST(Lacks, ACopyThatCannotBeOpenedForWantOfDescriptorsIsKept)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer for undefined behaviour looks at objects through a pipe, which takes descriptors";
#endif
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("jane@example.org")); });
    site.stop();
    rlimit before = {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    int refused = 0;
    for (rlim_t most = 3; most < 200 && !site.replica; ++most) {
        auto few = before;
        few.rlim_cur = most;
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
        site.replica = open_replica(site.options).value();
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
        if (site.replica->health().usable) break;
        site.replica.reset();
        ++refused;
    }
    EXPECT_GE(refused, 3);
    ASSERT_TRUE(site.replica);
    EXPECT_EQ(kind_of(*site.replica, "jane@example.org"), mail::Entry::Kind::mailbox);
}

TEST(Lacks, HowOldACopyIsIsKnownAfterARestart)
{
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("jane@example.org")); });
    site.stop();
    timespec const an_hour_ago[2] = {{.tv_sec = ::time(nullptr) - 3600, .tv_nsec = 0},
                                     {.tv_sec = ::time(nullptr) - 3600, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (site.options.folder + "/current").c_str(), an_hour_ago, 0), 0);
    site.away = true;
    site.start();
    EXPECT_TRUE(site.replica->health().is_older_than(std::chrono::minutes(59)));
    EXPECT_FALSE(site.replica->health().is_older_than(std::chrono::minutes(61)));
    site.away = false;
    EXPECT_EQ(site.differences(), std::vector<std::string>());
    EXPECT_FALSE(site.replica->health().is_older_than(std::chrono::minutes(1)));
}

}  // namespace
}  // namespace provost::replica
