// SPDX-License-Identifier: Apache-2.0
// What a listener and its connections know in common: for the other files of this room only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/awaited.h"
#include "base/metrics.h"
#include "net/listener.h"

namespace provost::net {

class Connection;

// Why a conversation ended; the label of provost_connections_closed_total.
enum class Ending : std::uint8_t {
    done,          // the peer or the protocol ended it
    reset,         // the connection broke
    idle,          // Limits::idle_time
    half_request,  // Limits::request_time
    not_reading,   // Limits::stall_time
    too_long,      // Limits::longest_request
    too_many,      // Limits::most_connections
    turned_away,   // no session for this peer
    failed,        // the session threw
    cut_off,       // Limits::drain_time
};
constexpr std::size_t endings = 10;
char const* name_of(Ending ending);

struct Listener::Shared {
    Shared(Loops& loops, SessionMaker sessions, Limits limits, Metrics& metrics, std::string name,
           std::shared_ptr<TlsServer> tls);

    void ended(Ending ending) { counters[static_cast<std::size_t>(ending)]->add(); }
    void count(int change);

    Loops& loops;
    SessionMaker const sessions;
    Limits const limits;
    std::string const name;
    std::shared_ptr<TlsServer> const tls;  // none: in the clear

    std::array<Counter*, endings> counters{};
    Counter& accepted;
    Gauge& open_gauge;

    // The connections of each loop, touched on that loop only; they are kept alive here.
    std::vector<std::unordered_set<std::shared_ptr<Connection>>> of_loop;
    std::vector<char> stopping_of_loop;  // one for each loop, touched on it only

    struct Open {
        std::size_t connections = 0;
        bool accepting = true;
    };
    Awaited<Open> open;
};

}  // namespace provost::net
