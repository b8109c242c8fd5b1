// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <algorithm>
#include <exception>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

#include "base/log.h"
#include "net/acceptor.h"
#include "net/connection.h"
#include "net/shared.h"

namespace provost::net {
namespace {

// A connection lives and ends on the loop that had fewest when it came.
Loop& least_busy(Loops& loops)
{
    auto* best = &loops.at(0);
    for (std::size_t i = 1; i < loops.size(); ++i) {
        if (loops.at(i).connections < best->connections) best = &loops.at(i);
    }
    return *best;
}

// The connection was counted, and came to nothing.
void uncount(Listener::Shared& shared, Loop& loop)
{
    --loop.connections;
    shared.ended(Ending::failed);
    shared.count(-1);
}

void begin(std::shared_ptr<Listener::Shared> const& shared, Loop& loop, Fd socket)
{
    std::shared_ptr<Connection> connection;
    bool is_kept = false;
    try {
        int family = AF_UNIX;
        auto const peer = peer_of(socket.get(), family);
        if (family != AF_UNIX) {
            int const on = 1;
            ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        connection = std::make_shared<Connection>(loop, shared, std::move(socket), family);
        is_kept = shared->of_loop[loop.index].insert(connection).second;
        connection->start(peer);
        if (shared->stopping_of_loop[loop.index]) connection->drain();
    } catch (std::exception const& error) {
        log::error("CONNECTION_NOT_BEGUN", {{"listener", shared->name}, {"error", error.what()}});
        if (is_kept) connection->end(Ending::failed);
        else uncount(*shared, loop);
    }
}

void take(std::shared_ptr<Listener::Shared> const& shared, Fd socket)
{
    shared->accepted.add();
    auto const full = shared->open.with([&](Listener::Shared::Open& open) {
        if (open.connections >= shared->limits.most_connections) return true;
        ++open.connections;
        return false;
    });
    if (full) return shared->ended(Ending::too_many);
    shared->count(0);
    auto& loop = least_busy(shared->loops);
    ++loop.connections;
    if (loop.is_current()) return begin(shared, loop, std::move(socket));
    try {
        loop.inbox->post(
            [shared, &loop, socket = std::move(socket)]() mutable { begin(shared, loop, std::move(socket)); });
    } catch (...) {
        uncount(*shared, loop);
        throw;
    }
}

void drain(std::shared_ptr<Listener::Shared> const& shared, Loop& loop)
{
    shared->stopping_of_loop[loop.index] = 1;
    auto const connections = shared->of_loop[loop.index];
    for (auto const& connection : connections) connection->drain();
    loop.deadlines.add(Clock::now() + shared->limits.drain_time, [shared, &loop] {
        auto const left = shared->of_loop[loop.index];
        for (auto const& connection : left) connection->end(Ending::cut_off);
    });
}

}  // namespace

char const* name_of(Ending ending)
{
    switch (ending) {
        case Ending::done:
            return "done";
        case Ending::reset:
            return "reset";
        case Ending::idle:
            return "idle";
        case Ending::half_request:
            return "half_request";
        case Ending::not_reading:
            return "not_reading";
        case Ending::too_long:
            return "too_long";
        case Ending::too_many:
            return "too_many";
        case Ending::turned_away:
            return "turned_away";
        case Ending::failed:
            return "failed";
        case Ending::cut_off:
            return "cut_off";
    }
    return "?";
}

Listener::Shared::Shared(Loops& l, SessionMaker s, Limits lim, Metrics& metrics, std::string n,
                         std::shared_ptr<TlsServer> t)
    : loops(l),
      sessions(std::move(s)),
      limits(lim),
      name(std::move(n)),
      tls(std::move(t)),
      accepted(metrics.counter("provost_connections_total", "Connections accepted.", {{"listener", name}})),
      open_gauge(metrics.gauge("provost_connections", "Connections that are open.", {{"listener", name}})),
      of_loop(l.size()),
      stopping_of_loop(l.size())
{
    for (std::size_t i = 0; i < endings; ++i) {
        counters[i] = &metrics.counter("provost_connections_closed_total", "Connections that ended, by the reason.",
                                       {{"listener", name}, {"reason", name_of(static_cast<Ending>(i))}});
    }
}

void Listener::Shared::count(int change)
{
    open.with([&](Open& now) {
        now.connections += static_cast<std::size_t>(change);
        open_gauge.set(static_cast<double>(now.connections));
    });
}

Listener::Listener(Loops& loops, Fd listening, SessionMaker sessions, Limits limits, Metrics& metrics, std::string name,
                   std::shared_ptr<TlsServer> tls)
    : shared_(std::make_shared<Shared>(loops, std::move(sessions), limits, metrics, std::move(name), std::move(tls)))
{
    auto& loop = loops.next();
    auto accepted = [shared = shared_](Fd socket) { take(shared, std::move(socket)); };
    auto acceptor = std::make_shared<Acceptor>(loop, std::move(listening), shared_->name, accepted);
    stop_accepting_ = [shared = shared_, acceptor, &loop] {
        loop.inbox->post([shared, acceptor] {
            acceptor->stop();
            // Only now is it known that no loop will be given another connection after its order to drain.
            for (std::size_t i = 0; i < shared->loops.size(); ++i) {
                auto& each = shared->loops.at(i);
                each.inbox->post([shared, &each] { drain(shared, each); });
            }
            shared->open.with([](Shared::Open& open) { open.accepting = false; });
        });
    };
    loop.inbox->post([acceptor] { acceptor->start(); });
}

void Listener::begin_stop()
{
    if (auto stop = std::exchange(stop_accepting_, nullptr)) stop();
}

Listener::~Listener()
{
    begin_stop();
    // The loops cut off what is left after the drain time; a loop that is itself stuck must not hold us for ever.
    auto const limit = shared_->limits.drain_time + std::chrono::seconds(5);
    auto const ended = shared_->open.wait_for(
        limit, [](Shared::Open const& open) { return !open.accepting && open.connections == 0; });
    if (!ended) log::error("LISTENER_STUCK", {{"listener", shared_->name}});
}

std::size_t Listener::connections() const
{
    return shared_->open.with([](Shared::Open const& open) { return open.connections; });
}

}  // namespace provost::net
