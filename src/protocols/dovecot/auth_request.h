// SPDX-License-Identifier: Apache-2.0
// What Postfix and Dovecot send to have a password checked: the AUTH line, and what PLAIN carries in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace provost::protocols {

// AUTH's fields, of those that matter here; a view of the line it was read from.
struct AuthRequest {
    std::uint32_t id = 0;
    std::string mechanism;                          // in capitals
    std::string service;                            // "smtp", "imap", ...: service= (Postfix, 2.3) or protocol= (2.4)
    std::string from;                               // rip=, the client's address
    bool nologin = false;                           // no REQUEST will follow
    std::optional<std::string_view> response = {};  // resp=, base64; nullopt where the client sent none
};

// Reads what follows "AUTH\t". Unknown fields are left aside; nullopt without a number and a mechanism.
std::optional<AuthRequest> parse_auth_request(std::string_view arguments);

// Base64 with padding; "=" and nothing are both the empty message (RFC 4954 section 4).
std::optional<Secret> decode_response(std::string_view base64);

// RFC 4616: [authzid] NUL authcid NUL password. nullopt for anything else.
struct PlainMessage {
    std::string authzid;
    std::string login;
    Secret password;
};
std::optional<PlainMessage> parse_plain(std::string_view message);

}  // namespace provost::protocols
