// SPDX-License-Identifier: Apache-2.0
#include "mail/fullness.h"

#include <algorithm>

namespace provost::mail {
namespace {

// How much less than it declared a letter may be. Exim adds 1 KiB (its size_addition), Postfix a byte for each line of
// 128 bytes or more. What a server puts on top before it is stored makes up for less than that.
constexpr std::int64_t spare = 1024;
constexpr std::int64_t spare_share = 64;

std::int64_t least_size(std::int64_t declared)
{
    return std::max<std::int64_t>(declared - spare - declared / spare_share, 1);
}

}  // namespace

bool has_no_room(MailboxFacts const& mailbox, Fullness const& used, std::int64_t declared)
{
    if (mailbox.quota_messages >= 0 && used.messages >= mailbox.quota_messages) return true;
    if (mailbox.quota_bytes < 0) return false;
    // The limit may be below what is in it, and is 0 where it takes nothing at all.
    return mailbox.quota_bytes == 0 || least_size(declared) > mailbox.quota_bytes - used.bytes;
}

}  // namespace provost::mail
