// SPDX-License-Identifier: Apache-2.0
// Answers of one thread that hold until the directory changes. Postfix asks for an address seven to nine times a
// message: from the second time on it is one look into a table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "directory/lookups.h"
#include "mail/validity.h"

namespace provost::directory {

class KeptAnswers {
public:
    static constexpr std::size_t most = 32'768;
    static constexpr std::size_t longest = 512;  // bytes of a key and its value; others are not kept

    // Before each question: all that was kept is forgotten, unless it is of the same directory and content.
    void use(std::uint64_t directory, std::uint64_t content);

    // Sets `text` to the value of a found key. nullopt: not kept, or not for this moment.
    std::optional<Found> find(mail::Map map, std::string_view key, std::string& text) const;
    void keep(mail::Map map, std::string_view key, Found found, std::string_view text, mail::Validity const& validity);

private:
    struct Slot {
        std::uint64_t turn = 0;  // when it was kept; an older one is forgotten
        std::uint64_t hash = 0;
        mail::Validity validity = {};
        std::string bytes = {};  // the key, and the value after it
        std::size_t key_size = 0;
        mail::Map map = mail::Map::domains;
        Found found = Found::cannot_tell;
    };
    // Four places for whatever falls into the same one, so that few push each other out.
    struct Set {
        std::array<Slot, 4> slots = {};
        std::size_t next = 0;
    };
    static constexpr std::size_t sets = most / 4;

    static std::uint64_t hash_of(mail::Map map, std::string_view key);
    Slot* slot_of(mail::Map map, std::string_view key, std::uint64_t hash) const;

    std::uint64_t directory_ = 0;
    std::uint64_t content_ = 0;
    std::uint64_t turn_ = 1;
    std::array<std::unique_ptr<Set>, sets> sets_ = {};  // made when first needed
};

}  // namespace provost::directory
