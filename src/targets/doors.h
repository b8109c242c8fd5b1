// SPDX-License-Identifier: Apache-2.0
// Knocks at the doors of the mail servers as a client would: signs in once, says what the server said, hangs up.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace provost::targets {

enum class DoorKind : std::uint8_t { imap, pop3, sieve, submission };
enum class DoorTls : std::uint8_t { implicit, starttls };

struct Door {
    std::string name = {};  // "imap", "imaps", "submission", ...
    DoorKind kind = DoorKind::imap;
    DoorTls tls = DoorTls::starttls;
    std::string host = {};
    std::uint16_t port = 0;
};

enum class Knock : std::uint8_t {
    let_in,
    refused,      // the server said no for good
    temporary,    // the server could not tell
    unreachable,  // nobody listens there
};

struct KnockResult {
    Knock knock = Knock::unreachable;
    std::string said;  // the server's line that decided, without line ends
    std::chrono::milliseconds took{0};
};

// Why certificates are not checked (net::TlsCheck::none): it is the answer that counts.
inline constexpr auto is_a_door_of_this_host = "a door of this host: its certificate names the public one";

KnockResult knock(Door const& door, std::string const& login, Secret const& password,
                  std::chrono::milliseconds deadline);

char const* word(Knock knock);

}  // namespace provost::targets
