// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include "base/random.h"
#include "base/text.h"
#include "base/time.h"

namespace provost {

std::string new_uuid()
{
    auto bytes = random_bytes(16);
    auto const stamp = static_cast<std::uint64_t>(to_millis(now()));
    for (unsigned i = 0; i < 6; ++i) bytes[i] = static_cast<char>(stamp >> (40 - 8 * i));
    bytes[6] = static_cast<char>(0x70 | (bytes[6] & 0x0F));
    bytes[8] = static_cast<char>(0x80 | (bytes[8] & 0x3F));
    auto text = to_hex(bytes);
    for (auto at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

bool is_uuid(std::string_view text)
{
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool const hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex) return false;
    }
    return true;
}

}  // namespace provost
