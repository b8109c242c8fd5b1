// SPDX-License-Identifier: Apache-2.0
// Mail addresses and names, valid and folded by construction: whoever holds one never checks it again.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace provost::mail {

inline constexpr std::size_t longest_address = 254;    // RFC 5321 4.5.3.1.3 less the angle brackets
inline constexpr std::size_t longest_local_part = 64;  // RFC 5321 4.5.3.1.1
inline constexpr std::size_t longest_domain = 253;     // RFC 1035 2.3.4, without the root dot

// A domain as stored and compared: A-labels in lower case, no trailing dot (RFC 5890, UTS 46 non-transitional).
class DomainName {
public:
    static Result<DomainName> parse(std::string_view text, std::string_view field = "domain");

    std::string const& text() const { return text_; }
    auto operator<=>(DomainName const&) const = default;

private:
    explicit DomainName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// local@domain: the local part in NFC with ASCII letters folded, a dot-atom that may hold UTF-8 (RFC 6531 3.3).
// A quoted local part whose content is such a dot-atom is the same address.
class Address {
public:
    // For what an administrator writes: refuses with the field, the value and the rule.
    static Result<Address> parse(std::string_view text, std::string_view field = "address");

    // For bytes from the network: every byte string has an answer, and what cannot be an address is none.
    static std::optional<Address> from_wire(std::string_view bytes);

    std::string const& text() const { return text_; }
    std::string_view local() const { return std::string_view(text_).substr(0, at_); }
    std::string_view domain() const { return std::string_view(text_).substr(at_ + 1); }

    // What stands before and after the first delimiter of the local part (RFC 5233); "+x@d" has no extension.
    std::optional<std::string_view> without_extension(char delimiter) const;  // the local part alone
    std::string_view extension(char delimiter) const;                         // with its delimiter, or empty

    // The same local part elsewhere, or another local part here. The parts must come from valid addresses.
    Address at(std::string_view domain) const;
    static std::string join(std::string_view local, std::string_view domain);

    auto operator<=>(Address const&) const = default;

private:
    Address(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
    std::string text_;
    std::size_t at_;
};

// A login or the name of a mailbox: an address, or a bare name without @ ("cyrus", "backup.agent").
Result<std::string> parse_login(std::string_view text, std::string_view field = "login");
std::optional<std::string> login_from_wire(std::string_view bytes);

// What guesses at a login are counted under: the login without its extension, whether or not there is such an account.
// Whoever guesses cannot begin anew by another extension or spelling.
std::string guessed_login(std::string_view bytes, char delimiter);

}  // namespace provost::mail
