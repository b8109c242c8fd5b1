// SPDX-License-Identifier: Apache-2.0
// Small operations on text and bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provost {

// ASCII letters in lower case; every other byte stays.
std::string folded(std::string_view text);
constexpr char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The text as it may stand in a log line or an error: printable ASCII and well-formed UTF-8 stay; a quote, a
// backslash, control characters and stray bytes become \xNN. At most `longest` bytes of input, then "...".
std::string escaped(std::string_view text, std::size_t longest = 200);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string joined(std::vector<std::string> const& parts, std::string_view separator);
std::string_view trimmed(std::string_view text);  // without blanks, tabs and line ends at both ends

// A whole decimal number and nothing else.
std::optional<std::int64_t> to_integer(std::string_view text);

bool is_utf8(std::string_view text);  // RFC 3629: no surrogates, no overlong forms

// Shell-style mask with * and ?, folded; "*@example.org".
bool matches_mask(std::string_view mask, std::string_view text);

// The candidate nearest to `wanted` by edit distance, if near enough to be what was meant.
std::optional<std::string> nearest(std::string_view wanted, std::vector<std::string> const& candidates);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // RFC 4648 section 4, padding required

}  // namespace provost
