// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/guarded.h"
#include "base/time.h"
#include "net/sockets.h"
#include "net/test_peer.h"
#include "net/workers.h"

using namespace provost;
using namespace provost::net;
using namespace std::chrono_literals;

namespace {

// A protocol of lines, made by each test: `on_line` answers one.
struct Lines final : Session {
    using OnLine = std::function<void(std::string_view, Exchange&)>;
    Lines(OnLine on_line, std::string hello) : on_line_(std::move(on_line)), hello_(std::move(hello)) {}

    std::string greeting() override { return hello_; }
    std::size_t on_bytes(std::string_view input, Exchange& exchange) override
    {
        std::size_t taken = 0;
        for (auto end = input.find('\n'); end != std::string_view::npos; end = input.find('\n', taken)) {
            on_line_(input.substr(taken, end - taken), exchange);
            taken = end + 1;
        }
        return taken;
    }
    OnLine on_line_;
    std::string hello_;
};

void echo(std::string_view line, Exchange& exchange)
{
    exchange.write(line);
    exchange.write("\n");
}

class Listening : public testing::Test {
protected:
    void listen(Lines::OnLine on_line, Limits limits = {}, std::string const& hello = {})
    {
        auto maker = [on_line, hello](Peer const&) { return std::make_unique<Lines>(on_line, hello); };
        listener = std::make_unique<Listener>(loops, *bind_unix({.path = path}), maker, limits, metrics, "test");
    }
    double closed(std::string const& reason)
    {
        return metrics
            .counter("provost_connections_closed_total", "Connections that ended, by the reason.",
                     {{"listener", "test"}, {"reason", reason}})
            .value();
    }
    // The peer may learn of the end a moment before it is counted.
    bool closed_becomes(std::string const& reason, double count)
    {
        Stopwatch const watch;
        while (closed(reason) != count && watch.elapsed() < 20s) loops.barrier();
        return closed(reason) == count;
    }

    TestDirectory directory;
    std::string path = directory.file("s");
    Metrics metrics;
    Loops loops{2, {}, metrics};
    std::unique_ptr<Listener> listener;
};

}  // namespace

TEST_F(Listening, RequestsInOneWriteAreAnsweredInOrder)
{
    listen(echo, {}, "hello\n");
    TestPeer peer(path);
    EXPECT_EQ(peer.receive(6), "hello\n");
    peer.send("one\ntwo\nthree\nfo");
    EXPECT_EQ(peer.receive(14), "one\ntwo\nthree\n");
    peer.send("ur\n");
    EXPECT_EQ(peer.receive(5), "four\n");
}

TEST_F(Listening, ARequestMayArriveInPieces)
{
    listen(echo);
    TestPeer peer(path);
    std::string const line = std::string(20000, 'x') + "\n";
    for (std::size_t i = 0; i < line.size(); i += 700) peer.send(std::string_view(line).substr(i, 700));
    EXPECT_EQ(peer.receive(line.size()), line);
}

TEST_F(Listening, ASessionThatTakesOneRequestAtATimeIsCalledAgain)
{
    struct OneAtATime final : Session {
        std::size_t on_bytes(std::string_view input, Exchange& exchange) override
        {
            auto const end = input.find('\n');
            if (end == std::string_view::npos) return 0;
            exchange.write(input.substr(0, end + 1));
            return end + 1;
        }
    };
    auto maker = [](Peer const&) { return std::make_unique<OneAtATime>(); };
    Listener one(loops, *bind_unix({.path = path}), maker, {}, metrics, "one");
    TestPeer peer(path);
    peer.send("a\nb\nc\n");
    EXPECT_EQ(peer.receive(6), "a\nb\nc\n");
}

TEST_F(Listening, ThePeerIsKnown)
{
    std::promise<Peer> met;
    auto maker = [&](Peer const& peer) {
        met.set_value(peer);
        return std::make_unique<Lines>(echo, "");
    };
    Listener unix_listener(loops, *bind_unix({.path = path}), maker, {}, metrics, "unix");
    TestPeer peer(path);
    auto const who = met.get_future().get();
    EXPECT_EQ(who.pid, ::getpid());
    EXPECT_EQ(who.uid, static_cast<long>(::getuid()));
    EXPECT_EQ(who.gid, static_cast<long>(::getgid()));
    EXPECT_EQ(who.address, "");
}

TEST_F(Listening, OverTcpThePeerIsAnAddress)
{
    std::promise<Peer> met;
    auto maker = [&](Peer const& peer) {
        met.set_value(peer);
        return std::make_unique<Lines>(echo, "");
    };
    auto socket = *bind_tcp("127.0.0.1", 0);
    auto const port = port_of(socket);
    Listener tcp(loops, std::move(socket), maker, {}, metrics, "tcp");
    TestPeer peer(port);
    auto const who = met.get_future().get();
    EXPECT_EQ(who.uid, -1);
    EXPECT_EQ(who.address.substr(0, 10), "127.0.0.1:");
    peer.send("x\n");
    EXPECT_EQ(peer.receive(2), "x\n");
}

