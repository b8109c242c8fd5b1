// SPDX-License-Identifier: Apache-2.0
// As much of IMAP (RFC 3501) as it takes to find one letter in the INBOX.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "net/line_client.h"

namespace provost::host {

class ImapClient {
public:
    // Signed in. Certificates are not checked: it is for this host's own doors.
    static Result<ImapClient> connect(std::string const& host, std::uint16_t port, bool tls_from_the_start,
                                      std::string const& login, Secret const& password,
                                      std::chrono::milliseconds patience);

    // The same over a conversation that has just begun; where it is not encrypted yet, it will be before the password.
    static Result<ImapClient> signed_in(net::LineClient client, bool is_encrypted, std::string const& login,
                                        Secret const& password);

    // Whether the INBOX, as it is now, has a letter with this word as a header's value; the word is an atom.
    Result<bool> has_letter(std::string_view header, std::string_view word);

private:
    explicit ImapClient(net::LineClient client) : client_(std::move(client)) {}
    // The untagged lines of its answer. Fault::conflict with the server's words where it is not OK.
    Result<std::string> ask(std::string_view command);

    net::LineClient client_;
    int tag_ = 0;
};

}  // namespace provost::host
