// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace provost;

namespace {

// In a process of its own: sanitizers look into this one at its end.
int end_of(void (*work)())
{
    auto const child = ::fork();
    if (child == 0) {
        work();
        ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace

TEST(Process, ItsMemoryIsKeptPrivate)
{
    auto const status = end_of([] {
        keep_memory_private();
        ::_exit(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Process, NoCoreIsDumpedWhateverTheLimit)
{
    auto const status = end_of([] {
        rlimit limit{};
        ::getrlimit(RLIMIT_CORE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_CORE, &limit);
        ::signal(SIGQUIT, SIG_DFL);
        keep_memory_private();
        ::raise(SIGQUIT);
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(WCOREDUMP(status));
}
