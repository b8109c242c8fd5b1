// SPDX-License-Identifier: Apache-2.0
#include "password/networks.h"

#include <algorithm>
#include <arpa/inet.h>
#include <stdexcept>
#include <utility>

#include "base/text.h"

namespace provost::password {
namespace {

constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);  // RFC 4291 2.5.5.2
constexpr std::size_t mapped_bits = 96;

bool agree(unsigned char one, unsigned char other, std::size_t bits) { return (one ^ other) >> (8 - bits) == 0; }

}  // namespace

std::optional<Network> Network::of(std::string_view address)
{
    std::string const text(address.substr(0, address.find('%')));
    std::string v4(4, '\0');
    std::string v6(16, '\0');
    if (inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) {
        if (!v6.starts_with(mapped)) {
            bool const none = v6.substr(0, 15) == std::string(15, '\0') && (v6[15] == 0 || v6[15] == 1);
            return none ? std::nullopt : std::optional(Network(v6.substr(0, 8)));
        }
        v4 = v6.substr(12);
    } else if (inet_pton(AF_INET, text.c_str(), v4.data()) != 1) {
        return std::nullopt;
    }
    if (v4[0] == 127 || v4 == std::string(4, '\0')) return std::nullopt;
    return Network(v4);
}

Networks::Networks(std::string_view words)
{
    for (auto const word : split(words, ' '))
        if (!word.empty()) ranges_.push_back(range_of(word));
}

Networks::Range Networks::range_of(std::string_view word)
{
    auto const slash = word.find('/');
    std::string const address(word.substr(0, slash));
    std::string v4(4, '\0');
    std::string v6(16, '\0');
    bool const is_v4 = inet_pton(AF_INET, address.c_str(), v4.data()) == 1;
    bool const is_v6 = !is_v4 && inet_pton(AF_INET6, address.c_str(), v6.data()) == 1;
    auto const longest = is_v4 ? 32 : 128;
    auto const said = slash == std::string_view::npos ? longest : to_integer(word.substr(slash + 1)).value_or(-1);
    if ((!is_v4 && !is_v6) || said < 0 || said > longest)
        throw std::invalid_argument("not a network: " + escaped(word));
    auto const bits = static_cast<std::size_t>(said);
    if (is_v4) return {v4, bits};
    if (v6.starts_with(mapped) && bits >= mapped_bits) return {v6.substr(12), bits - mapped_bits};
    return {v6.substr(0, 8), std::min<std::size_t>(bits, 64)};
}

bool Networks::has(Network const& network) const
{
    auto const& bytes = network.bytes();
    return std::any_of(ranges_.begin(), ranges_.end(), [&](Range const& range) {
        auto const whole = range.bits / 8;
        if (range.bytes.size() != bytes.size() || range.bytes.compare(0, whole, bytes, 0, whole) != 0) return false;
        auto const rest = range.bits % 8;
        return rest == 0 ||
               agree(static_cast<unsigned char>(range.bytes[whole]), static_cast<unsigned char>(bytes[whole]), rest);
    });
}

}  // namespace provost::password
