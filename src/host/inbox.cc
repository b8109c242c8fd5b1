// SPDX-License-Identifier: Apache-2.0
#include "host/inbox.h"

#include <algorithm>

#include "base/text.h"
#include "targets/doors.h"

namespace provost::host {

using net::ImapCommand;

Result<Inbox> Inbox::open(std::string const& host, std::uint16_t port, bool tls_from_the_start,
                          std::string const& login, Secret const& password, std::chrono::milliseconds patience)
{
    net::ImapServer server;
    server.host = host;
    server.port = port;
    server.tls = tls_from_the_start ? net::ImapServer::Tls::implicit : net::ImapServer::Tls::starttls;
    server.check = net::TlsCheck::none(targets::is_a_door_of_this_host);
    server.limits.timeout = patience;
    server.most_answers = 1000;  // EXAMINE has about 10
    auto client = TRY(net::ImapClient::connect(server));
    return of(std::move(client), login, password);
}

Result<Inbox> Inbox::of(net::ImapClient client, std::string const& login, Secret const& password)
{
    CHECK_OK(client.sign_in(login, password));
    return Inbox(std::move(client));
}

Result<net::ImapReply> Inbox::ask(ImapCommand const& command)
{
    auto reply = TRY(client_.ask(command));
    if (!reply.is_ok()) return fail(Fault::conflict, escaped(reply.text));
    return reply;
}

Result<bool> Inbox::has_letter(std::string_view header, std::string_view word)
{
    CHECK_OK(ask(ImapCommand("EXAMINE").word("INBOX")));  // read only: looking changes nothing
    auto const found = TRY(ask(ImapCommand("SEARCH").word("HEADER").text(header).text(word)));
    return std::any_of(found.untagged.begin(), found.untagged.end(),
                       [](net::ImapUntagged const& said) { return said.name == "SEARCH" && !said.values.empty(); });
}

}  // namespace provost::host
