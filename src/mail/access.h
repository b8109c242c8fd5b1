// SPDX-License-Identifier: Apache-2.0
// Who may administer: admins, and the tokens with which they call the API. Plain values; what each role may do is said
// in directory/authority.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

namespace provost {

using AdminId = Id<struct AdminTag>;
using TokenId = Id<struct TokenTag>;

namespace mail {

// Each may what those before it may, and more.
enum class Role : std::uint8_t {
    owner,         // of one mailbox
    help_desk,     // of all domains or some
    domain_admin,  // of some domains
    site_admin,    // of everything
};

// A domain or a mailbox by its id: another one of the same name is not meant. `name` is what it is called now.
template <class AnyId>
struct Named {
    AnyId id;
    std::string name;
    bool operator==(Named const&) const = default;
};

// Where a role holds.
struct Domains {
    bool all = false;                        // every one, also those to come; else
    std::vector<Named<DomainId>> some = {};  // these, by id
    bool operator==(Domains const&) const = default;
};

struct Admin {
    AdminId id;
    std::string name;  // unique, as mail::parse_login makes it
    Role role = Role::help_desk;
    Domains domains = {};  // for help_desk and domain_admin
    std::string description = {};
    bool enabled = true;
    std::optional<Time> expires = {};
    std::optional<Named<MailboxId>> mailbox = {};  // whose owner it is; it may nothing while nobody may sign in there
    Time created = {};
    bool operator==(Admin const&) const = default;
};

// Never more than its admin, whatever it says: what is said here only takes away.
struct Token {
    TokenId id;
    AdminId admin;
    std::string label = {};
    std::string hash = {};  // SHA-256 of the secret, 32 bytes
    Role role = Role::help_desk;
    Domains domains = {};  // all: its admin's
    bool read_only = false;
    std::vector<std::string> networks = {};  // CIDR; empty for anywhere
    std::optional<Time> expires = {};
    Time created = {};
    bool operator==(Token const&) const = default;
};

char const* word(Role role);
Result<Role> parse_role(std::string_view text);

}  // namespace mail
}  // namespace provost
