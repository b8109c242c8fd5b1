// SPDX-License-Identifier: Apache-2.0
#include "protocols/postfix/policy.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.h"

namespace provost::protocols {
namespace {

constexpr std::string_view end_of_request = "\n\n";  // of the last line, and the empty one
constexpr std::string_view leave_it = "action=DUNNO\n\n";
constexpr std::string_view refuse_it = "action=552 5.2.2 Mailbox is full\n\n";

// What is asked about; Postfix tells much more.
struct Asked {
    std::string_view request;
    std::string_view state;
    std::string_view recipient;
    std::string_view size;
};

std::optional<Asked> read_request(std::string_view request)
{
    Asked asked;
    while (!request.empty()) {
        auto const line = request.substr(0, request.find('\n'));
        request.remove_prefix(std::min(line.size() + 1, request.size()));
        auto const equals = line.find('=');
        if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
        auto const name = line.substr(0, equals);
        auto const value = line.substr(equals + 1);
        if (name == "request") asked.request = value;
        if (name == "protocol_state") asked.state = value;
        if (name == "recipient") asked.recipient = value;
        if (name == "size") asked.size = value;
    }
    return asked;
}

// 0 where the sender did not tell.
std::int64_t declared_size(std::string_view size) { return std::max<std::int64_t>(to_integer(size).value_or(0), 0); }

}  // namespace

std::optional<std::string_view> answer_policy(std::string_view request, Rooms& rooms)
{
    auto const asked = read_request(request);
    if (!asked) return std::nullopt;
    if (asked->request != "smtpd_access_policy" || asked->state != "RCPT") return leave_it;
    switch (rooms.room(asked->recipient, declared_size(asked->size))) {
        case directory::Room::none:
            return refuse_it;
        case directory::Room::there_is:
        case directory::Room::cannot_tell:
            break;
    }
    return leave_it;
}

PolicyCounters::PolicyCounters(Metrics& metrics)
    : malformed(metrics.counter("provost_policy_broken_total", "Policy conversations ended for a breach.",
                                {{"reason", "malformed"}})),
      too_long(metrics.counter("provost_policy_broken_total", "Policy conversations ended for a breach.",
                               {{"reason", "too_long"}}))
{
}

std::size_t Policy::on_bytes(std::string_view input, net::Exchange& exchange)
{
    std::size_t taken = 0;
    while (taken < input.size() && !ended_) {
        auto const step = answer_next(input.substr(taken), exchange);
        if (step == 0) break;
        taken += step;
    }
    return ended_ ? input.size() : taken;
}

// A request is left until it is whole, so that it is the listener who waits for its rest, and not for ever.
std::size_t Policy::answer_next(std::string_view input, net::Exchange& exchange)
{
    // Without lines it is its end alone.
    auto const end_of_lines = input.front() == '\n' ? 0 : input.find(end_of_request);
    bool const is_whole = end_of_lines != std::string_view::npos;
    if (is_whole ? end_of_lines > longest_request : input.size() >= longest_request + end_of_request.size())
        return end(counters_.too_long, exchange);
    if (!is_whole) return 0;
    auto const answer = answer_policy(input.substr(0, end_of_lines), rooms_);
    if (!answer) return end(counters_.malformed, exchange);
    exchange.write(*answer);
    return end_of_lines == 0 ? 1 : end_of_lines + end_of_request.size();
}

std::size_t Policy::end(Counter& reason, net::Exchange& exchange)
{
    ended_ = true;
    reason.add();
    exchange.close();
    return 0;
}

net::SessionMaker policy_sessions(Rooms& rooms, PolicyCounters& counters)
{
    return [&rooms, &counters](net::Peer const&) { return std::make_unique<Policy>(rooms, counters); };
}

}  // namespace provost::protocols
