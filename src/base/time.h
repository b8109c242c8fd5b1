// SPDX-License-Identifier: Apache-2.0
// Points in time, as stored (milliseconds since 1970, UTC) and as written (RFC 3339).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace provost {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline Time now() { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
inline std::int64_t to_millis(Time time) { return time.time_since_epoch().count(); }
inline Time from_millis(std::int64_t millis) { return Time(std::chrono::milliseconds(millis)); }

std::string to_rfc3339(Time time);  // 2026-11-20T23:09:03Z, with .123 where there are milliseconds

// "2026-11-20" (midnight UTC) or "2026-11-20T23:09:03Z" or with an offset "+01:00".
Result<Time> parse_time(std::string_view text, std::string_view field);

// Milliseconds that pass whatever happens to the clock; for deadlines and measurements.
class Stopwatch {
public:
    std::chrono::milliseconds elapsed() const
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace provost
