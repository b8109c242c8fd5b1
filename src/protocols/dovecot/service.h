// SPDX-License-Identifier: Apache-2.0
// The names that Postfix and Dovecot give to the services people sign in to.
#pragma once

#include <optional>
#include <string_view>

#include "mail/model.h"

namespace provost::protocols {

// nullopt for what nobody signs in to by name and password ("doveadm", "lmtp", ...).
std::optional<mail::Service> service_named(std::string_view name);

}  // namespace provost::protocols
