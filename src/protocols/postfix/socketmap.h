// SPDX-License-Identifier: Apache-2.0
// Answers the lookups of Postfix: one netstring "MAP KEY" in, one out, in order (socketmap_table(5)).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "net/session.h"
#include "protocols/questions.h"

namespace provost::protocols {

// Postfix reads no longer payload (DICT_SOCKMAP_DEF_MAX_REPLY of 3.7; socketmap_max_reply_size of 3.10).
inline constexpr std::size_t longest_socketmap_reply = 100'000;

// Sets `reply` to the payload of the answer to `request`, the payload of a request. `text` is room to work in.
// Postfix bounces mail on NOTFOUND and defers it on TEMP and PERM, so doubt is never NOTFOUND.
void answer_socketmap(std::string_view request, Maps& maps, std::string& text, std::string& reply);

// What may go wrong on this wire, counted by reason.
struct SocketmapCounters {
    explicit SocketmapCounters(Metrics& metrics);
    Counter& malformed;
    Counter& too_long;
};

// A request up to `longest_request` is asked; a longer one holds no address, and is passed over and answered so, up to
// `longest_passed_over`; beyond that the conversation ends.
class Socketmap final : public net::Session {
public:
    static constexpr std::size_t longest_request = (8 << 10) + 64;  // a key of 8 KiB and the name of its map
    static constexpr std::size_t longest_passed_over = 1 << 20;

    Socketmap(Maps& maps, SocketmapCounters& counters) : maps_(maps), counters_(counters) {}
    std::size_t on_bytes(std::string_view input, net::Exchange& exchange) override;

private:
    std::size_t answer_next(std::string_view input, net::Exchange& exchange);
    std::size_t begin_passing_over(std::string_view payload, std::size_t header, std::size_t length);
    std::size_t pass_over(std::string_view input, net::Exchange& exchange);
    void send(net::Exchange& exchange);
    std::size_t end(Counter& reason, net::Exchange& exchange);

    Maps& maps_;
    SocketmapCounters& counters_;
    std::string text_;
    std::string reply_;
    std::string framed_;
    std::size_t to_pass_over_ = 0;  // bytes of a request too long to be asked, with its comma
    bool ended_ = false;
};

// For the socket `map`: `maps` and the counters must outlive the listener.
net::SessionMaker socketmap_sessions(Maps& maps, SocketmapCounters& counters);

}  // namespace provost::protocols
