// SPDX-License-Identifier: Apache-2.0
// HTTP requests on the wire: answered in the same way however their bytes come, and each of them once.
#include <thread>

#include "base/text.h"
#include "fuzz/target.h"
#include "net/http_server.h"
#include "protocols/test_exchange.h"

using namespace provost;
using namespace provost::net;

namespace {

HttpResponse mirror(HttpRequest const& request)
{
    HttpResponse response;
    response.type = "text/plain";
    response.body = request.method + " " + joined(request.segments, "/");
    for (auto const& [name, value] : request.query) response.body += " " + name + "=" + value;
    for (auto const& [name, value] : request.headers) response.headers.emplace("x-" + name, value);
    response.body += " " + request.body;
    return response;
}

struct Said {
    std::string bytes;
    bool closed = false;
    bool operator==(Said const&) const = default;
};

constexpr HttpLimits limits{.header = 512, .body = 256};

// `seed` of 0 is all of it at once.
Said talk(std::string_view bytes, unsigned seed)
{
    static Metrics metrics;
    static Workers workers(1, 100, metrics, "http");
    auto const session = http_sessions(mirror, workers, limits)({});
    protocols::TestExchange exchange;
    std::string held;
    Said said;
    auto const most = 60 + bytes.size() / 50;
    while (!bytes.empty() && !exchange.is_closed()) {
        auto const longest = seed == 0 ? bytes.size() : 1 + (seed = seed * 1664525U + 1013904223U) / 65536U % most;
        auto const size = std::min<std::size_t>(bytes.size(), longest);
        held += bytes.substr(0, size);
        bytes.remove_prefix(size);
        for (std::size_t taken = 1; taken > 0 && !held.empty() && !exchange.is_closed();) {
            taken = session->on_bytes(held, exchange);
            held.erase(0, taken);
            while (exchange.unanswered() > 0) std::this_thread::yield();
            said.bytes += exchange.out();
        }
    }
    said.closed = exchange.is_closed();
    return said;
}

}  // namespace

FUZZ_TARGET(http_request, input)
{
    fuzz::Input from(input);
    auto const seed = from.byte();
    auto whole = talk(from.rest(), 0);
    auto parted = talk(from.rest(), seed + 1U);
    for (auto* said : {&whole, &parted}) {
        HOLDS(said->bytes.empty() || said->bytes.starts_with("HTTP/1.1 "));
        // Whether it is asked for depends on how much came at once.
        for (std::string const go_on = "HTTP/1.1 100 Continue\r\n\r\n"; said->bytes.find(go_on) != std::string::npos;)
            said->bytes.erase(said->bytes.find(go_on), go_on.size());
    }
    HOLDS(whole == parted);
}
