// SPDX-License-Identifier: Apache-2.0
// Stored passwords in every form; of no price above the caps, and never shown in an error.
#include "base/text.h"
#include "fuzz/target.h"
#include "password/scheme.h"
#include "password/stored.h"

using namespace provost;
using namespace provost::password;

namespace {

// The longest that an error may repeat is the name of an unknown scheme.
constexpr std::size_t longest_shown = 42;

void check(Stored const& stored)
{
    HOLDS(!stored.scheme.empty());
    if (auto const* argon = std::get_if<Argon2>(&stored.method)) HOLDS(argon->text.starts_with("$argon2"));
    if (auto const* kdf = std::get_if<Pbkdf2>(&stored.method)) {
        HOLDS(kdf->iterations >= 1 && kdf->iterations <= most_pbkdf2_iterations);
        HOLDS(kdf->key.size() == size_of(kdf->digest));
    }
    if (auto const* scram = std::get_if<Scram>(&stored.method)) {
        HOLDS(scram->iterations >= 1 && scram->iterations <= most_pbkdf2_iterations);
        HOLDS(scram->stored_key.size() == size_of(scram->digest));
    }
    if (auto const* sum = std::get_if<Sum>(&stored.method)) HOLDS(sum->sum.size() == size_of(sum->digest));
    if (auto const* sum = std::get_if<BcryptOfSum>(&stored.method)) HOLDS(sum->bcrypt.size() == 60);
}

}  // namespace

FUZZ_TARGET(stored_password, input)
{
    auto const stored = read_stored(input, "hash");
    if (stored) {
        check(*stored);
        // What takes no time is also tried.
        bool const is_quick = std::holds_alternative<Plain>(stored->method) ||
                              std::holds_alternative<Sum>(stored->method) ||
                              std::holds_alternative<Nothing>(stored->method);
        if (is_quick) HOLDS(verify(Secret("no such password, ever"), input) != Verdict::cannot_tell);
    } else {
        HOLDS(is_utf8(stored.error().message));
        HOLDS(input.size() <= longest_shown || stored.error().message.find(input) == std::string::npos);
        HOLDS(verify(Secret("x"), input) == Verdict::cannot_tell);
        HOLDS(cost_class(input) == Cost::cheap);
        HOLDS(scheme_name(input) == "UNKNOWN");
    }
    is_weak(input);
    auto const accepted = accept_hash(input, "hash");
    if (!accepted) return;
    HOLDS(read_stored(*accepted, "hash"));
    HOLDS(read_stored(dovecot_form(*accepted), "hash"));
}
