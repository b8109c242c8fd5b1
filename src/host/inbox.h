// SPDX-License-Identifier: Apache-2.0
// Whether a letter has arrived, as its reader would see it: by IMAP.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "net/imap_client.h"

namespace provost::host {

class Inbox {
public:
    // Signed in, under TLS. Certificates are not checked: it is for this host's own doors.
    static Result<Inbox> open(std::string const& host, std::uint16_t port, bool tls_from_the_start,
                              std::string const& login, Secret const& password, std::chrono::milliseconds patience);

    // The same over a conversation that has been greeted.
    static Result<Inbox> of(net::ImapClient client, std::string const& login, Secret const& password);

    // Whether there is, now, a letter with this word in a header's value.
    Result<bool> has_letter(std::string_view header, std::string_view word);

private:
    explicit Inbox(net::ImapClient client) : client_(std::move(client)) {}
    // Fault::conflict with the server's words where it is not OK.
    Result<net::ImapReply> ask(net::ImapCommand const& command);

    net::ImapClient client_;
};

}  // namespace provost::host
