// SPDX-License-Identifier: Apache-2.0
// Whether this node answers what the record says, asked while acts go on.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "replica/replica.h"

namespace provost::daemon {

// The differences in words (see replica/compare.h), empty where there are none; `unavailable` where the record or the
// copy cannot be read now.
Result<std::vector<std::string>> verify(store::Store& record, replica::Replica& replica, replica::Follower& follower);

}  // namespace provost::daemon
