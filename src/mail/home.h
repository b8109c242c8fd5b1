// SPDX-License-Identifier: Apache-2.0
// Where below the root of all mail a mailbox has its home.
#pragma once

#include <string>

#include "base/id.h"

namespace provost::mail {

// Relative to the root: "2f/01989d0e-....-....2f". Homes lie in 256 folders. An id begins with its time (RFC 9562 5.7),
// so the end is what spreads.
std::string home_of(MailboxId const& id);

}  // namespace provost::mail
