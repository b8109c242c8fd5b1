// SPDX-License-Identifier: Apache-2.0
// What of the answers to questions their asker may see: of addresses that lead through several domains, his part.
#pragma once

#include <string_view>

#include "base/result.h"
#include "directory/authority.h"
#include "mail/resolver.h"
#include "replica/replica.h"

namespace provost::directory {

// The expansion of `address` as far as the caller may follow it: an address he may not see is where it ends for him,
// whether it is another domain's or foreign.
mail::Expansion as_seen(mail::Expansion whole, std::string_view address, Authority const& authority);

// A key of a map of Postfix: an address, or a domain.
Result<void> check_key(Authority const& authority, std::string_view key);

// That the caller may try passwords of the mailbox that signs in with `login`, there or not.
Result<void> check_login(Authority const& authority, replica::Replica& replica, char delimiter, std::string_view login);

}  // namespace provost::directory
