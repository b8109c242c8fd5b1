// SPDX-License-Identifier: Apache-2.0
// A listening socket and the conversations that begin on it: framing of time, space and order; no protocol.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "net/fd.h"
#include "net/loops.h"
#include "net/session.h"
#include "net/tls_server.h"

namespace provost::net {

// What one peer may cost. A conversation that passes a limit is closed and counted with the reason.
struct Limits {
    std::size_t longest_request = 64 << 10;  // bytes of one request
    std::size_t longest_unsent = 1 << 20;    // bytes of answers the peer has not taken; beyond it we stop reading
    std::size_t most_unanswered = 1000;      // later()s in flight; beyond it we stop reading
    std::size_t most_connections = 4000;     // Postfix: 100 processes a service (default_process_limit)
    std::chrono::milliseconds request_time{30'000};  // from the first byte of a request to its last
    std::chrono::milliseconds stall_time{60'000};    // unsent answers without a byte taken
    // Silence between requests. None for Postfix, which keeps connections for an hour and dislikes finding them closed.
    std::optional<std::chrono::milliseconds> idle_time = std::nullopt;
    std::chrono::milliseconds drain_time{5'000};  // for what is in flight at shutdown
};

class Listener {
public:
    // `listening` is a bound and listening stream socket, Unix or TCP. `name` labels the metrics provost_connections*.
    // With `tls` each connection begins with a handshake.
    Listener(Loops& loops, Fd listening, SessionMaker sessions, Limits limits, Metrics& metrics, std::string name,
             std::shared_ptr<TlsServer> tls = {});
    // begin_stop(), then waits until the last conversation has ended: for `drain_time`, and for five seconds more where
    // a loop is stuck.
    ~Listener();
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    // Accepts no more (who connects to an inherited socket waits there for the next process), answers what has
    // arrived, tells peers that nothing more will be read, and closes each conversation when its answers are out.
    // Returns at once, so that several listeners can drain at the same time.
    void begin_stop();
    std::size_t connections() const;

    struct Shared;

private:
    std::shared_ptr<Shared> shared_;
    std::function<void()> stop_accepting_;
};

}  // namespace provost::net
