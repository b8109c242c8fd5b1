// SPDX-License-Identifier: Apache-2.0
// How full a mailbox is, and whether one more letter fits into it, as Dovecot judges that where no grace is given.
#pragma once

#include <cstdint>

#include "mail/facts.h"

namespace provost::mail {

struct Fullness {
    std::int64_t bytes = 0;
    std::int64_t messages = 0;
};

// Whether Dovecot would refuse the letter in any case. `declared` is the size that its sender told beforehand, 0 where
// none was: nobody holds him to it, so what is near the limit is left to Dovecot, which counts.
bool has_no_room(MailboxFacts const& mailbox, Fullness const& used, std::int64_t declared);

}  // namespace provost::mail
