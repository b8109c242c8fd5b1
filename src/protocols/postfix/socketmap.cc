// SPDX-License-Identifier: Apache-2.0
#include "protocols/postfix/socketmap.h"

#include <algorithm>
#include <exception>

#include "base/text.h"
#include "protocols/netstring.h"

namespace provost::protocols {
namespace {

using directory::Found;

constexpr std::size_t longest_map_name = 64;
constexpr std::string_view ok = "OK ";
constexpr std::string_view not_found = "NOTFOUND ";

void say_temp(std::string& reply, std::string_view reason)
{
    reply = "TEMP ";
    reply += reason.empty() ? "the directory cannot tell" : escaped(reason);
}

void say_no_such_map(std::string& reply, std::string_view name)
{
    reply = "PERM no such map: ";
    reply += escaped(name, longest_map_name);
}

// A copy that cannot be read is a doubt like every other.
Found ask(Maps& maps, mail::Map map, std::string_view key, std::string& text)
{
    try {
        text.clear();
        return maps.ask(map, key, text);
    } catch (std::exception const& error) {
        text = error.what();
        return Found::cannot_tell;
    }
}

void word_answer(Found found, std::string_view text, std::string& reply)
{
    switch (found) {
        case Found::found:
            if (text.empty())
                return say_temp(reply, "the value found is empty");  // Postfix calls it a fault in main.cf
            if (ok.size() + text.size() > longest_socketmap_reply)
                return say_temp(reply, "the value found is longer than Postfix reads");
            reply = ok;
            reply += text;
            return;
        case Found::not_found:
            reply = not_found;
            return;
        case Found::cannot_tell:
            say_temp(reply, text);
            return;
    }
}

}  // namespace

void answer_socketmap(std::string_view request, Maps& maps, std::string& text, std::string& reply)
{
    auto const space = request.find(' ');
    auto const name = request.substr(0, space);
    auto const map = maps.named(name);
    if (!map) return say_no_such_map(reply, name);
    auto const key = space == std::string_view::npos ? std::string_view() : request.substr(space + 1);
    // What trivial-rewrite asks at its start and every 30 s: a transport for everything, which there never is.
    if (key == "*") return word_answer(Found::not_found, {}, reply);
    auto const found = ask(maps, *map, key, text);
    word_answer(found, text, reply);
}

SocketmapCounters::SocketmapCounters(Metrics& metrics)
    : malformed(metrics.counter("provost_socketmap_broken_total", "Conversations ended for broken framing.",
                                {{"reason", "malformed"}})),
      too_long(metrics.counter("provost_socketmap_broken_total", "Conversations ended for broken framing.",
                               {{"reason", "too_long"}}))
{
}

std::size_t Socketmap::on_bytes(std::string_view input, net::Exchange& exchange)
{
    std::size_t taken = 0;
    while (taken < input.size() && !ended_) {
        auto const rest = input.substr(taken);
        auto const step = to_pass_over_ > 0 ? pass_over(rest, exchange) : answer_next(rest, exchange);
        if (step == 0) break;
        taken += step;
    }
    return ended_ ? input.size() : taken;
}

std::size_t Socketmap::answer_next(std::string_view input, net::Exchange& exchange)
{
    auto const request = read_netstring(input);
    if (request.kind == Netstring::Kind::malformed) return end(counters_.malformed, exchange);
    if (request.header == 0) return 0;
    if (request.length > longest_passed_over) return end(counters_.too_long, exchange);
    if (request.length > longest_request)
        return begin_passing_over(input.substr(request.header), request.header, request.length);
    if (request.kind == Netstring::Kind::unfinished) return 0;
    answer_socketmap(request.payload, maps_, text_, reply_);
    send(exchange);
    return request.size();
}

// The answer is settled by the name of the map, and goes out when the last byte has come.
std::size_t Socketmap::begin_passing_over(std::string_view payload, std::size_t header, std::size_t length)
{
    if (payload.size() < longest_map_name + 1) return 0;
    auto const name = payload.substr(0, std::min(payload.find(' '), longest_map_name + 1));
    if (maps_.named(name)) word_answer(Found::not_found, {}, reply_);
    else say_no_such_map(reply_, name);
    to_pass_over_ = length + 1;
    return header;
}

std::size_t Socketmap::pass_over(std::string_view input, net::Exchange& exchange)
{
    auto const step = std::min(input.size(), to_pass_over_);
    to_pass_over_ -= step;
    if (to_pass_over_ > 0) return step;
    if (input[step - 1] != ',') return end(counters_.malformed, exchange);
    send(exchange);
    return step;
}

void Socketmap::send(net::Exchange& exchange)
{
    framed_.clear();
    append_netstring(framed_, reply_);
    exchange.write(framed_);
}

std::size_t Socketmap::end(Counter& reason, net::Exchange& exchange)
{
    ended_ = true;
    reason.add();
    exchange.close();
    return 0;
}

net::SessionMaker socketmap_sessions(Maps& maps, SocketmapCounters& counters)
{
    return [&maps, &counters](net::Peer const&) { return std::make_unique<Socketmap>(maps, counters); };
}

}  // namespace provost::protocols
