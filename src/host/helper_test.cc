// SPDX-License-Identifier: Apache-2.0
#include "host/helper.h"

#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/test_root.h"

using namespace provost;
using namespace provost::host;
using namespace std::chrono_literals;

namespace {

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
    Result<void> outcome;
    HelperWork work = [this](auto const&) {
        ++asked;
        return outcome;
    };
};

}  // namespace

TEST_F(Conversation, IsOneLineEachWay)
{
    say("reload dovecot\n");
    EXPECT_EQ(answer(), "OK\n");
    EXPECT_EQ(asked, 1);
}

TEST_F(Conversation, ALineMayComeInPieces)
{
    say("reload ");
    std::thread rest([this] { say("postfix\n"); });
    EXPECT_EQ(answer(), "OK\n");
    rest.join();
}

TEST_F(Conversation, TellsWhatWentWrong)
{
    outcome = fail(Fault::unavailable, "the disk is away");
    say("reload dovecot\n");
    EXPECT_EQ(answer(), "TEMP the disk is away\n");
}

TEST_F(Conversation, OtherUsersAreNotHeard)
{
    callers = {::geteuid() + 1};
    say("reload dovecot\n");
    EXPECT_EQ(answer().substr(0, 3), "NO ");
    EXPECT_EQ(asked, 0);
}

TEST_F(Conversation, WhatIsNotExactlyOneRequestIsRefused)
{
    for (auto const& bytes : {std::string("reboot\n"), std::string("reload dovecot\nreload postfix\n"),
                              std::string("reload dovecot\n "), std::string(4096, 'x'), std::string("\n")}) {
        connect();
        say(bytes);
        EXPECT_EQ(answer().substr(0, 3), "NO ") << bytes;
        EXPECT_EQ(asked, 0);
    }
}

TEST_F(Conversation, WhoeverDoesNotEndTheLineIsNotWaitedFor)
{
    say("reload dovecot");
    EXPECT_EQ(answer(50ms), "");
    EXPECT_EQ(asked, 0);
}

TEST_F(Conversation, WhoeverEndsBeforeTheLineGetsNothing)
{
    say("reload dovecot");
    ours.close();
    converse(theirs, callers, work, 20s);
    EXPECT_EQ(asked, 0);
}

TEST(HelperWork, ServersAreReloadedByWhateverStartedThem)
{
    struct {
        bool under_systemd;
        bool started_by_it;
        char const* postfix;
        char const* dovecot;
    } const cases[] = {
        {false, false, "postfix -c ROOT/etc/postfix reload", "doveadm reload"},
        {true, false, "postfix -c ROOT/etc/postfix reload", "doveadm reload"},
        {true, true, "systemctl reload postfix postfix@*.service", "systemctl reload dovecot"},
    };
    for (auto const& c : cases) {
        TestRoot const test;
        if (c.under_systemd) std::filesystem::create_directories(test.path() + "/run/systemd/system");
        std::string last;
        auto const work = helper_work(test.root(), {}, [&](auto const& words) -> Result<std::string> {
            last = joined(words, " ");
            if (words[1] == "is-active" && !c.started_by_it) return fail(Fault::invalid, "inactive");
            return std::string();
        });
        auto const asked = [&](targets::MailServer server) {
            EXPECT_TRUE(work(targets::Reload{server}));
            auto const at = last.find(test.path());
            return at == std::string::npos ? last : last.replace(at, test.path().size(), "ROOT");
        };
        EXPECT_EQ(asked(targets::MailServer::postfix), c.postfix);
        EXPECT_EQ(asked(targets::MailServer::dovecot), c.dovecot);
    }
}

TEST(HelperWork, AServerThatDoesNotRunMayRunLaterAndOneThatIsNotInstalledWillNot)
{
    TestRoot const test;
    auto const outcome_after = [&](Fault fault) {
        auto const work =
            helper_work(test.root(), {}, [&](auto const&) -> Result<std::string> { return fail(fault, "words"); });
        return work(targets::Reload{targets::MailServer::dovecot}).error().fault;
    };
    EXPECT_EQ(outcome_after(Fault::invalid), Fault::unavailable);
    EXPECT_EQ(outcome_after(Fault::unavailable), Fault::unavailable);
    EXPECT_EQ(outcome_after(Fault::not_found), Fault::not_found);
}
