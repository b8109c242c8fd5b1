// SPDX-License-Identifier: Apache-2.0
// Unpredictable bytes, from the kernel through libsodium.
#pragma once

#include <string>

namespace provost {

std::string random_bytes(std::size_t count);
std::string random_token(std::size_t bytes = 18);  // base64url without padding: safe in a URL, a shell, a header

}  // namespace provost
