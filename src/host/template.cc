// SPDX-License-Identifier: Apache-2.0
#include "host/template.h"

#include <stdexcept>

namespace provost::host {

std::string filled(std::string_view text, Values const& values)
{
    std::string out;
    while (true) {
        auto const start = text.find('@');
        out += text.substr(0, start);
        if (start == std::string_view::npos) return out;
        auto const end = text.find('@', start + 1);
        auto const name = text.substr(start + 1, end == std::string_view::npos ? end : end - start - 1);
        auto const value = values.find(name);
        if (end == std::string_view::npos || value == values.end()) {
            throw std::logic_error("a template has no value for @" + std::string(name) + "@");
        }
        out += value->second;
        text.remove_prefix(end + 1);
    }
}

}  // namespace provost::host
