// SPDX-License-Identifier: Apache-2.0
// What the directory keeps as JSON objects, and changes to it read from JSON. The fields are those of mail/fields.h;
// everything else in an object is only shown.
#pragma once

#include <optional>
#include <string>

#include <boost/json.hpp>

#include "api/values.h"
#include "base/result.h"
#include "directory/acts.h"

namespace provost::api {

json::object to_json(mail::Domain const& domain);
json::object to_json(mail::Mailbox const& mailbox);
json::object to_json(mail::Alias const& alias);
json::object to_json(mail::Admin const& admin);
json::object to_json(directory::TokenDetails const& details);
json::object to_json(directory::DomainDetails const& details);
json::object to_json(directory::MailboxDetails const& details);
json::object to_json(directory::Done const& done);

// A member that no object of this sort has is refused with the nearest one that it has. `adding` also takes what can
// only be said once.
Result<directory::DomainChange> domain_change(json::object const& body, bool adding);
Result<directory::MailboxChange> mailbox_change(json::object const& body, bool adding);
Result<directory::AliasChange> alias_change(json::object const& body, bool adding);

Result<directory::AdminChange> admin_change(json::object const& body);
Result<directory::NewToken> new_token(json::object& body);

// Takes "password" or "hash" out of `body`; none where neither is there, refused where both are.
Result<std::optional<directory::NewPassword>> take_password(json::object& body);

// Takes the text member `name` out of `body`.
Result<std::string> take_text(json::object& body, std::string_view name);

// Takes the flag `name` out of `body`; false where it is not there.
Result<bool> take_flag(json::object& body, std::string_view name);

// Refuses whatever `body` still holds.
Result<void> nothing_else(json::object const& body, std::vector<std::string> const& known);

}  // namespace provost::api
