// SPDX-License-Identifier: Apache-2.0
// Sizes and counts with a limit: as the administrator writes them, and as stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace provost {

// "None", "unlimited" and a number are three different values: nothing said (the next level decides),
// no bound at all, and a bound, of which 0 is one.
class Limit {
public:
    static Limit unset() { return Limit(State::unset, 0); }
    static Limit unlimited() { return Limit(State::unlimited, 0); }
    static Limit of(std::int64_t number) { return Limit(State::number, number); }
    Limit() = default;

    bool is_unset() const { return state_ == State::unset; }
    bool is_unlimited() const { return state_ == State::unlimited; }
    std::optional<std::int64_t> number() const
    {
        return state_ == State::number ? std::optional(number_) : std::nullopt;
    }
    Limit or_else(Limit next) const { return is_unset() ? next : *this; }
    bool allows(std::int64_t count) const { return state_ != State::number || count <= number_; }

    // One column: NULL, -1, or the number.
    std::optional<std::int64_t> stored() const;
    static Limit from_stored(std::optional<std::int64_t> value);

    bool operator==(Limit const&) const = default;

private:
    enum class State : std::uint8_t { unset, unlimited, number };
    Limit(State state, std::int64_t number) : state_(state), number_(number) {}
    State state_ = State::unset;
    std::int64_t number_ = 0;
};

// "10G", "512M", "1048576", "unlimited", "none". Units K, M, G, T are powers of 1024.
Result<Limit> parse_size(std::string_view text, std::string_view field);
Result<Limit> parse_count(std::string_view text, std::string_view field);  // the same without units
std::string size_text(Limit limit);  // "10G", "unlimited", "none"; whole units only
std::string count_text(Limit limit);

}  // namespace provost
