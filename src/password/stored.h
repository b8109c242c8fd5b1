// SPDX-License-Identifier: Apache-2.0
// A stored password taken apart: every form in which the systems people already run keep one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "password/crypt_string.h"
#include "password/digest.h"

namespace provost::password {

// Above every known form: the longest, a hex-coded {SHA512-CRYPT}, has about 270 bytes.
constexpr std::size_t longest_stored = 1024;

// Caps as in crypt_string.h: about a second's work each.
constexpr std::int64_t most_pbkdf2_iterations = 2'000'000;         // Django 5.2 writes 1,000,000
constexpr std::int64_t most_argon2_memory = 256 * 1024;            // KiB; libsodium's "moderate", Django 100 MiB
constexpr std::int64_t most_argon2_work = 4 * most_argon2_memory;  // KiB times passes

// NIST SP 800-63B 5.1.1.2 wants 10,000 iterations of PBKDF2; fewer count as weak.
constexpr std::int64_t least_pbkdf2_iterations = 10'000;

struct Nothing {};  // locked: empty, or beginning with ! or *, as shadow(5) and Django write it
struct Plain {
    std::string password;
};
struct Sum {  // digest(password + salt)
    Digest digest;
    std::string sum;
    std::string salt;
};
struct Argon2 {
    std::string text;  // PHC
};
struct Pbkdf2 {
    Digest digest;
    int iterations;
    std::string salt;
    std::string key;
};
struct Scram {  // RFC 5803, RFC 5802 section 3
    Digest digest;
    int iterations;
    std::string salt;
    std::string stored_key;
};
struct BcryptOfSum {  // bcrypt of a digest, so that bcrypt's 72 bytes are no limit
    enum class Maker : std::uint8_t { django, passlib_1, passlib_2 } maker;
    std::string bcrypt;  // the whole crypt string
    std::string salt;    // as text, for passlib 2
};

using Method = std::variant<Nothing, Plain, Sum, CryptString, Argon2, Pbkdf2, Scram, BcryptOfSum>;

struct Stored {
    Method method;
    std::string scheme;  // Dovecot's name where it has one
    Cost cost = Cost::dear;
    bool weak = false;
};

// Fails on what is unknown, malformed, or above a cap; the error names the field and never repeats the hash.
Result<Stored> read_stored(std::string_view text, std::string_view field);

}  // namespace provost::password
