// SPDX-License-Identifier: Apache-2.0
// Checking a password against what is stored, and making what is stored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "password/crypt_string.h"

namespace provost::password {

// Longer ones are wrong without being looked at: hashing is paid by the byte. NIST SP 800-63B asks for 64 at least.
constexpr std::size_t longest_password = 4096;

enum class Verdict : std::uint8_t {
    right,
    wrong,        // also: an empty password, one with a NUL in it, and anything against a locked account
    cannot_tell,  // stored in an unknown or damaged form, above a cap of cost, or the system's library failed
};

// `stored` in any form of stored.h: {SCHEME} as Dovecot writes it, bare crypt(3), PHC, Django's, passlib's.
// Never throws. May take as long as cost_class says, so it belongs on the Pool, unless it is_trifle.
Verdict verify(Secret const& password, std::string_view stored);

// Dear is what hashes slowly; what cannot be checked is cheap.
Cost cost_class(std::string_view stored);

// Whether a check of it takes no longer than to hand it to another thread: one pass over the password, or none.
bool is_trifle(std::string_view stored);

// "SSHA256", "SHA512-CRYPT", "YESCRYPT", "LOCKED", ..., or "UNKNOWN".
std::string scheme_name(std::string_view stored);

// Whether whoever reads it from the database soon has its password: bare digests, DES, MD5, too little work.
bool is_weak(std::string_view stored);

enum class Scheme : std::uint8_t {
    yescrypt,      // the default: pam, Dovecot and Cyrus can all check it; 16 MiB and about 13 ms
    argon2id,      // where nobody but us checks it; 64 MiB (libsodium's "interactive")
    sha512_crypt,  // for libraries older than yescrypt; 20,000 rounds
    bcrypt,        // for PHP and Python; cost 10
};

// A new hash of the password, without a {SCHEME} in front: crypt(3) or PHC. Refuses an empty password, one with a NUL,
// and one longer than the scheme hashes whole (yescrypt and sha512-crypt 511 bytes, bcrypt 72, argon2id 4096).
Result<std::string> make(Secret const& password, Scheme scheme = Scheme::yescrypt);

// The same hash as Dovecot's SQL passdb wants it: bare crypt(3) and PHC strings get their {SCHEME}.
std::string dovecot_form(std::string_view stored);

// A hash that an administrator supplies in place of a password. Refuses what verify() could not check, what is locked,
// and a password in the clear. The error names `field` and never repeats the hash.
Result<std::string> accept_hash(std::string_view text, std::string_view field);

}  // namespace provost::password
