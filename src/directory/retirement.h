// SPDX-License-Identifier: Apache-2.0
// How a deleted mailbox goes for good. First it is given up: nobody has it back from then on, and the work of releasing
// its store is there. When that is done, and not before, its row goes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

inline constexpr std::string_view retire_verb = "retire";

bool is_given_up(mail::Mailbox const& mailbox);

// Returns the id of the work.
std::string give_up(store::Writing& writing, mail::Mailbox const& mailbox, Time now);

// The names whose sessions have to end before its store goes. A name that is another's by now is left alone: this
// mailbox's own sessions under it ended when it was deleted, or that is still to be done, which is `unavailable`.
Result<std::vector<std::string>> names_to_end(store::Reading& record, mail::Mailbox const& mailbox);

// After its store was released.
void forget(store::Writing& writing, mail::Mailbox const& mailbox);

}  // namespace provost::directory
