// SPDX-License-Identifier: Apache-2.0
#include "host/helper.h"

#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;
using namespace std::chrono_literals;

namespace {

std::string const request = "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\n";

// What is answered to these bytes; `asked` counts the requests that were worked on.
struct Conversation : testing::Test {
    Conversation() { connect(); }
    void connect()
    {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("no sockets");
        ours = net::Fd(ends[0]);
        theirs = net::Fd(ends[1]);
    }
    void say(std::string_view bytes) { ::send(ours.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    std::string answer(std::chrono::milliseconds hearing = 20s)
    {
        converse(theirs, callers, work, hearing);
        theirs.close();
        char buffer[1024];
        auto const count = ::recv(ours.get(), buffer, sizeof buffer, 0);
        return {buffer, count > 0 ? static_cast<std::size_t>(count) : 0};
    }

    net::Fd ours, theirs;
    std::vector<uid_t> callers{::geteuid()};
    int asked = 0;
    Result<std::string> outcome;
    HelperWork work = [this](auto const&) {
        ++asked;
        return outcome;
    };
};

}  // namespace

TEST_F(Conversation, IsOneLineEachWay)
{
    say(request);
    EXPECT_EQ(answer(), "OK\n");
    EXPECT_EQ(asked, 1);
}

TEST_F(Conversation, ALineMayComeInPieces)
{
    auto const half = request.size() / 2;
    say(request.substr(0, half));
    std::thread rest([this, half] { say(request.substr(half)); });
    EXPECT_EQ(answer(), "OK\n");
    rest.join();
}

TEST_F(Conversation, TellsWhatWentWrong)
{
    outcome = fail(Fault::unavailable, "the disk is away");
    say(request);
    EXPECT_EQ(answer(), "TEMP the disk is away\n");
}

TEST_F(Conversation, OtherUsersAreNotHeard)
{
    callers = {::geteuid() + 1};
    say(request);
    EXPECT_EQ(answer().substr(0, 3), "NO ");
    EXPECT_EQ(asked, 0);
}

TEST_F(Conversation, WhatIsNotExactlyOneRequestIsRefused)
{
    for (auto const& bytes : {std::string("reboot\n"), request + request, request + " ",
                              std::string("reload postfix\n"), std::string(4096, 'x'), std::string("\n")}) {
        connect();
        say(bytes);
        EXPECT_EQ(answer().substr(0, 3), "NO ") << bytes;
        EXPECT_EQ(asked, 0);
    }
}

TEST_F(Conversation, WhoeverDoesNotEndTheLineIsNotWaitedFor)
{
    say(request.substr(0, request.size() - 1));
    EXPECT_EQ(answer(50ms), "");
    EXPECT_EQ(asked, 0);
}

TEST_F(Conversation, WhoeverEndsBeforeTheLineGetsNothing)
{
    say(request.substr(0, request.size() - 1));
    ours.close();
    converse(theirs, callers, work, 20s);
    EXPECT_EQ(asked, 0);
}
