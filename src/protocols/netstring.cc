// SPDX-License-Identifier: Apache-2.0
#include "protocols/netstring.h"

#include <charconv>

namespace provost::protocols {
namespace {

constexpr std::size_t most_digits = 9;  // a length beyond any that is read, and safe from overflow

}  // namespace

Netstring read_netstring(std::string_view input)
{
    Netstring seen;
    std::size_t digits = 0;
    while (digits < input.size() && input[digits] >= '0' && input[digits] <= '9') {
        if (digits == most_digits) return {.kind = Netstring::Kind::malformed};
        seen.length = seen.length * 10 + static_cast<std::size_t>(input[digits] - '0');
        ++digits;
    }
    if (digits == input.size()) return {};
    if (digits == 0 || input[digits] != ':') return {.kind = Netstring::Kind::malformed};
    seen.header = digits + 1;
    if (input.size() < seen.size()) return seen;
    if (input[seen.size() - 1] != ',') return {.kind = Netstring::Kind::malformed};
    seen.kind = Netstring::Kind::whole;
    seen.payload = input.substr(seen.header, seen.length);
    return seen;
}

void append_netstring(std::string& to, std::string_view payload)
{
    char digits[24];
    auto const end = std::to_chars(digits, digits + sizeof digits, payload.size()).ptr;
    to.append(digits, end);
    to += ':';
    to += payload;
    to += ',';
}

}  // namespace provost::protocols
