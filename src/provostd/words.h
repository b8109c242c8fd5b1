// SPDX-License-Identifier: Apache-2.0
// Settings that are lists, parted by blanks.
#pragma once

#include <string>
#include <vector>

#include "base/text.h"

namespace provost::daemon {

inline std::vector<std::string> words_of(std::string const& text)
{
    std::vector<std::string> words;
    for (auto const word : split(text, ' '))
        if (!word.empty()) words.emplace_back(word);
    return words;
}

}  // namespace provost::daemon
