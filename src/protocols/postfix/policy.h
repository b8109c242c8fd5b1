// SPDX-License-Identifier: Apache-2.0
// Answers Postfix's policy service (SMTPD_POLICY_README): lines "name=value" up to an empty one in, "action=..." and an
// empty line out, in order. Refused is a recipient whose mailbox is full; everything else is somebody else's to judge.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/metrics.h"
#include "net/session.h"
#include "protocols/questions.h"

namespace provost::protocols {

// What Postfix is told of a request, which is its lines without the empty one; nullopt where they are no request. Doubt
// is no refusal: Dovecot judges the letter once more.
std::optional<std::string_view> answer_policy(std::string_view request, Rooms& rooms);

// What may go wrong on this wire, counted by reason.
struct PolicyCounters {
    explicit PolicyCounters(Metrics& metrics);
    Counter& malformed;
    Counter& too_long;
};

// A request that is broken, or longer than any of Postfix's, ends the conversation: Postfix then goes by its
// default_action.
class Policy final : public net::Session {
public:
    // Two addresses and a HELO of smtpd's line_length_limit, 2 KiB each, and what is in certificates.
    static constexpr std::size_t longest_request = 16 << 10;

    Policy(Rooms& rooms, PolicyCounters& counters) : rooms_(rooms), counters_(counters) {}
    std::size_t on_bytes(std::string_view input, net::Exchange& exchange) override;

private:
    std::size_t answer_next(std::string_view input, net::Exchange& exchange);
    std::size_t end(Counter& reason, net::Exchange& exchange);

    Rooms& rooms_;
    PolicyCounters& counters_;
    bool ended_ = false;
};

// For the socket `policy`: `rooms` and the counters must outlive the listener.
net::SessionMaker policy_sessions(Rooms& rooms, PolicyCounters& counters);

}  // namespace provost::protocols
