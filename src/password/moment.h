// SPDX-License-Identifier: Apache-2.0
// The clock of limits and lifetimes: it never jumps, and tests set it themselves.
#pragma once

#include <chrono>

namespace provost::password {

using Moment = std::chrono::steady_clock::time_point;

}  // namespace provost::password
