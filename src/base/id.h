// SPDX-License-Identifier: Apache-2.0
// Identifiers that cannot be mixed up: a mailbox's id is not a domain's.
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace provost {

// A new UUIDv7 (RFC 9562 5.7): 36 characters, ascending with time.
std::string new_uuid();
bool is_uuid(std::string_view text);

template <class Tag>
class Id {
public:
    Id() = default;
    explicit Id(std::string text) : text_(std::move(text)) {}
    static Id make() { return Id(new_uuid()); }

    std::string const& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    auto operator<=>(Id const&) const = default;

private:
    std::string text_;
};

using DomainId = Id<struct DomainTag>;
using MailboxId = Id<struct MailboxTag>;
using AliasId = Id<struct AliasTag>;
using CredentialId = Id<struct CredentialTag>;

}  // namespace provost
