// SPDX-License-Identifier: Apache-2.0
#include "config/duration.h"

#include <array>
#include <cstdint>

#include "base/text.h"

namespace provost::config {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t millis;
};

constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

constexpr std::int64_t most_millis = 100 * 365 * units[0].millis;  // a century: no sum of two can overflow

}  // namespace

Result<Duration> parse_duration(std::string_view text, std::string_view field)
{
    constexpr auto rule = "must be a whole number and one of ms, s, m, h, d, such as 30s";
    auto const digits = text.find_first_not_of("0123456789");
    auto const number = to_integer(text.substr(0, digits));
    auto const name = digits == std::string_view::npos ? std::string_view("ms") : text.substr(digits);
    for (auto const& unit : units) {
        if (name != unit.name || !number) continue;
        if (*number > most_millis / unit.millis) return refuse(Fault::invalid, field, text, "is longer than a century");
        return Duration(*number * unit.millis);
    }
    return refuse(Fault::invalid, field, text, rule);
}

std::string duration_text(Duration duration)
{
    if (duration == Duration::zero()) return "0s";
    for (auto const& unit : units) {
        if (duration.count() % unit.millis == 0) {
            return std::to_string(duration.count() / unit.millis) + std::string(unit.name);
        }
    }
    return std::to_string(duration.count()) + "ms";
}

}  // namespace provost::config
