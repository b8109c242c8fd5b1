// SPDX-License-Identifier: Apache-2.0
#include "directory/network.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"

namespace provost::directory {
namespace {

// IPv4 as the mapped IPv6 address (RFC 4291 2.5.5.2), so that both compare in one way.
std::optional<std::array<unsigned char, 16>> bytes_of(std::string_view text)
{
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
    std::string const copy(text);
    std::array<unsigned char, 16> out{};
    if (inet_pton(AF_INET6, copy.c_str(), out.data()) == 1) return out;
    out.fill(0);
    out[10] = out[11] = 0xFF;
    if (inet_pton(AF_INET, copy.c_str(), out.data() + 12) == 1) return out;
    return std::nullopt;
}

struct Network {
    std::array<unsigned char, 16> bytes;
    std::int64_t bits;
};

std::optional<Network> parse(std::string_view text)
{
    auto const slash = text.find('/');
    auto const address = text.substr(0, slash);
    auto const bytes = bytes_of(address);
    if (!bytes) return std::nullopt;
    bool const four = address.find(':') == std::string_view::npos;
    auto bits = std::optional<std::int64_t>(four ? 32 : 128);
    if (slash != std::string_view::npos) bits = to_integer(text.substr(slash + 1));
    if (!bits || *bits < 0 || *bits > (four ? 32 : 128)) return std::nullopt;
    return Network{*bytes, four ? *bits + 96 : *bits};
}

}  // namespace

bool network_has(std::string_view network, std::string_view address)
{
    auto const wanted = parse(network);
    auto const bytes = bytes_of(address);
    if (!wanted || !bytes) return false;
    auto const whole = static_cast<std::size_t>(wanted->bits / 8);
    if (!std::equal(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(whole), wanted->bytes.begin()))
        return false;
    auto const rest = static_cast<unsigned>(wanted->bits % 8);
    if (rest == 0) return true;
    auto const mask = static_cast<unsigned char>(0xFFU << (8 - rest));
    return ((*bytes)[whole] & mask) == (wanted->bytes[whole] & mask);
}

Result<void> check_network(std::string_view network, std::string_view field)
{
    if (!parse(network))
        return refuse(Fault::invalid, field, network, "is not a network such as 192.0.2.0/24 or 2001:db8::/32");
    return {};
}

bool is_address(std::string_view text) { return bytes_of(text).has_value(); }

bool is_loopback(std::string_view address)
{
    return network_has("127.0.0.0/8", address) || network_has("::1", address);
}

}  // namespace provost::directory
