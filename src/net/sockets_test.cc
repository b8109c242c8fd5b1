// SPDX-License-Identifier: Apache-2.0
#include "net/sockets.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;

TEST(Sockets, AUnixSocketListensWithItsMode)
{
    TestDirectory directory;
    UnixPlace place{.path = directory.file("provost/map"), .mode = 0620, .make_directory = true};
    auto socket = bind_unix(place);
    ASSERT_TRUE(socket) << socket.error().message;
    struct stat found {};
    ASSERT_EQ(::stat(place.path.c_str(), &found), 0);
    EXPECT_TRUE(S_ISSOCK(found.st_mode));
    EXPECT_EQ(found.st_mode & 07777, 0620u);
    EXPECT_NO_THROW(TestPeer{place.path});
}

TEST(Sockets, ASocketThatAnswersIsNotStolen)
{
    TestDirectory directory;
    UnixPlace place{.path = directory.file("map")};
    auto first = bind_unix(place);
    ASSERT_TRUE(first);
    auto second = bind_unix(place);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::conflict);
    EXPECT_NE(second.error().message.find(place.path), std::string::npos);
    EXPECT_NO_THROW(TestPeer{place.path});
}

TEST(Sockets, ASocketThatWasLeftBehindIsReplaced)
{
    TestDirectory directory;
    UnixPlace place{.path = directory.file("map")};
    bind_unix(place)->close();
    EXPECT_THROW(TestPeer{place.path}, std::runtime_error);
    auto again = bind_unix(place);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_NO_THROW(TestPeer{place.path});
}

TEST(Sockets, WhatIsNotASocketStays)
{
    TestDirectory directory;
    auto const path = directory.file("precious");
    std::ofstream(path) << "data";
    auto socket = bind_unix({.path = path});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().fault, Fault::conflict);
    EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST(Sockets, APlaceThatCannotBeIsRefusedWithTheReason)
{
    TestDirectory directory;
    struct {
        UnixPlace place;
        Fault fault;
        char const* word;
    } const cases[] = {
        {{.path = ""}, Fault::invalid, "socket"},
        {{.path = "/" + std::string(200, 'x')}, Fault::invalid, "107 bytes"},
        {{.path = directory.file("no/such/directory")}, Fault::unavailable, "directory"},
        {{.path = directory.file("a"), .owner = "no-such-user"}, Fault::invalid, "no-such-user"},
        {{.path = directory.file("b"), .group = "no-such-group"}, Fault::invalid, "no-such-group"},
    };
    for (auto const& c : cases) {
        auto socket = bind_unix(c.place);
        ASSERT_FALSE(socket) << c.place.path;
        EXPECT_EQ(socket.error().fault, c.fault) << socket.error().message;
        EXPECT_NE(socket.error().message.find(c.word), std::string::npos) << socket.error().message;
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory.file("")));
}

TEST(Sockets, ATcpSocketTakesAFreePort)
{
    auto socket = bind_tcp("127.0.0.1", 0);
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_NO_THROW(TestPeer{port_of(*socket)});
    EXPECT_EQ(bind_tcp("127.0.0.1", port_of(*socket)).error().fault, Fault::conflict);
    EXPECT_EQ(bind_tcp("localhost", 0).error().fault, Fault::invalid);
}

TEST(Sockets, WithoutASystemdNothingIsInheritedAndNobodyIsTold)
{
    ::unsetenv("NOTIFY_SOCKET");
    auto sockets = inherited_sockets();
    ASSERT_TRUE(sockets);
    EXPECT_TRUE(sockets->empty());
    notify_ready();
    notify_stopping();
}

TEST(Sockets, InheritedSocketsAreFoundByNameAndTheEnvironmentIsCleared)
{
    // sd_listen_fds counts from descriptor 3, so the test lends that number for a moment.
    TestDirectory directory;
    auto socket = bind_unix({.path = directory.file("map")});
    Fd const kept(::fcntl(3, F_DUPFD_CLOEXEC, 100));
    ASSERT_EQ(::dup2(socket->get(), 3), 3);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_FDNAMES", "map", 1);
    auto sockets = inherited_sockets();
    ASSERT_TRUE(sockets);
    ASSERT_EQ(sockets->count("map"), 1u);
    EXPECT_EQ(sockets->find("map")->second.get(), 3);
    EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
    sockets->clear();
    if (kept) ::dup2(kept.get(), 3);
}
