// SPDX-License-Identifier: Apache-2.0
#include "host/cyrus_sessions.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;

namespace {

// A folder as Cyrus has it, of the user who runs the test.
struct CyrusSessions : testing::Test {
    CyrusSessions()
    {
        std::string name = testing::TempDir() + "cyrus-XXXXXX";
        processes = {::mkdtemp(name.data()), ::geteuid(), ::getegid()};
    }
    ~CyrusSessions() override { std::filesystem::remove_all(processes.folder); }
    void write(std::string const& name, std::string const& text) const
    {
        std::ofstream(processes.folder + "/" + name) << text;
    }
    std::vector<targets::OpenSession> open(std::string const& user) const
    {
        return cyrus_sessions(processes, user).value();
    }

    CyrusProcesses processes;
};

}  // namespace

TEST_F(CyrusSessions, AreThoseOfTheUserThatHaveAProcess)
{
    auto const own = std::to_string(::getpid());
    write(own, "imap\t[192.0.2.1]\talice@example.org\tINBOX\tIdle\n");
    auto const found = open("alice@example.org");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].service, "imap");
    EXPECT_EQ(found[0].from, "[192.0.2.1]");
    EXPECT_EQ(found[0].id, own);
    EXPECT_TRUE(open("alice@example.or").empty());
    EXPECT_TRUE(open("").empty());
    write("2147483646", "imap\t[192.0.2.1]\tgone@example.org\t\t\n");
    EXPECT_TRUE(open("gone@example.org").empty());
}

TEST_F(CyrusSessions, DeliveriesAreNoSessions)
{
    write(std::to_string(::getpid()), "lmtpunix\t[unix socket]\talice@example.org\t\t\n");
    EXPECT_TRUE(open("alice@example.org").empty());
}

TEST_F(CyrusSessions, WhatIsNoProcessIsPassedOver)
{
    write("notes", "imap\tx\talice@example.org\t\t\n");
    write("0", "imap\tx\talice@example.org\t\t\n");
    write("1", "imap\tx\talice@example.org\t\t\n");
    write("-1", "imap\tx\talice@example.org\t\t\n");
    write(std::to_string(::getpid()), "");
    std::filesystem::create_symlink("/etc/passwd", processes.folder + "/4711");
    EXPECT_TRUE(open("alice@example.org").empty());
}

TEST_F(CyrusSessions, ACyrusThatDoesNotRunHasNone)
{
    processes.folder += "/missing";
    EXPECT_TRUE(open("alice@example.org").empty());
    EXPECT_TRUE(end_cyrus_sessions(processes, "alice@example.org"));
}

TEST_F(CyrusSessions, EndWhereTheyAreTheUsers)
{
    auto const wait_for_signal = [] {
        auto const child = ::fork();
        if (child == 0) {
            ::alarm(20);  // where nobody ends it, by another signal than is asked for
            for (;;) ::pause();
        }
        return child;
    };
    auto const alice = wait_for_signal();
    auto const bob = wait_for_signal();
    write(std::to_string(alice), "imaps\tx\talice@example.org\tINBOX\tIdle\n");
    write(std::to_string(bob), "imaps\tx\tbob@example.org\tINBOX\tIdle\n");
    ASSERT_TRUE(end_cyrus_sessions(processes, "alice@example.org"));
    int status = 0;
    ASSERT_EQ(::waitpid(alice, &status, 0), alice);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    EXPECT_EQ(::kill(bob, 0), 0);
    ::kill(bob, SIGKILL);
    ::waitpid(bob, &status, 0);
}
