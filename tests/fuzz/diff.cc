// SPDX-License-Identifier: Apache-2.0
// What setup would change, as it is shown: patch(1) would make the one text of the other, and no secret is in it.
#include "host/diff.h"

#include "base/text.h"
#include "fuzz/target.h"

using namespace provost;
using namespace provost::host;

namespace {

std::string patched(std::string_view old, std::string_view diff)
{
    std::string out;
    fuzz::Input before(old);
    fuzz::Input steps(diff);
    steps.until('\n');
    steps.until('\n');
    std::size_t line = 1;
    while (!steps.empty()) {
        auto const step = std::string(steps.until('\n'));
        if (step.starts_with("@@ -")) {
            auto const range = split(std::string_view(step).substr(4, step.find(' ', 4) - 4), ',');
            auto const start = *to_integer(range[0]) + (range.size() > 1 && range[1] == "0" ? 1 : 0);
            for (; line < static_cast<std::size_t>(start); ++line) out.append(before.until('\n')).append(1, '\n');
            continue;
        }
        bool const is_last = steps.rest().starts_with("\\ No newline");
        if (is_last) steps.until('\n');
        if (step[0] != '+') {
            before.until('\n');
            ++line;
        }
        if (step[0] != '-') out.append(step.substr(1)).append(is_last ? "" : "\n");
    }
    return out.append(before.rest());
}

}  // namespace

FUZZ_TARGET(diff, input)
{
    fuzz::Input from(input);
    auto const old = from.until('\0');
    auto const fresh = from.rest();
    auto const diff = unified_diff("a", "b", old, fresh);
    HOLDS(diff.empty() == (old == fresh));
    HOLDS(diff.size() <= 2 * (old.size() + fresh.size()) * 20 + 100);
    if (diff.empty()) return;
    if (diff.find("(hidden)") == std::string::npos) HOLDS(patched(old, diff) == fresh);

    // A word that is nowhere else, and a line that it belongs to.
    auto const secret = "api_key = Zq7" + std::string(fresh.substr(0, fresh.find('\n')));
    if (old.find("Zq7") == std::string_view::npos && fresh.find("Zq7") == std::string_view::npos)
        HOLDS(unified_diff("a", "b", old, secret).find("Zq7") == std::string::npos);
}
