// SPDX-License-Identifier: Apache-2.0
#include "mail/access.h"

#include "mail/words.h"

namespace provost::mail {
namespace {

constexpr Words<Role, 4> roles{{{Role::owner, "owner"},
                                {Role::help_desk, "help-desk"},
                                {Role::domain_admin, "domain-admin"},
                                {Role::site_admin, "site-admin"}}};

}  // namespace

char const* word(Role value) { return word_in(roles, value); }
Result<Role> parse_role(std::string_view text) { return parse_in(roles, text, "role"); }

}  // namespace provost::mail
