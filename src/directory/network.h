// SPDX-License-Identifier: Apache-2.0
// Networks in CIDR form, and whether an address lies in one.
#pragma once

#include <string_view>

#include "base/result.h"

namespace provost::directory {

// "192.0.2.0/24", "2001:db8::/32", or a single address. False for anything that is not an address or a network.
bool network_has(std::string_view network, std::string_view address);
Result<void> check_network(std::string_view network, std::string_view field);
bool is_address(std::string_view text);
bool is_loopback(std::string_view address);

}  // namespace provost::directory
