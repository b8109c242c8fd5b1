// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.h"

#include <atomic>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/time.h"
#include "net/loops.h"
#include "net/sockets.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

class Accepting : public testing::Test {
protected:
    void accept(Acceptor::Accepted hand_over)
    {
        auto acceptor = std::make_shared<Acceptor>(loops.at(0), *bind_unix({.path = path}), "test", hand_over);
        loops.at(0).inbox->post([acceptor] { acceptor->start(); });
    }
    bool comes_to(int count)
    {
        Stopwatch const watch;
        while (accepted != count && watch.elapsed() < 20s) loops.barrier();
        return accepted == count;
    }

    std::atomic<int> accepted{0};
    TestDirectory directory;
    std::string const path = directory.file("s");
    Metrics metrics;
    Loops loops{1, {}, metrics};
};

// No descriptor can be made while it lives.
class NoDescriptors {
public:
    NoDescriptors()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit const none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(NoDescriptors const&) = delete;
    NoDescriptors& operator=(NoDescriptors const&) = delete;

private:
    rlimit before_{};
};

std::size_t count(std::string const& text, std::string_view word)
{
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_F(Accepting, AConnectionThatCannotBeBegunDoesNotMakeTheSocketDeaf)
{
    accept([this](Fd const&) {
        if (++accepted == 1) throw std::runtime_error("no memory");
    });
    TestPeer first(path);
    ASSERT_TRUE(comes_to(1));
    TestPeer second(path);
    EXPECT_TRUE(comes_to(2));
}

TEST_F(Accepting, WhileDescriptorsHaveRunOutThatIsSaidOnceAndWhenItIsOver)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer looks at objects through a pipe, for which there is no descriptor either";
#endif
    auto const file = directory.file("log");
    log::start(log::Level::info, file);
    accept([this](Fd const&) { ++accepted; });
    Fd const client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    loops.barrier();
    {
        NoDescriptors const none;
        ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address), 0);
        Stopwatch const watch;
        while (watch.elapsed() < 350ms) loops.barrier();
        EXPECT_EQ(accepted, 0);
    }
    EXPECT_TRUE(comes_to(1));
    log::start(log::Level::info);
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_EQ(count(text.str(), "error ACCEPT_FAILED"), 1U) << text.str();
    EXPECT_EQ(count(text.str(), "info ACCEPTING_AGAIN"), 1U) << text.str();
}
