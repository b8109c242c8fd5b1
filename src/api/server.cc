// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <memory>
#include <utility>

#include "api/caller.h"
#include "api/client.h"
#include "api/problem.h"
#include "api/routes.h"

namespace provost::api {
namespace {

using Clock = std::chrono::steady_clock;

// RFC 6750 3: without a word of what is wrong with it.
net::HttpResponse no_token(char const* sentence)
{
    auto response = problem(401, {Fault::denied, sentence, {}});
    response.headers.emplace("www-authenticate", "Bearer realm=\"provost\"");
    return response;
}

net::HttpResponse turned_away(directory::Access::Outcome const& outcome)
{
    using Verdict = directory::Access::Verdict;
    if (outcome.verdict == Verdict::unknown) {
        auto response = no_token("the token is not known, or does not count now, or not from where you are");
        response.not_before = outcome.due;
        return response;
    }
    if (outcome.verdict == Verdict::too_many) {
        auto response = problem(429, {Fault::unavailable, "too many wrong tokens from there, try again later", {}});
        response.not_before = outcome.due;
        return response;
    }
    return problem({Fault::unavailable, "tokens cannot be told at the moment; the daemon's log says why", {}});
}

}  // namespace

net::HttpHandler admin_handler(House house, std::optional<long> admins)
{
    auto router = std::make_shared<Router>(std::move(house));
    return [router, admins](net::HttpRequest const& request) {
        return router->answer(request, caller_of(request.peer, admins));
    };
}

net::HttpHandler token_handler(House house, directory::Access& access, std::vector<std::string> trusted)
{
    auto router = std::make_shared<Router>(std::move(house));
    return [router, &access, trusted = std::move(trusted)](net::HttpRequest const& request) {
        auto const arrival = Clock::now();
        auto const secret = bearer_of(request);
        if (!secret) return no_token("a token is needed, as: Authorization: Bearer prv_...");
        auto const outcome = access.sign_in(*secret, address_of(request, trusted), arrival);
        if (outcome.verdict != directory::Access::Verdict::known) return turned_away(outcome);
        return router->answer(request, outcome.caller);
    };
}

}  // namespace provost::api
