// SPDX-License-Identifier: Apache-2.0
// What an act leaves to be done in the mail stores, where a mailbox's store has its name and limits and not its id
// alone: it is made, moved and limited by work, and mail waits until it is where it is to be.
#pragma once

#include <string>
#include <string_view>

#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

inline constexpr std::string_view ensure_verb = "ensure";

// Whether the mailbox's store follows by work.
bool has_store_to_lead(mail::Mailbox const& mailbox);

// Writes the mailbox down with the work that its store wants, if it differs in what that is about from what it was
// `before`; also the work of others, deleted by now, whose stores have the name that it takes.
void put_with_store(store::Writing& writing, mail::Mailbox mailbox, mail::Mailbox const* before, Time now);

// The mailbox as its store is to have it: with the limits that count, its domain's default where it has none.
mail::Mailbox with_limits(store::Reading& record, mail::Mailbox mailbox);

// After a domain's default quota has changed: those of its mailboxes that have none of their own.
void leave_limits(store::Writing& writing, mail::Domain const& domain, Time now);

}  // namespace provost::directory
