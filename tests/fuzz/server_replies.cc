// SPDX-License-Identifier: Apache-2.0
// What SMTP and IMAP servers say while the doctor sends a letter through and looks for it.
#include <sys/socket.h>

#include "fuzz/target.h"
#include "host/inbox.h"
#include "host/smtp_client.h"

using namespace provost;
using namespace provost::host;

namespace {

// A server that has said all this, and is gone.
net::LineClient gone_after(std::string_view bytes)
{
    int ends[2] = {};
    HOLDS(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    net::Fd const server(ends[0]);
    bytes = bytes.substr(0, 32 << 10);
    HOLDS(bytes.empty() ||
          ::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    ::shutdown(server.get(), SHUT_WR);
    // What we say is heard by nobody, and no error meanwhile.
    static std::vector<net::Fd> kept(1);
    kept[0] = net::Fd(::dup(server.get()));
    return net::LineClient::over(net::Fd(ends[1]), "here",
                                 {.timeout = std::chrono::seconds(5), .longest_line = 512, .longest_literal = 512});
}

void talk_smtp(std::string_view bytes)
{
    auto client = SmtpClient::greeted(gone_after(bytes));
    if (!client) return;
    auto const hello = client->ehlo();
    if (!hello) return;
    HOLDS(hello->code / 100 == 2 && hello->lines.size() <= 100);
    offers(*hello, "STARTTLS");
    if (!client->sign_in("jane@x", Secret("pw"))) return;
    auto const sent = client->send_letter("a@x", "b@x", "Subject: x\r\n\r\nx");
    HOLDS(!sent || sent->code / 100 == 2);
    if (!sent) HOLDS(sent.error().message.size() < 2000);
}

void talk_imap(std::string_view bytes)
{
    net::ImapServer how;
    how.tls = net::ImapServer::Tls::none;
    how.limits.timeout = std::chrono::seconds(5);
    auto client = net::ImapClient::over(gone_after(bytes), how);
    if (!client) return;
    auto inbox = Inbox::of(*std::move(client), "jane@x", Secret("pw"));
    if (!inbox) return;
    auto const found = inbox->has_letter("Message-ID", "x");
    if (!found) HOLDS(found.error().message.size() < 2000);
}

}  // namespace

FUZZ_TARGET(server_replies, input)
{
    fuzz::Input from(input);
    if (from.flag()) talk_smtp(from.rest());
    else talk_imap(from.rest());
}
