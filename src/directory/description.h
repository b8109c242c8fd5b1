// SPDX-License-Identifier: Apache-2.0
// What an object looks like in the audit: its fields as text, and what an act changed of them.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "mail/access.h"
#include "mail/model.h"

namespace provost::directory {

using Fields = std::vector<std::pair<std::string, std::string>>;

// The rights of a member, as they are said and shown.
inline constexpr std::array<std::pair<mail::Right, char const*>, 3> right_words{
    {{mail::Right::read, "read"}, {mail::Right::write, "write"}, {mail::Right::send_as, "send-as"}}};

Fields describe(mail::Domain const& domain);
Fields describe(mail::Mailbox const& mailbox);
Fields describe(mail::Alias const& alias);
Fields describe(mail::Admin const& admin);
Fields describe(mail::Token const& token);  // without its hash

// Two JSON objects of text members: what differs between the two, before and after. Both empty ("{}") if nothing does.
std::pair<std::string, std::string> difference(Fields const& before, Fields const& after);

}  // namespace provost::directory
