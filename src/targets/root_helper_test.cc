// SPDX-License-Identifier: Apache-2.0
#include "targets/root_helper.h"

#include <poll.h>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "net/sockets.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::targets;
using namespace std::chrono_literals;

namespace {

// Takes one request and gives one answer, on a thread.
class Helper {
public:
    Helper(std::string const& socket, std::string answer)
        : listening_(*net::bind_unix({.path = socket})), thread_([this, answer = std::move(answer)] {
              pollfd waited{listening_.get(), POLLIN, 0};
              ::poll(&waited, 1, 20'000);
              net::Fd const peer(::accept(listening_.get(), nullptr, nullptr));
              char buffer[256];
              auto const count = ::recv(peer.get(), buffer, sizeof buffer, 0);
              if (count > 0) heard_.assign(buffer, static_cast<std::size_t>(count));
              ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
          })
    {
    }
    ~Helper() { end(); }
    std::string const& heard()
    {
        end();
        return heard_;
    }

private:
    void end()
    {
        if (thread_.joinable()) thread_.join();
    }

    net::Fd listening_;
    std::string heard_;
    std::thread thread_;
};

struct RootHelperTest : testing::Test {
    net::TestDirectory folder;
    std::string socket = folder.file("helper.sock");
    RootHelper client{socket, 20s};
    HelperRequest removal = RemoveHome{MailboxId("01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f")};
};

}  // namespace

TEST_F(RootHelperTest, AsksInOneLineAndHearsOne)
{
    Helper helper(socket, "OK\n");
    auto const outcome = client.ask(removal);
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(helper.heard(), "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\n");
}

TEST_F(RootHelperTest, ARefusalIsNotTriedAgainAndTroubleIs)
{
    struct {
        char const* answer;
        Fault fault;
    } const cases[] = {
        {"NO another file system is mounted there\n", Fault::denied},
        {"TEMP still removing\n", Fault::unavailable},
        {"OK", Fault::unavailable},  // the connection ended before the line did
        {"", Fault::unavailable},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.answer);
        Helper const helper(socket, c.answer);
        auto const outcome = client.ask(removal);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().fault, c.fault);
    }
}

TEST_F(RootHelperTest, WithoutAHelperTryingAgainMayHelp)
{
    auto const outcome = client.ask(removal);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::unavailable);
}
