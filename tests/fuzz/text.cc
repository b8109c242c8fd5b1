// SPDX-License-Identifier: Apache-2.0
// Small operations on bytes that everything else is made of.
#include "base/text.h"

#include <algorithm>

#include "fuzz/target.h"

using namespace provost;

FUZZ_TARGET(text, input)
{
    auto const shown = escaped(input);
    HOLDS(is_utf8(shown));
    HOLDS(std::none_of(shown.begin(), shown.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }));
    HOLDS(shown.size() <= 4 * 200 + 3);
    HOLDS(folded(folded(input)) == folded(input));
    HOLDS(trimmed(trimmed(input)) == trimmed(input));

    HOLDS(from_base64(to_base64(input)) == input);
    HOLDS(from_hex(to_hex(input)) == input);
    if (auto const bytes = from_base64(input)) HOLDS(to_base64(*bytes) == input);
    if (auto const bytes = from_hex(input)) HOLDS(to_hex(*bytes) == folded(input));
    if (auto const number = to_integer(input); number && *number != 0 && input.find("-0") != 0 && input[0] != '0')
        HOLDS(std::to_string(*number) == input);

    std::vector<std::string> parts;
    for (auto const part : split(input, ',')) parts.emplace_back(part);
    HOLDS(joined(parts, ",") == input);
    auto const near = nearest(input.substr(0, 300), {"quota", "forwards", "display_name"});
    HOLDS(!near || near->size() <= 12);
}
