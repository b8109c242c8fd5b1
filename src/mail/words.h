// SPDX-License-Identifier: Apache-2.0
// Enums and their words, each pair once: for the other files of this room.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace provost::mail {

template <class Enum, std::size_t count>
using Words = std::array<std::pair<Enum, char const*>, count>;

template <class Enum, std::size_t count>
char const* word_in(Words<Enum, count> const& table, Enum value)
{
    for (auto const& [known, text] : table)
        if (known == value) return text;
    return "?";
}

template <class Enum, std::size_t count>
Result<Enum> parse_in(Words<Enum, count> const& table, std::string_view text, std::string_view field)
{
    std::string known;
    for (auto const& [value, name] : table) {
        if (folded(text) == name) return value;
        known += known.empty() ? "" : ", ";
        known += name;
    }
    return refuse(Fault::invalid, field, text, "is not one of " + known);
}

}  // namespace provost::mail
