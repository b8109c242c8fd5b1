// SPDX-License-Identifier: Apache-2.0
// What a client says to sign in, and how the server's words are understood: IMAP (RFC 9051, 5530), POP3 (RFC 1939,
// 3206, 5034), ManageSieve (RFC 5804) and submission (RFC 4954). No sockets.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "targets/doors.h"

namespace provost::targets {

// One conversation with a server, as far as signing in needs it. Every call has its deadline and its limit; an Error
// ends the conversation.
class Wire {
public:
    virtual ~Wire() = default;
    virtual Result<std::string> line() = 0;  // without its end
    virtual Result<std::string> bytes(std::size_t count) = 0;
    virtual Result<void> send(std::string_view bytes) = 0;
    virtual Result<void> start_tls() = 0;
};

// Signs in by SASL PLAIN and, once in, out again. Over DoorTls::implicit the wire is encrypted already. A server that
// does not decide, or does not even greet, is temporary: it may be slow, and let the account in a moment later.
KnockResult sign_in(DoorKind kind, DoorTls tls, Wire& wire, std::string const& login, Secret const& password);

}  // namespace provost::targets
