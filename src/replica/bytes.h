// SPDX-License-Identifier: Apache-2.0
// The bytes that records are made of, written and read again; for the other files of this room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "mail/facts.h"

namespace provost::replica {

[[noreturn]] inline void torn() { throw std::runtime_error("a record in the replica is damaged"); }

class Writer {
public:
    template <class Enum>
    void byte(Enum value)
    {
        out_ += static_cast<char>(value);
    }
    void number(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7U) out_ += static_cast<char>(value | 0x80U);
        out_ += static_cast<char>(value);
    }
    // Small negative numbers are as short as small positive ones.
    void signed_number(std::int64_t value)
    {
        number((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
    }
    void text(std::string_view value)
    {
        number(value.size());
        out_ += value;
    }
    void time(std::optional<Time> value) { signed_number(mail::expiry_of(value)); }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

class Reader {
public:
    explicit Reader(std::string_view record) : rest_(record) {}

    std::uint8_t byte()
    {
        if (rest_.empty()) torn();
        auto const value = static_cast<std::uint8_t>(rest_[0]);
        rest_.remove_prefix(1);
        return value;
    }
    template <class Enum>
    Enum word(Enum last)
    {
        auto const value = byte();
        if (value > static_cast<std::uint8_t>(last)) torn();
        return static_cast<Enum>(value);
    }
    std::uint64_t number()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto const next = byte();
            value |= static_cast<std::uint64_t>(next & 0x7FU) << shift;
            if ((next & 0x80U) == 0) return value;
        }
        torn();
    }
    std::int64_t signed_number()
    {
        auto const value = number();
        return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
    }
    std::string_view text()
    {
        auto const size = number();
        if (size > rest_.size()) torn();
        auto const value = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return value;
    }
    mail::TextList list() { return mail::TextList(text()); }
    std::string_view rest() const { return rest_; }
    void end() const
    {
        if (!rest_.empty()) torn();
    }

private:
    std::string_view rest_;
};

// A UUID in half its length; anything else as it is, under another tag. One is written for each credential of each
// mailbox, and read at each sign-in.
inline void put_id(Writer& out, std::string_view id)
{
    if (!is_uuid(id)) {
        out.text(std::string(1, 't').append(id));
        return;
    }
    auto const digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::array<char, 17> bytes{'u'};
    std::size_t size = 1;
    for (std::size_t at = 0; at < id.size(); at += 2) {
        if (id[at] == '-') ++at;
        bytes[size++] = static_cast<char>(digit(id[at]) * 16 + digit(id[at + 1]));
    }
    out.text({bytes.data(), size});
}

inline std::string take_id(Reader& in)
{
    auto const text = in.text();
    if (text.empty()) torn();
    if (text[0] == 't') return std::string(text.substr(1));
    if (text[0] != 'u' || text.size() != 17) torn();
    std::string id;
    id.reserve(36);
    for (auto const c : text.substr(1)) {
        if (id.size() == 8 || id.size() == 13 || id.size() == 18 || id.size() == 23) id += '-';
        id += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
        id += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return id;
}

}  // namespace provost::replica
