// SPDX-License-Identifier: Apache-2.0
// What a process does about work before it begins to do any.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace provost::store {

// Work that an earlier process had in hand when it was killed is nobody's: it need not wait until its lease is over.
// For the one process that does work, before it takes any.
Result<void> free_leases(std::string const& url, std::chrono::milliseconds busy);

}  // namespace provost::store
