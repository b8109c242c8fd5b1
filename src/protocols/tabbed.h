// SPDX-License-Identifier: Apache-2.0
// Dovecot's way to put fields on a line: separated by tabs, with escapes (strescape.c of 2.3 and 2.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provost::protocols {

// NUL, 0x01, tab, CR and LF become 0x01 and one of "01trn".
void append_tab_escaped(std::string& to, std::string_view value);
std::string tab_escaped(std::string_view value);

// Every byte string has a meaning: an unknown escape is its second byte, one at the end is nothing.
std::string tab_unescaped(std::string_view field);

// The fields of a line from left to right, still escaped, without copying.
class Fields {
public:
    explicit Fields(std::string_view line) : rest_(line) {}

    std::optional<std::string_view> next()
    {
        if (at_end_) return std::nullopt;
        auto const tab = rest_.find('\t');
        auto const field = rest_.substr(0, tab);
        if (tab == std::string_view::npos) at_end_ = true;
        else rest_.remove_prefix(tab + 1);
        return field;
    }
    // The next field, unescaped; empty where there is none.
    std::string text() { return tab_unescaped(next().value_or(std::string_view())); }
    // The next field as the number of a request; nullopt for anything else.
    std::optional<std::uint32_t> number();

private:
    std::string_view rest_;
    bool at_end_ = false;
};

// Adds "\tname=value", the value escaped.
void append_field(std::string& to, std::string_view name, std::string_view value);

}  // namespace provost::protocols
