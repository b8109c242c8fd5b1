// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <charconv>

#include <fmt/format.h>

namespace provost {
namespace {

namespace chr = std::chrono;

constexpr Time first_time = chr::sys_days(chr::year(0) / 1 / 1);
constexpr Time end_of_time = chr::sys_days(chr::year(10'000) / 1 / 1);

// Takes `digits` digits off the front; -1 where they are not there.
int take_digits(std::string_view& text, std::size_t digits)
{
    int value = -1;
    if (text.size() < digits) return -1;
    auto const* end = text.data() + digits;
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || text[0] == '-') return -1;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char wanted)
{
    if (text.empty() || text[0] != wanted) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string to_rfc3339(Time time)
{
    auto const day = chr::floor<chr::days>(time);
    auto const date = chr::year_month_day(day);
    auto const clock = chr::hh_mm_ss(time - day);
    auto text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                    unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (clock.subseconds().count() != 0) text += fmt::format(".{:03}", clock.subseconds().count());
    return text + "Z";
}

Result<Time> parse_time(std::string_view text, std::string_view field)
{
    auto const wrong = [&] {
        return refuse(Fault::invalid, field, text, "is not a date (2026-12-31) or time (2026-12-31T23:59:00Z)");
    };
    auto rest = text;
    auto const year = take_digits(rest, 4);
    bool const dash1 = take(rest, '-');
    auto const month = take_digits(rest, 2);
    bool const dash2 = take(rest, '-');
    auto const day = take_digits(rest, 2);
    if (year < 0 || month < 0 || day < 0 || !dash1 || !dash2) return wrong();
    auto const date = chr::year(year) / chr::month(static_cast<unsigned>(month)) / chr::day(static_cast<unsigned>(day));
    if (!date.ok()) return wrong();
    Time const midnight = chr::sys_days(date);
    if (rest.empty()) return midnight;

    if (!take(rest, 'T') && !take(rest, ' ')) return wrong();
    auto const hour = take_digits(rest, 2);
    bool const colon = take(rest, ':');
    auto const minute = take_digits(rest, 2);
    int second = 0;
    int millis = 0;
    if (take(rest, ':')) second = take_digits(rest, 2);
    if (take(rest, '.')) millis = take_digits(rest, 3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || millis < 0 || !colon)
        return wrong();
    auto const time =
        midnight + chr::hours(hour) + chr::minutes(minute) + chr::seconds(second) + chr::milliseconds(millis);
    if ((rest == "Z" || rest == "z") && time < end_of_time) return time;
    bool const ahead = take(rest, '+');
    if (!ahead && !take(rest, '-')) return wrong();
    auto const offset_hours = take_digits(rest, 2);
    bool const offset_colon = take(rest, ':');
    auto const offset_minutes = take_digits(rest, 2);
    if (offset_hours < 0 || offset_hours > 23 || !offset_colon || offset_minutes < 0 || offset_minutes > 59 ||
        !rest.empty())
        return wrong();
    auto const offset = chr::hours(offset_hours) + chr::minutes(offset_minutes);
    auto const in_utc = ahead ? time - offset : time + offset;
    // RFC 3339 has years of four digits.
    if (in_utc < first_time || in_utc >= end_of_time) return wrong();
    return in_utc;
}

}  // namespace provost
