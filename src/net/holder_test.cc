// SPDX-License-Identifier: Apache-2.0
#include "net/holder.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "net/signals.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

// Runs one of the DISABLED_ tests below as a process of its own: they are the holder and the daemon it holds.
std::vector<std::string> role(std::string const& name)
{
    return {"/proc/self/exe", "--gtest_also_run_disabled_tests", "--gtest_filter=HolderRole.DISABLED_" + name};
}

pid_t spawn(std::vector<std::string> const& command)
{
    std::vector<char*> words;
    for (auto const& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_t pid = 0;
    if (::posix_spawn(&pid, words[0], nullptr, nullptr, words.data(), environ) != 0) throw std::runtime_error("spawn");
    return pid;
}

bool ends(pid_t pid, int& status)
{
    Stopwatch const watch;
    while (watch.elapsed() < 20s) {
        if (::waitpid(pid, &status, WNOHANG) == pid) return true;
        ::poll(nullptr, 0, 5);
    }
    return false;
}

class Held : public testing::Test {
protected:
    void hold()
    {
        ::setenv("HOLDER_TEST_SOCKET", path.c_str(), 1);
        holder = spawn(role("Holder"));
        Stopwatch const watch;
        while (!std::filesystem::exists(path) && watch.elapsed() < 20s) ::poll(nullptr, 0, 5);
    }
    ~Held() override
    {
        if (holder > 0) ::kill(holder, SIGKILL), ::waitpid(holder, nullptr, 0);
    }
    // What the daemon says when a line is sent to it: its pid.
    std::string ask(std::string const& line)
    {
        TestPeer peer(path);
        peer.send(line + "\n");
        return peer.receive_all();
    }

    TestDirectory directory;
    std::string path = directory.file("run/s");
    pid_t holder = 0;
};

}  // namespace

TEST(HolderRole, DISABLED_Holder)
{
    auto const* path = std::getenv("HOLDER_TEST_SOCKET");
    if (!path) GTEST_SKIP();
    auto sockets = parse_held_sockets("one " + std::string(path) + " - - 0600\n");
    ::_exit(hold({*sockets, {}, role("Daemon")}));
}

TEST(HolderRole, DISABLED_Daemon)
{
    if (!std::getenv("HOLDER_TEST_SOCKET")) GTEST_SKIP();
    Signals signals({SIGTERM, SIGHUP});
    auto sockets = *inherited_sockets();
    if (sockets.size() != 1 || sockets.count("one") != 1) ::_exit(3);
    int const listening = sockets.find("one")->second.get();
    for (;;) {
        pollfd waited[] = {{listening, POLLIN, 0}, {signals.fd(), POLLIN, 0}};
        ::poll(waited, 2, -1);
        if (auto number = signals.wait_for(0ms)) {
            if (*number == SIGTERM) ::_exit(0);
            std::ofstream(std::string(std::getenv("HOLDER_TEST_SOCKET")) + ".hup") << "x";
        }
        Fd peer(::accept(listening, nullptr, nullptr));
        if (!peer) continue;
        char buffer[64];
        auto const n = ::read(peer.get(), buffer, sizeof buffer);
        std::string_view const line(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
        auto const pid = std::to_string(::getpid());
        if (::write(peer.get(), pid.data(), pid.size()) < 0 || line == "die\n") ::_exit(9);
    }
}

TEST_F(Held, WhoConnectsWhileTheDaemonIsDeadIsServedByTheNext)
{
    hold();
    auto const first = ask("hello");
    ASSERT_NE(first, "");
    EXPECT_EQ(ask("hello"), first);
    // Many at once: some of them connect between one daemon's end and the next one's beginning.
    EXPECT_EQ(ask("die"), first);
    for (int i = 0; i < 20; ++i) {
        auto const next = ask("hello");
        EXPECT_NE(next, "");
        EXPECT_NE(next, first);
    }
}

TEST_F(Held, ARestartIsAskedForAndRefusesNobody)
{
    hold();
    auto const first = ask("hello");
    ::kill(holder, SIGUSR1);
    Stopwatch const watch;
    std::string last = first;
    // The daemon that ends may close what it had accepted in its last moment; connecting itself always works.
    while ((last == first || last.empty()) && watch.elapsed() < 20s) ASSERT_NO_THROW(last = ask("hello"));
    EXPECT_NE(last, first);
}

TEST_F(Held, HangupIsPassedOn)
{
    hold();
    auto const first = ask("hello");
    ::kill(holder, SIGHUP);
    Stopwatch const watch;
    while (!std::filesystem::exists(path + ".hup") && watch.elapsed() < 20s) ::poll(nullptr, 0, 5);
    EXPECT_TRUE(std::filesystem::exists(path + ".hup"));
    EXPECT_EQ(ask("hello"), first);
}

TEST_F(Held, TheEndTakesTheDaemonAndTheSocketsWithIt)
{
    hold();
    auto const daemon = static_cast<pid_t>(std::stol(ask("hello")));
    ::kill(holder, SIGTERM);
    int status = -1;
    ASSERT_TRUE(ends(holder, status));
    holder = 0;
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(::kill(daemon, 0), -1);
}

TEST_F(Held, TheDaemonEndsWhenTheHolderIsKilled)
{
    hold();
    auto const daemon = static_cast<pid_t>(std::stol(ask("hello")));
    ::kill(holder, SIGKILL);
    int status = 0;
    ASSERT_TRUE(ends(holder, status));
    holder = 0;
    // Nobody may reap it here, so that it is gone shows in its state.
    Stopwatch const watch;
    std::string state;
    do {
        std::ifstream file("/proc/" + std::to_string(daemon) + "/stat");
        std::ostringstream text;
        text << file.rdbuf();
        auto const end = text.str().rfind(')');
        state = end == std::string::npos ? "gone" : text.str().substr(end + 2, 1);
    } while (state != "gone" && state != "Z" && watch.elapsed() < 20s);
    EXPECT_TRUE(state == "gone" || state == "Z") << state;
}

TEST(Holder, ACommandThatCannotBeRunIsSaidAtOnce)
{
    TestDirectory directory;
    auto const path = directory.file("s");
    auto sockets = parse_held_sockets("one " + path + " - - 0600");
    EXPECT_EQ(hold({*sockets, {}, {"/no/such/program"}}), 1);
    EXPECT_FALSE(std::filesystem::exists(path));
}
