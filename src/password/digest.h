// SPDX-License-Identifier: Apache-2.0
// The digests that stored passwords are made of, and comparison that tells nothing by its time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace provost::password {

enum class Digest : std::uint8_t { md5, sha1, sha256, sha512 };

std::size_t size_of(Digest digest);  // bytes

// All three throw std::runtime_error where OpenSSL refuses, as it does MD5 in a FIPS setup.
std::string hashed(Digest digest, std::initializer_list<std::string_view> parts);  // of the parts in a row
std::string hmac(Digest digest, std::string_view key, std::string_view message);   // RFC 2104
std::string pbkdf2(Digest digest, std::string_view password, std::string_view salt, int iterations,
                   std::size_t size);  // RFC 8018 5.2

// Whether both are the same bytes. The time depends on the lengths alone.
bool same(std::string_view a, std::string_view b);

}  // namespace provost::password
