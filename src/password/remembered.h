// SPDX-License-Identifier: Apache-2.0
// Passwords that were found right a moment ago, so that the next connection of the same client is not hashed for.
// Kept as keyed hashes in memory: without the process's random key they say nothing.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "base/secret.h"
#include "password/moment.h"

namespace provost::password {

// What a right password was right for. Any change to one of the three and it is not known any more.
struct Claim {
    std::string_view account;  // id
    std::string_view stored;   // the credential's hash
    std::uint64_t stamp = 0;   // changes with every change to the account: its revision
};

class Remembered {
public:
    // At most `accounts` accounts (least recently used go first), about 150 bytes each, and of each the last 8
    // passwords: its own and those of its apps.
    explicit Remembered(std::size_t accounts = 100'000);

    // Whether this password was remembered for this claim and its time has not passed. Ask only what Admission let
    // through: a yes tells a guesser as much as a hash does.
    bool knows(Secret const& password, Claim const& claim, Moment now);

    // After verify() said right. `until`: the sooner of the lifetime of remembering and the account's own expiry.
    // Does nothing for what never matches: empty passwords, a NUL in them, more than longest_password bytes.
    void remember(Secret const& password, Claim const& claim, Moment until);

    std::size_t size() const;  // accounts

private:
    using Print = std::array<unsigned char, 32>;
    struct Entry {
        Print print;
        Moment until;
    };
    struct Account {
        std::vector<Entry> entries;
        std::list<std::string>::iterator place;
    };
    struct Shard {
        std::unordered_map<std::string, Account> accounts;
        std::list<std::string> recent;  // the most recently used first
    };
    static constexpr std::size_t shard_count = 16;

    Print print_of(Secret const& password, Claim const& claim) const;
    Guarded<Shard>& shard_of(std::string_view account) const;

    std::string const key_;
    std::size_t const most_per_shard_;
    mutable std::array<Guarded<Shard>, shard_count> shards_;
};

}  // namespace provost::password
