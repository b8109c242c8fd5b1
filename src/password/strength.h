// SPDX-License-Identifier: Apache-2.0
// Which new passwords are refused: too short, or too easy to guess, by a rule that can be told to a person.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace provost::password {

struct StrengthRules {
    std::size_t shortest = 10;  // characters, not bytes; NIST SP 800-63B asks for 8 at least
    // As zxcvbn estimates them: 10^10 guesses, where its scale of five says "very unguessable".
    double least_bits = 33.2;
};

// `own_words`: what an attacker knows of the account, such as the address, the domain and the name; they count as
// words of a dictionary. Refusals are `conflict` where the password is weak and `invalid` where its bytes cannot be
// typed or sent by every client (not UTF-8, control characters, longer than longest_password). None repeats it.
Result<void> check_strength(Secret const& password, std::vector<std::string> const& own_words,
                            StrengthRules const& rules = {}, std::string const& field = "password");

}  // namespace provost::password
