// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <atomic>
#include <utility>

#include <gtest/gtest.h>

#include "base/time.h"
#include "net/sockets.h"
#include "net/test_peer.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

// Each byte asks for a stream; what a stream says is made by the test.
struct Streaming final : Session {
    using Next = std::function<std::optional<std::string>()>;
    explicit Streaming(std::function<Next()> make) : make_(std::move(make)) {}
    std::size_t on_bytes(std::string_view input, Exchange& exchange) override
    {
        if (input.empty()) return 0;
        exchange.stream(make_());
        return 1;
    }
    std::function<Next()> make_;
};

class Streams : public testing::Test {
protected:
    void listen(std::function<Streaming::Next()> make)
    {
        auto sessions = [make = std::move(make)](Peer const&) { return std::make_unique<Streaming>(make); };
        listener = std::make_unique<Listener>(loops, *bind_unix({.path = path}), sessions, Limits(), metrics, "test");
    }

    std::atomic<bool> has_begun{false}, may_end{false};
    std::atomic<int> made{0};
    TestDirectory directory;
    std::string const path = directory.file("s");
    Metrics metrics;
    Loops loops{1, {}, metrics};
    std::unique_ptr<Listener> listener;
};

}  // namespace

TEST_F(Streams, APieceWithoutBytesLeavesTheLoopToOthersBeforeTheNextIsMade)
{
    listen([this] {
        return [this]() -> std::optional<std::string> {
            has_begun = true;
            return may_end ? std::nullopt : std::optional<std::string>("");
        };
    });
    TestPeer peer(path);
    peer.send("x");
    Stopwatch const watch;
    while (!has_begun && watch.elapsed() < 20s) loops.barrier();
    ASSERT_TRUE(has_begun);
    EXPECT_TRUE(loops.barrier(10s));
    may_end = true;
    peer.end_of_requests();
    EXPECT_TRUE(peer.is_closed());
}

TEST_F(Streams, APeerThatAsksForManyIsReadFromOnlyAsTheyEnd)
{
    listen([this] {
        ++made;
        return [this, is_told = false]() mutable -> std::optional<std::string> {
            if (!may_end) return "";
            return std::exchange(is_told, true) ? std::nullopt : std::optional<std::string>("p");
        };
    });
    TestPeer peer(path);
    EXPECT_EQ(peer.send(std::string(1000, 'x')), 1000U);
    Stopwatch const watch;
    while (made == 0 && watch.elapsed() < 20s) loops.barrier();
    for (int i = 0; i < 10; ++i) loops.barrier();
    EXPECT_LE(made, 16);
    may_end = true;
    EXPECT_EQ(peer.receive(1000), std::string(1000, 'p'));
}
