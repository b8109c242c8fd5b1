// SPDX-License-Identifier: Apache-2.0
#include "protocols/saslauthd/saslauthd.h"

#include <exception>
#include <memory>
#include <utility>

#include "base/guarded.h"
#include "base/text.h"
#include "protocols/saslauthd/request.h"

namespace provost::protocols {
namespace {

using directory::Verdict;

constexpr std::size_t longest_reason = 200;  // libsasl2 reads no more than 1023, and shows none of it

std::string no(std::string_view reason)
{
    return saslauthd_answer(reason.empty() ? "NO" : "NO " + escaped(reason, longest_reason));
}

}  // namespace

std::string word_saslauthd(directory::LoginOutcome const& outcome)
{
    switch (outcome.verdict) {
        case Verdict::accepted:
            return saslauthd_answer("OK");
        case Verdict::wrong:
            return no({});
        case Verdict::off:
        case Verdict::not_allowed:
            return no(outcome.reason);
        case Verdict::cannot_tell:
            break;
    }
    return saslauthd_answer({});
}

SaslauthdCounters::SaslauthdCounters(Metrics& metrics)
    : too_long(metrics.counter("provost_saslauthd_broken_total", "saslauthd conversations ended for a breach.",
                               {{"reason", "too_long"}}))
{
}

std::size_t Saslauthd::on_bytes(std::string_view input, net::Exchange& exchange)
{
    if (was_asked_) return input.size();
    auto const request = read_saslauthd_request(input);
    if (request.kind == SaslauthdRequest::Kind::unfinished) return 0;
    was_asked_ = true;
    if (request.kind == SaslauthdRequest::Kind::too_long) {
        counters_.too_long.add();
        exchange.write(no("the request is too long"));
        return input.size();
    }
    auto const service = saslauthd_service(request.service);
    if (request.login.empty() || request.password.empty()) exchange.write(no("a login and a password are needed"));
    else if (!service) exchange.write(no("no sign-in for the service " + std::string(request.service)));
    else
        verify({.login = saslauthd_account(request),
                .authzid = {},
                .password = Secret(std::string(request.password)),
                .service = *service,
                .from = {}},
               exchange);
    return input.size();
}

// A password that is remembered is judged before verify() returns: such an answer is written in place, without a
// deadline to be kept and a way through the loop's inbox.
void Saslauthd::verify(directory::LoginAttempt attempt, net::Exchange& exchange)
{
    struct Asked {
        std::optional<std::string> answer;
        std::optional<net::Responder> responder;
    };
    auto const asked = std::make_shared<Guarded<Asked>>();
    auto const done = [asked](directory::LoginOutcome const& outcome) {
        auto answer = word_saslauthd(outcome);
        auto responder = asked->with([&](Asked& each) {
            if (!each.answer) each.answer = answer;
            return std::exchange(each.responder, std::nullopt);
        });
        if (responder) responder->reply(std::move(answer));
    };
    try {
        sign_ins_.verify(std::move(attempt), done);
    } catch (std::exception const&) {
        done({});
    }
    asked->with([&](Asked& each) {
        if (each.answer) exchange.write(*each.answer);
        else each.responder.emplace(exchange.later(deadline, word_saslauthd({})));
    });
}

net::SessionMaker saslauthd_sessions(SignIns& sign_ins, SaslauthdCounters& counters)
{
    return [&](net::Peer const&) { return std::make_unique<Saslauthd>(sign_ins, counters); };
}

}  // namespace provost::protocols
