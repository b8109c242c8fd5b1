// SPDX-License-Identifier: Apache-2.0
#include "api/client.h"

#include <algorithm>

#include "base/text.h"
#include "directory/network.h"

namespace provost::api {
namespace {

// "192.0.2.1:4711" and "[2001:db8::1]:4711", as in net::Peer.
std::string without_port(std::string_view text)
{
    if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
    return std::string(text.substr(0, text.rfind(':')));
}

bool is_any_of(std::vector<std::string> const& networks, std::string_view address)
{
    return std::any_of(networks.begin(), networks.end(),
                       [&](auto const& network) { return directory::network_has(network, address); });
}

}  // namespace

std::string address_of(net::HttpRequest const& request, std::vector<std::string> const& trusted)
{
    auto address = without_port(request.peer.address);
    // Each proxy appends whom it was asked by, so the last entries are those that can be believed.
    std::string forwarded;
    auto const [first, last] = request.headers.equal_range("x-forwarded-for");
    for (auto field = first; field != last; ++field) forwarded += (forwarded.empty() ? "" : ",") + field->second;
    while (!forwarded.empty() && is_any_of(trusted, address)) {
        auto const comma = forwarded.rfind(',');
        address = trimmed(std::string_view(forwarded).substr(comma == std::string::npos ? 0 : comma + 1));
        forwarded.resize(comma == std::string::npos ? 0 : comma);
        if (!directory::is_address(address)) return {};
    }
    return address;
}

std::optional<Secret> bearer_of(net::HttpRequest const& request)
{
    static constexpr std::string_view scheme = "bearer ";
    if (request.headers.count("authorization") != 1) return std::nullopt;
    auto const value = *request.header("authorization");
    if (value.size() <= scheme.size() || folded(value.substr(0, scheme.size())) != scheme) return std::nullopt;
    return Secret(std::string(trimmed(value.substr(scheme.size()))));
}

}  // namespace provost::api
