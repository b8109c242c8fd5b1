// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/auth_client.h"

#include <exception>

#include "base/random.h"
#include "base/text.h"
#include "protocols/dovecot/service.h"
#include "protocols/tabbed.h"

namespace provost::protocols {
namespace {

using directory::LoginOutcome;
using directory::Verdict;

constexpr std::string_view username_challenge = "VXNlcm5hbWU6";  // "Username:"
constexpr std::string_view password_challenge = "UGFzc3dvcmQ6";  // "Password:"

std::string refusal(std::uint32_t id, std::string_view reason)
{
    auto line = "FAIL\t" + std::to_string(id);
    append_field(line, "reason", reason);
    return line + '\n';
}

}  // namespace

std::optional<std::string> word_outcome(AuthPeer peer, std::uint32_t id, std::string_view login,
                                        std::string_view authzid, LoginOutcome const& outcome)
{
    auto const& name = outcome.name.empty() ? login : std::string_view(outcome.name);
    bool const is_shown = !name.empty() && name.size() <= AuthClient::longest_name && is_utf8(name);
    std::string line = outcome.verdict == Verdict::accepted ? "OK\t" : "FAIL\t";
    line += std::to_string(id);
    if (is_shown || outcome.verdict == Verdict::accepted) append_field(line, "user", name);
    switch (outcome.verdict) {
        case Verdict::accepted:
        case Verdict::wrong:
            break;
        case Verdict::off:
            append_field(line, "code", "user_disabled");
            break;
        case Verdict::not_allowed:
            if (!authzid.empty() && authzid != login) append_field(line, "code", "authz_fail");
            break;
        case Verdict::cannot_tell:
            if (peer == AuthPeer::postfix) return std::nullopt;
            append_field(line, "code", "temp_fail");
            break;
    }
    bool const is_told_why = outcome.verdict == Verdict::off || outcome.verdict == Verdict::not_allowed;
    if (is_told_why && !outcome.reason.empty()) append_field(line, "reason", outcome.reason);
    return line + '\n';
}

AuthClients::AuthClients(AuthPeer peer, std::uint32_t server_id, SignIns& sign_ins, PendingLogins& pending,
                         Metrics& metrics, Now now)
    : shared_(new Shared{peer, server_id, sign_ins, pending,
                         metrics.counter("provost_auth_broken_total", "Auth conversations ended for a breach.",
                                         {{"peer", peer == AuthPeer::postfix ? "postfix" : "dovecot"}}),
                         std::move(now)})
{
}

net::SessionMaker AuthClients::sessions()
{
    return [shared = shared_](net::Peer const&) { return std::make_unique<AuthClient>(shared); };
}

AuthClient::AuthClient(std::shared_ptr<AuthClients::Shared> shared)
    : LineSession(longest_line, shared->broken), shared_(std::move(shared)), cookie_(to_hex(random_bytes(16)))
{
}

// MECH before SPID: the other way round Postfix takes the socket for a master socket and gives up.
std::string AuthClient::greeting()
{
    return "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t" +
           std::to_string(shared_->server_id) + "\nCUID\t" + std::to_string(++shared_->connections) + "\nCOOKIE\t" +
           cookie_ + "\nDONE\n";
}

bool AuthClient::on_line(std::string_view line, net::Exchange& exchange)
{
    auto const tab = line.find('\t');
    auto const command = line.substr(0, tab);
    auto const arguments = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
    if (command == "VERSION") return Fields(arguments).number() == 1U;
    if (command == "CPID") {
        client_ = Fields(arguments).number();
        return client_.has_value();
    }
    if (command == "AUTH") return on_auth(arguments, exchange);
    if (command == "CONT") return on_continue(arguments, exchange);
    if (command == "CANCEL") on_cancel(arguments);
    return true;  // unknown commands are to be ignored (auth_protocol.md)
}

bool AuthClient::on_auth(std::string_view arguments, net::Exchange& exchange)
{
    auto request = parse_auth_request(arguments);
    if (!client_ || !request || is_in_use(request->id)) return false;
    forget_old();
    auto const id = request->id;
    auto const service = service_named(request->service);
    if (!service) {
        exchange.write(refusal(id, "no sign-in for the service " + escaped(request->service)));
        return true;
    }
    bool const is_login = request->mechanism == "LOGIN";
    if (!is_login && request->mechanism != "PLAIN") {
        exchange.write(refusal(id, "the mechanism " + escaped(request->mechanism) + " is not offered"));
        return true;
    }
    Open open{.is_login = is_login,
              .nologin = request->nologin,
              .service = *service,
              .from = std::move(request->from),
              .since = shared_->now()};
    if (request->response) return step(id, std::move(open), *request->response, true, exchange);
    return challenge(id, std::move(open), is_login ? username_challenge : std::string_view(), exchange);
}

bool AuthClient::on_continue(std::string_view arguments, net::Exchange& exchange)
{
    Fields fields(arguments);
    auto const id = fields.number();
    if (!id || (is_in_use(*id) && !open_.contains(*id))) return false;
    forget_old();
    auto const found = open_.find(*id);
    if (found == open_.end()) return cannot_tell(*id, "Authentication request timed out", exchange);
    auto open = std::move(found->second);
    open_.erase(found);
    return step(*id, std::move(open), fields.next().value_or(std::string_view()), false, exchange);
}

// The peer forgets a number when it cancels it, so nothing is answered to it any more.
void AuthClient::on_cancel(std::string_view arguments)
{
    auto const id = Fields(arguments).number();
    if (!id) return;
    open_.erase(*id);
    auto const found = verifying_.find(*id);
    if (found == verifying_.end()) return;
    auto const verification = found->second.lock();
    verifying_.erase(found);
    if (!verification) return;
    auto responder = verification->responder.with([](auto& held) { return std::exchange(held, std::nullopt); });
    if (responder) responder->reply({});
}

bool AuthClient::is_in_use(std::uint32_t id) const
{
    if (open_.contains(id)) return true;
    auto const found = verifying_.find(id);
    auto const verification = found == verifying_.end() ? nullptr : found->second.lock();
    return verification && verification->responder.with([](auto const& held) { return held.has_value(); });
}

bool AuthClient::challenge(std::uint32_t id, Open open, std::string_view base64, net::Exchange& exchange)
{
    // Postfix has one at a time and never cancels: what still waits was given up.
    if (shared_->peer == AuthPeer::postfix) open_.clear();
    if (open_.size() >= most_open) return cannot_tell(id, "too many sign-ins at once", exchange);
    open_.emplace(id, std::move(open));
    exchange.write("CONT\t" + std::to_string(id) + "\t" + std::string(base64) + "\n");
    return true;
}

bool AuthClient::step(std::uint32_t id, Open open, std::string_view base64, bool is_first, net::Exchange& exchange)
{
    auto message = decode_response(base64);
    if (!message) {
        exchange.write(refusal(id, "the response is not base64"));
        return true;
    }
    if (!open.is_login) {
        auto plain = parse_plain(message->reveal());
        if (plain) verify(id, open, std::move(*plain), exchange);
        else exchange.write(refusal(id, "the response is not that of PLAIN"));
        return true;
    }
    if (!open.login) {
        if (is_first && message->empty()) return challenge(id, std::move(open), username_challenge, exchange);
        open.login = std::string(message->reveal().substr(0, longest_name + 1));
        return challenge(id, std::move(open), password_challenge, exchange);
    }
    auto login = std::move(*open.login);
    verify(id, open, {.authzid = {}, .login = std::move(login), .password = std::move(*message)}, exchange);
    return true;
}

void AuthClient::verify(std::uint32_t id, Open const& open, PlainMessage message, net::Exchange& exchange)
{
    auto const verification = std::make_shared<Verification>();
    verifying_[id] = verification;
    auto if_late = word_outcome(shared_->peer, id, message.login, message.authzid, {});
    verification->responder.with([&](auto& held) { held.emplace(exchange.later(deadline, std::move(if_late))); });

    PendingLogins::Key key{cookie_, *client_, id};
    auto done = [shared = shared_, verification, key = std::move(key), login = message.login, authzid = message.authzid,
                 service = open.service, nologin = open.nologin,
                 mechanism = std::string(open.is_login ? "LOGIN" : "PLAIN")](LoginOutcome outcome) {
        auto responder = verification->responder.with([](auto& held) { return std::exchange(held, std::nullopt); });
        if (!responder) return;
        // Before the answer: REQUEST may follow it at once.
        if (outcome.verdict == Verdict::accepted && !nologin &&
            !shared->pending.add(key, {outcome.name, service, mechanism, outcome.stamp}, shared->now()))
            outcome.verdict = Verdict::cannot_tell;
        auto line = word_outcome(shared->peer, key.auth, login, authzid, outcome);
        if (line) responder->reply(std::move(*line));
        else responder->close();
    };
    try {
        shared_->sign_ins.verify({.login = std::move(message.login),
                                  .authzid = std::move(message.authzid),
                                  .password = std::move(message.password),
                                  .service = open.service,
                                  .from = open.from},
                                 done);
    } catch (std::exception const&) {
        done({});
    }
}

// false where the peer is told by closing.
bool AuthClient::cannot_tell(std::uint32_t id, std::string_view reason, net::Exchange& exchange) const
{
    if (shared_->peer == AuthPeer::postfix) return false;
    auto line = "FAIL\t" + std::to_string(id) + "\tcode=temp_fail";
    append_field(line, "reason", reason);
    exchange.write(line + '\n');
    return true;
}

void AuthClient::forget_old()
{
    auto const now = shared_->now();
    std::erase_if(open_, [&](auto const& open) { return now - open.second.since >= open_time; });
    std::erase_if(verifying_, [](auto const& verifying) { return verifying.second.expired(); });
}

}  // namespace provost::protocols
