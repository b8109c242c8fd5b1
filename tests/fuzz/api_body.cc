// SPDX-License-Identifier: Apache-2.0
// Bodies of requests to the API, read into changes; and headers that say who asks.
#include <boost/json.hpp>

#include "api/client.h"
#include "api/objects.h"
#include "base/text.h"
#include "directory/network.h"
#include "fuzz/target.h"

using namespace provost;
using namespace provost::api;

namespace {

template <class T>
void check(Result<T> const& outcome, std::string_view secret)
{
    if (outcome) return;
    auto const& message = outcome.error().message;
    HOLDS(is_utf8(message));
    HOLDS(message.size() < 4000);
    HOLDS(secret.size() < 12 || message.find(secret) == std::string::npos);
}

std::string text_at(json::object const& body, std::string_view name)
{
    auto const* value = body.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

void check_body(std::string_view text)
{
    json::error_code trouble;
    auto const value = json::parse({text.data(), text.size()}, trouble);
    if (trouble || !value.is_object()) return;
    auto const& body = value.get_object();
    for (bool const adding : {false, true}) {
        check(domain_change(body, adding), {});
        check(mailbox_change(body, adding), {});
        check(alias_change(body, adding), {});
    }
    check(admin_change(body), {});
    auto rest = body;
    check(new_token(rest), {});
    rest = body;
    auto const secret = text_at(body, body.contains("password") ? "password" : "hash");
    // What other members hold is no secret, and may be shown.
    bool const is_elsewhere = text.find(secret) != text.rfind(secret);
    check(take_password(rest), secret);
    if (!is_elsewhere) check(nothing_else(rest, {"name"}), secret);
}

void check_headers(std::string_view text)
{
    net::HttpRequest request;
    fuzz::Input from(text);
    request.peer.address = from.until('\n');
    while (!from.empty()) {
        auto const name = from.until(':');
        request.headers.emplace(folded(name), std::string(trimmed(from.until('\n'))));
    }
    auto const address = address_of(request, {"127.0.0.0/8", "::1", "2001:db8::/32"});
    HOLDS(address.empty() || address == address_of(request, {}) || directory::is_address(address));
    if (auto const secret = bearer_of(request)) HOLDS(request.headers.count("authorization") == 1);
}

}  // namespace

FUZZ_TARGET(api_body, input)
{
    if (input.starts_with('{')) check_body(input);
    else check_headers(input);
}
