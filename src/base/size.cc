// SPDX-License-Identifier: Apache-2.0
#include "base/size.h"

#include <limits>

#include "base/text.h"

namespace provost {
namespace {

constexpr std::string_view units = "KMGT";

// 1 PiB: more than one store of mail holds, and little enough to reckon with in 64 bits.
constexpr std::int64_t most_bytes = std::int64_t{1} << 50U;
constexpr char const* too_large = "is more than 1024T, the most there is; say unlimited for no bound";

Result<Limit> parse(std::string_view text, std::string_view field, bool with_units, char const* rule)
{
    auto const word = folded(text);
    if (word == "none" || word.empty()) return Limit::unset();
    if (word == "unlimited") return Limit::unlimited();
    auto digits = text;
    std::int64_t factor = 1;
    if (with_units) {
        if (digits.size() > 1 && (digits.back() == 'B' || digits.back() == 'b')) digits.remove_suffix(1);
        if (digits.size() > 1 && (digits.back() == 'i')) digits.remove_suffix(1);
        auto const last = digits.empty() ? ' ' : digits.back();
        auto const unit = units.find(last >= 'a' && last <= 'z' ? static_cast<char>(last - 'a' + 'A') : last);
        if (unit != std::string_view::npos) {
            factor = std::int64_t{1} << (10 * (unit + 1));
            digits.remove_suffix(1);
        }
    }
    auto const number = to_integer(digits);
    auto const most = with_units ? most_bytes : std::numeric_limits<std::int64_t>::max();
    if (!number || *number < 0) return refuse(Fault::invalid, field, text, rule);
    if (*number > most / factor) return refuse(Fault::invalid, field, text, with_units ? too_large : rule);
    return Limit::of(*number * factor);
}

}  // namespace

std::optional<std::int64_t> Limit::stored() const
{
    if (is_unset()) return std::nullopt;
    return is_unlimited() ? -1 : number_;
}

Limit Limit::from_stored(std::optional<std::int64_t> value)
{
    if (!value) return unset();
    return *value < 0 ? unlimited() : of(*value);
}

Result<Limit> parse_size(std::string_view text, std::string_view field)
{
    return parse(text, field, true, "is not a size such as 10G, 512M, 1048576, unlimited or none");
}

Result<Limit> parse_count(std::string_view text, std::string_view field)
{
    return parse(text, field, false, "is not a number, unlimited or none");
}

std::string size_text(Limit limit)
{
    auto const number = limit.number();
    if (!number) return limit.is_unset() ? "none" : "unlimited";
    auto value = *number;
    std::size_t unit = 0;
    while (value != 0 && value % 1024 == 0 && unit < units.size()) {
        value /= 1024;
        ++unit;
    }
    auto text = std::to_string(value);
    if (unit > 0) text += units[unit - 1];
    return text;
}

std::string count_text(Limit limit)
{
    auto const number = limit.number();
    if (number) return std::to_string(*number);
    return limit.is_unset() ? "none" : "unlimited";
}

}  // namespace provost
