// SPDX-License-Identifier: Apache-2.0
#include "password/strength.h"

#include <algorithm>
#include <zxcvbn.h>

#include "base/text.h"
#include "password/scheme.h"

namespace provost::password {
namespace {

// zxcvbn's work grows with the square of the length, and this much decides any password.
constexpr std::size_t longest_estimated = 100;

// The words as they stand and in their parts: jane.doe@example.org is jane, doe, example and org as well.
std::vector<std::string> dictionary(std::vector<std::string> const& own_words)
{
    std::vector<std::string> words;
    for (auto const& own : own_words) {
        auto const word = folded(own);
        words.push_back(word);
        std::string part;
        for (char const c : word + " ") {
            bool const ends = std::string_view(" .@-_+'").find(c) != std::string_view::npos;
            if (!ends) {
                part += c;
            } else {
                // One or two letters are no word: they would make every password a little weaker.
                if (part.size() > 2 && part != word) words.push_back(part);
                part.clear();
            }
        }
    }
    std::erase_if(words, [](std::string const& w) { return w.empty() || w.find('\0') != std::string::npos; });
    return words;
}

double bits_of(Secret const& password, std::vector<std::string> const& own_words)
{
    auto const words = dictionary(own_words);
    std::vector<char const*> pointers;
    for (auto const& word : words) pointers.push_back(word.c_str());
    pointers.push_back(nullptr);
    Secret const head(std::string(password.reveal().substr(0, longest_estimated)));
    return ZxcvbnMatch(head.reveal().data(), pointers.data(), nullptr);
}

}  // namespace

Result<void> check_strength(Secret const& password, std::vector<std::string> const& own_words,
                            StrengthRules const& rules, std::string const& field)
{
    auto const bytes = password.reveal();
    if (bytes.size() > longest_password)
        return fail(Fault::invalid, field + ": must not be longer than " + std::to_string(longest_password) + " bytes",
                    field);
    if (!is_utf8(bytes) ||
        std::any_of(bytes.begin(), bytes.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; }))
        return fail(Fault::invalid, field + ": must be UTF-8 text without control characters", field);
    auto const characters = static_cast<std::size_t>(std::count_if(
        bytes.begin(), bytes.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    if (characters < rules.shortest)
        return fail(Fault::conflict,
                    field + ": must have " + std::to_string(rules.shortest) + " characters or more, and has " +
                        std::to_string(characters),
                    field);
    if (bits_of(password, own_words) < rules.least_bits)
        return fail(Fault::conflict,
                    field +
                        ": is too easy to guess; take several words that do not belong together, and neither names, "
                        "dates nor the address",
                    field);
    return {};
}

}  // namespace provost::password
