// SPDX-License-Identifier: Apache-2.0
// The crypt(3) family: which of its methods a string is, what checking it would cost, and the checking. crypt(5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace provost::password {

// Where a check queues: cheap ones take less than a millisecond, dear ones are slow on purpose.
enum class Cost : std::uint8_t { cheap, dear };

// crypt(3) takes no more (CRYPT_MAX_PASSPHRASE_SIZE of libxcrypt is 512 with the closing NUL).
constexpr std::size_t longest_crypt_password = 511;

// What a stored hash may ask for. Hashes come from elsewhere, and a number in one must not stop a hashing thread for
// minutes or take the memory of the host; each cap is about a second's work, and above every default in the field.
constexpr std::uint64_t most_sha_crypt_rounds = 1'000'000;     // default 5000; the format allows 999999999
constexpr std::uint64_t most_bcrypt_cost = 14;                 // 2^14; defaults are 5 to 12, the format allows 31
constexpr std::uint64_t most_sun_md5_rounds = 500'000;         // mkpasswd draws up to 131071
constexpr std::uint64_t most_sha1_crypt_rounds = 500'000;      // NetBSD's default is 24680
constexpr std::uint64_t most_bsdi_rounds = 1'000'000;          // default 725; 24 bits
constexpr std::uint64_t most_yescrypt_memory = 128ULL << 20U;  // bytes; default 16 MiB, libxcrypt's scrypt 64 MiB

struct CryptString {
    std::string text;
    std::string scheme;  // Dovecot's name where it has one: "SHA512-CRYPT"
    Cost cost = Cost::dear;
    bool weak = false;  // cheap to guess: DES, MD5, or next to no work
};

// Takes well-formed strings of affordable cost; an error never repeats the hash.
Result<CryptString> read_crypt(std::string_view text, std::string_view field);

// Runs crypt(3). `unavailable` where it cannot run, for want of memory or since the host's policy forbids the method.
Result<std::string> run_crypt(Secret const& password, std::string const& setting);

// A new hash with a salt from the kernel. `prefix` as crypt_gensalt(3) knows it; 0 is the method's own default work.
Result<std::string> new_crypt(Secret const& password, char const* prefix, unsigned long work);

}  // namespace provost::password
