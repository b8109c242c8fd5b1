// SPDX-License-Identifier: Apache-2.0
// A mail program's side of SMTP (RFC 5321), STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954), one command at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "net/line_client.h"

namespace provost::host {

struct SmtpReply {
    int code = 0;
    std::vector<std::string> lines = {};  // without the code

    std::string text() const;  // the last line with its code, escaped
};

class SmtpClient {
public:
    // With its greeting read. Certificates are not checked: it is for this host's own doors.
    static Result<SmtpClient> connect(std::string const& host, std::uint16_t port, bool tls_from_the_start,
                                      std::chrono::milliseconds patience);

    // The same over a conversation that has just begun.
    static Result<SmtpClient> greeted(net::LineClient client);

    // Fault::conflict with the server's words where the reply's first digit is not that of `wanted` (2 or 3).
    Result<SmtpReply> ask(std::string_view line, int wanted);
    Result<SmtpReply> ehlo();
    Result<void> start_tls();
    Result<void> sign_in(std::string const& login, Secret const& password);
    // `text` has CR LF line ends and no line that begins with a dot.
    Result<SmtpReply> send_letter(std::string const& sender, std::string const& recipient, std::string const& text);

private:
    explicit SmtpClient(net::LineClient client) : client_(std::move(client)) {}
    Result<SmtpReply> reply();

    net::LineClient client_;
};

// The words after `keyword` in a reply to EHLO; nothing where it is not offered.
bool offers(SmtpReply const& ehlo, std::string_view keyword);

}  // namespace provost::host