TEST_F(Listening, APeerWithoutASessionIsTurnedAway)
{
    auto maker = [](Peer const&) { return nullptr; };
    listener = std::make_unique<Listener>(loops, *bind_unix({.path = path}), maker, Limits{}, metrics, "test");
    EXPECT_TRUE(TestPeer(path).is_closed());
    EXPECT_TRUE(closed_becomes("turned_away", 1));
}

TEST_F(Listening, AnswersMayComeFromOtherThreads)
{
    Workers workers(3, 10000, metrics, "test");
    listen([&](std::string_view line, Exchange& exchange) {
        workers.submit([text = std::string(line) + "\n", to = exchange.later(20s, std::nullopt)]() mutable {
            to.reply(std::move(text));
        });
    });
    std::vector<std::thread> clients;
    std::atomic<int> right{0};
    for (int c = 0; c < 4; ++c) {
        clients.emplace_back([&] {
            TestPeer peer(path);
            std::string all;
            for (int i = 0; i < 500; ++i) all += "request\n";
            peer.send(all);
            if (peer.receive(all.size()) == all) ++right;
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(right, 4);
}

TEST_F(Listening, APassedDeadlineAnswersInPlaceOfWhoIsLate)
{
    Guarded<std::vector<Responder>> late;
    listen([&](std::string_view line, Exchange& exchange) {
        auto to = exchange.later(30ms, line == "close" ? std::nullopt : std::optional<std::string>("TEMP\n"));
        late.with([&](auto& all) { all.push_back(std::move(to)); });
    });
    TestPeer peer(path);
    peer.send("x\n");
    EXPECT_EQ(peer.receive(5), "TEMP\n");
    late.with([](auto& all) {
        all[0].reply("too late\n");
        all.clear();
    });
    peer.send("y\n");
    EXPECT_EQ(peer.receive(5), "TEMP\n");
    peer.send("close\n");
    EXPECT_EQ(peer.receive_all(), "");
    late.with([](auto& all) { all.clear(); });
}

TEST_F(Listening, AForgottenRequestClosesTheConversation)
{
    listen([](std::string_view line, Exchange& exchange) {
        exchange.write("before\n");
        if (line == "forget") auto forgotten = exchange.later(20s, "TEMP\n");
    });
    TestPeer peer(path);
    peer.send("forget\n");
    EXPECT_EQ(peer.receive_all(), "before\n");
    EXPECT_TRUE(closed_becomes("done", 1));
}

TEST_F(Listening, AReplyAfterThePeerHasGoneGoesNowhere)
{
    std::promise<Responder> kept;
    listen([&](std::string_view, Exchange& exchange) { kept.set_value(exchange.later(20s, "TEMP\n")); });
    auto peer = std::make_unique<TestPeer>(path);
    peer->send("x\n");
    auto to = kept.get_future().get();
    peer.reset();
    to.reply("nobody hears this\n");
    EXPECT_TRUE(closed_becomes("reset", 1));
}

TEST_F(Listening, AResponderMayOutliveListenerAndLoops)
{
    std::promise<Responder> kept;
    auto own_loops = std::make_unique<Loops>(1, std::function<void()>{}, metrics);
    auto maker = [&](Peer const&) {
        auto keep = [&](std::string_view, Exchange& exchange) { kept.set_value(exchange.later(20s, "TEMP\n")); };
        return std::make_unique<Lines>(keep, "");
    };
    auto own = std::make_unique<Listener>(*own_loops, *bind_unix({.path = path}), maker, Limits{.drain_time = 1ms},
                                          metrics, "own");
    TestPeer peer(path);
    peer.send("x\n");
    auto to = kept.get_future().get();
    own.reset();
    own_loops.reset();
    EXPECT_EQ(peer.receive_all(), "");
    to.reply("nobody\n");
}

TEST_F(Listening, RepliesAndThenClosesWhereTheProtocolWantsThat)
{
    listen([](std::string_view, Exchange& exchange) { exchange.later(20s, std::nullopt).reply_and_close("bye\n"); });
    TestPeer peer(path);
    peer.send("x\n");
    EXPECT_EQ(peer.receive_all(), "bye\n");
}

TEST_F(Listening, AProtocolInOrderGoesOnWhenItsAnswerIsOut)
{
    struct InOrder final : Session {
        explicit InOrder(Workers& w) : workers(w) {}
        std::size_t on_bytes(std::string_view input, Exchange& exchange) override
        {
            auto const end = input.find('\n');
            if (exchange.unanswered() > 0 || end == std::string_view::npos) return 0;
            auto answer = [line = std::string(input.substr(0, end + 1)),
                           to = exchange.later(20s, std::nullopt)]() mutable { to.reply(std::move(line)); };
            workers.submit(std::move(answer));
            return end + 1;
        }
        Workers& workers;
    };
    Workers workers(3, 100, metrics, "test");
    auto maker = [&](Peer const&) { return std::make_unique<InOrder>(workers); };
    Listener in_order(loops, *bind_unix({.path = path}), maker, {}, metrics, "in order");
    TestPeer peer(path);
    std::string all;
    for (int i = 0; i < 200; ++i) all += std::to_string(i) + "\n";
    peer.send(all);
    EXPECT_EQ(peer.receive(all.size()), all);
}

TEST_F(Listening, AStreamGoesOutInPiecesAndWhatFollowsFollows)
{
    constexpr std::size_t pieces = 400;
    listen([](std::string_view line, Exchange& exchange) {
        if (line == "list") {
            exchange.write("begin\n");
            exchange.stream([left = pieces]() mutable -> std::optional<std::string> {
                if (left-- == 0) return std::nullopt;
                return std::string(9999, 'p') + "\n";
            });
            exchange.write("end\n");
        } else {
            echo(line, exchange);
        }
    });
    TestPeer peer(path);
    peer.send("list\nafter\nlist\n");
    auto const all = peer.receive(2 * (6 + pieces * 10000 + 4) + 6);
    EXPECT_EQ(all.substr(0, 7), "begin\np");
    EXPECT_EQ(all.substr(6 + pieces * 10000, 16), "end\nafter\nbegin\n");
    EXPECT_EQ(all.substr(all.size() - 6), "p\nend\n");
}

TEST_F(Listening, ThePiecesOfAStreamAreMadeOnlyAsThePeerTakesThem)
{
    auto made = std::make_shared<std::atomic<int>>(0);
    listen([made](std::string_view, Exchange& exchange) {
        exchange.stream([made]() -> std::optional<std::string> {
            if (++*made > 1000) return std::nullopt;
            return std::string(10000, 'p');
        });
    });
    TestPeer peer(path);
    peer.send("list\n");
    EXPECT_EQ(peer.receive(1), "p");
    loops.barrier();
    loops.barrier();
    EXPECT_LT(*made, 200);
    EXPECT_EQ(peer.receive(10'000'000 - 1).size(), 10'000'000u - 1);
}

TEST_F(Listening, APeerThatDoesNotReadIsNotReadFromAndThenClosed)
{
    listen(echo, {.longest_unsent = 100'000, .stall_time = 300ms});
    TestPeer peer(path), other(path);
    std::string const line = std::string(999, 'x') + "\n";
    std::size_t sent = 0;
    for (int i = 0; i < 100'000; ++i) {
        auto const now = peer.send(line, 100ms);
        sent += now;
        if (now < line.size()) break;
    }
    EXPECT_LT(sent, 20'000'000u);
    EXPECT_TRUE(closed_becomes("not_reading", 1));
    other.send("x\n");
    EXPECT_EQ(other.receive(2), "x\n");
}

TEST_F(Listening, ASlowReaderGetsEverything)
{
    listen(echo, {.longest_unsent = 50'000});
    TestPeer peer(path);
    std::string const line = std::string(999, 'x') + "\n";
    std::thread writer([&] {
        for (int i = 0; i < 3000; ++i) peer.send(line);
    });
    std::size_t got = 0;
    while (got < 3'000'000) {
        auto const some = peer.receive(10'000).size();
        if (some == 0) break;
        got += some;
    }
    writer.join();
    EXPECT_EQ(got, 3'000'000u);
}

TEST_F(Listening, HalfARequestIsClosedAfterItsTimeAndNobodyElseIs)
{
    listen(echo, {.request_time = 100ms});
    TestPeer half(path), whole(path), silent(path);
    half.send("whole\nhal");
    EXPECT_EQ(half.receive(6), "whole\n");
    Stopwatch const watch;
    EXPECT_TRUE(half.is_closed());
    EXPECT_GE(watch.elapsed(), 50ms);
    EXPECT_TRUE(closed_becomes("half_request", 1));
    whole.send("x\n");
    EXPECT_EQ(whole.receive(2), "x\n");
    silent.send("y\n");
    EXPECT_EQ(silent.receive(2), "y\n");
}

TEST_F(Listening, DripsOfOneRequestDoNotExtendItsTime)
{
    listen(echo, {.request_time = 150ms});
    TestPeer peer(path);
    Stopwatch const watch;
    while (watch.elapsed() < 20s && peer.send("x") == 1 && !peer.is_closed(10ms)) {
    }
    EXPECT_LT(watch.elapsed(), 10s);
    EXPECT_TRUE(closed_becomes("half_request", 1));
}

TEST_F(Listening, ATooLongRequestIsClosed)
{
    listen(echo, {.longest_request = 10'000});
    TestPeer peer(path);
    peer.send("short\n" + std::string(20'000, 'x'), 100ms);
    EXPECT_EQ(peer.receive_all(), "short\n");
    EXPECT_TRUE(closed_becomes("too_long", 1));
}

TEST_F(Listening, SilenceIsClosedOnlyWhereThatIsWanted)
{
    listen(echo, {.idle_time = 100ms});
    auto maker = [](Peer const&) { return std::make_unique<Lines>(echo, ""); };
    Listener patient(loops, *bind_unix({.path = directory.file("p")}), maker, {}, metrics, "patient");
    TestPeer silent(path), postfix(directory.file("p"));
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(closed_becomes("idle", 1));
    postfix.send("x\n");
    EXPECT_EQ(postfix.receive(2), "x\n");
}

TEST_F(Listening, MoreConnectionsThanTheLimitAreClosedAtOnce)
{
    listen(echo, {.most_connections = 2});
    TestPeer one(path), two(path);
    for (auto* peer : {&one, &two}) {
        peer->send("x\n");
        EXPECT_EQ(peer->receive(2), "x\n");
    }
    EXPECT_TRUE(TestPeer(path).is_closed());
    EXPECT_EQ(closed("too_many"), 1);
    EXPECT_EQ(listener->connections(), 2u);
    one.close();
    ASSERT_TRUE(closed_becomes("done", 1));
    TestPeer three(path);
    three.send("x\n");
    EXPECT_EQ(three.receive(2), "x\n");
}

TEST_F(Listening, AThousandIdleConnectionsAreNoHindrance)
{
    listen(echo);
    std::vector<std::unique_ptr<TestPeer>> peers;
    for (int i = 0; i < 1000; ++i) peers.push_back(std::make_unique<TestPeer>(path));
    for (auto& peer : peers) {
        peer->send("x\n");
        ASSERT_EQ(peer->receive(2), "x\n");
    }
    EXPECT_EQ(listener->connections(), 1000u);
}

TEST_F(Listening, ASessionThatThrowsEndsAlone)
{
    listen([](std::string_view line, Exchange& exchange) {
        if (line == "throw") throw std::runtime_error("a broken invariant");
        echo(line, exchange);
    });
    TestPeer bad(path), good(path);
    bad.send("throw\n");
    EXPECT_TRUE(bad.is_closed());
    EXPECT_TRUE(closed_becomes("failed", 1));
    good.send("x\n");
    EXPECT_EQ(good.receive(2), "x\n");
}

TEST_F(Listening, TheEndAnswersWhatHasArrivedAndWhatIsInFlight)
{
    std::promise<Responder> kept;
    listen([&](std::string_view line, Exchange& exchange) {
        if (line == "later") kept.set_value(exchange.later(20s, "TEMP\n"));
        else echo(line, exchange);
    });
    TestPeer waiting(path), idle(path);
    waiting.send("later\n");
    auto to = kept.get_future().get();
    waiting.send("now\n");
    listener->begin_stop();
    // The order goes to the loop that accepts, and from there to all.
    EXPECT_TRUE(loops.barrier());
    EXPECT_TRUE(loops.barrier());
    EXPECT_TRUE(idle.is_closed());
    EXPECT_EQ(waiting.receive(4), "now\n");
    EXPECT_EQ(waiting.send("more\n"), 0u);
    to.reply("at last\n");
    EXPECT_EQ(waiting.receive_all(), "at last\n");
    listener.reset();
}

TEST_F(Listening, TheEndDoesNotWaitForEver)
{
    std::promise<Responder> kept;
    listen([&](std::string_view, Exchange& exchange) { kept.set_value(exchange.later(1h, "TEMP\n")); },
           {.drain_time = 50ms});
    TestPeer peer(path);
    peer.send("x\n");
    auto to = kept.get_future().get();
    listener.reset();
    EXPECT_EQ(closed("cut_off"), 1);
    EXPECT_EQ(peer.receive_all(), "");
}

TEST_F(Listening, WhoComesBetweenTwoListenersOnOneSocketIsServedByTheSecond)
{
    auto socket = *bind_unix({.path = path});
    auto maker = [](Peer const&) { return std::make_unique<Lines>(echo, ""); };
    {
        Listener first(loops, Fd(::dup(socket.get())), maker, {}, metrics, "first");
        TestPeer peer(path);
        peer.send("x\n");
        EXPECT_EQ(peer.receive(2), "x\n");
    }
    TestPeer between(path);
    EXPECT_EQ(between.send("y\n"), 2u);
    Listener second(loops, Fd(::dup(socket.get())), maker, {}, metrics, "second");
    EXPECT_EQ(between.receive(2), "y\n");
}
