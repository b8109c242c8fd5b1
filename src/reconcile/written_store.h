// SPDX-License-Identifier: Apache-2.0
// What became of a mailbox's store, written down in the record.
#pragma once

#include "mail/model.h"
#include "store/store.h"

namespace provost::reconcile {

// As long as the mailbox is still there. One that was renamed since it was `seen` goes on preparing: what was made
// ready is not where it is to be.
Result<void> write_store(store::Store& record, mail::Mailbox const& seen, mail::Store const& is);

}  // namespace provost::reconcile
