// SPDX-License-Identifier: Apache-2.0
// Spans of time as the administrator writes them: "500ms", "2s", "10m", "12h", "30d".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace provost::config {

using Duration = std::chrono::milliseconds;

// A whole number and a unit (ms, s, m, h, d); a number alone means milliseconds.
Result<Duration> parse_duration(std::string_view text, std::string_view field);

std::string duration_text(Duration duration);  // in the largest unit that keeps it whole: "90s", "30d", "0s"

}  // namespace provost::config
