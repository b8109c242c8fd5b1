// SPDX-License-Identifier: Apache-2.0
// Whether the copy is what the record says, row by row.
#pragma once

#include <string>
#include <vector>

#include "replica/replica.h"
#include "store/store.h"

namespace provost::replica {

// The differences in words, at most `most` of them; empty when both are the same. A copy that stands at another
// position than the record is one difference, and nothing else is looked at.
std::vector<std::string> replica_equals_store(store::Store& record, Replica& replica, std::size_t most = 100);

}  // namespace provost::replica
