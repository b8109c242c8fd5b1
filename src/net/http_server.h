// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 as a conversation, for a Listener on a Unix or TCP socket. Handlers run on workers and may block.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "net/http.h"
#include "net/listener.h"
#include "net/session.h"
#include "net/workers.h"

namespace provost::net {

// On a worker's thread. An exception becomes a 500 without details, and a line in the log.
using HttpHandler = std::function<HttpResponse(HttpRequest const&)>;

struct HttpLimits {
    std::size_t header = 16 << 10;                   // bytes of request line and fields; more is 431
    std::size_t body = 8 << 20;                      // more is 413
    std::chrono::milliseconds request_time{30'000};  // to send a request
    std::chrono::milliseconds answer_time{60'000};   // for the handler; then 503, whatever it still does
    std::chrono::milliseconds idle_time{75'000};     // keep-alive
    std::size_t most_connections = 1000;
};

// Calls its function after a time, on any thread, without holding one meanwhile.
using HttpLater = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

// Usage: Listener(loops, fd, http_sessions(handler, workers, limits), for_listener(limits), metrics, "http").
// Malformed requests are 400; a full queue of workers is 503. `workers` must outlive the sessions. Without `later`
// responses are sent when they are made.
SessionMaker http_sessions(HttpHandler handler, Workers& workers, HttpLimits limits, HttpLater later = {});
Limits for_listener(HttpLimits const& limits);

}  // namespace provost::net
