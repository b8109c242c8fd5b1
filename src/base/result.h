// SPDX-License-Identifier: Apache-2.0
// Outcomes a caller is expected to handle are values; everything else is an exception.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace provost {

// Why a request could not be met. Every front door translates these once.
enum class Fault : std::uint8_t {
    invalid,      // the request itself is wrong; trying again will not help
    not_found,    // well formed, but there is no such thing
    conflict,     // it clashes with what already exists, or breaks a rule of the directory
    denied,       // the caller may not do this
    unavailable,  // we cannot tell right now; trying again may help
};

struct Error {
    Fault fault;
    std::string message;     // one sentence for a person, without secrets, foreign bytes escaped
    std::string field = {};  // the name of the field at fault, where there is one
};

template <class T>
using Result = tl::expected<T, Error>;

inline auto fail(Fault fault, std::string message, std::string field = {})
{
    return tl::make_unexpected(Error{fault, std::move(message), std::move(field)});
}

// A refusal that names the field, its value (escaped here) and the rule: "quota: '12Q' is not a size".
tl::unexpected<Error> refuse(Fault fault, std::string_view field, std::string_view value, std::string_view rule);

char const* name_of(Fault fault);

}  // namespace provost

// Yields the value of a Result, or returns its error from the enclosing function.
#define TRY(expression)                                                         \
    __extension__({                                                             \
        auto&& outcome_ = (expression);                                         \
        if (!outcome_) return tl::make_unexpected(std::move(outcome_).error()); \
        *std::move(outcome_);                                                   \
    })

// The same for a Result<void>, or where the value is not wanted.
#define CHECK_OK(expression)                                                    \
    do {                                                                        \
        auto&& checked_ = (expression);                                         \
        if (!checked_) return tl::make_unexpected(std::move(checked_).error()); \
    } while (false)
