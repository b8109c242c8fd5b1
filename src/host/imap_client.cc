// SPDX-License-Identifier: Apache-2.0
#include "host/imap_client.h"

#include "base/text.h"
#include "targets/doors.h"

namespace provost::host {

namespace {

constexpr int most_lines = 1000;  // of an answer; SELECT's has about 10

net::TlsCheck no_check() { return net::TlsCheck::none(targets::is_a_door_of_this_host); }

}  // namespace

Result<ImapClient> ImapClient::connect(std::string const& host, std::uint16_t port, bool tls_from_the_start,
                                       std::string const& login, Secret const& password,
                                       std::chrono::milliseconds patience)
{
    auto socket =
        TRY(net::LineClient::connect(host, port, {.timeout = patience, .longest_line = 8192, .longest_literal = 8192}));
    if (tls_from_the_start) CHECK_OK(socket.start_tls(no_check()));
    return signed_in(std::move(socket), tls_from_the_start, login, password);
}

Result<ImapClient> ImapClient::signed_in(net::LineClient socket, bool is_encrypted, std::string const& login,
                                         Secret const& password)
{
    ImapClient client(std::move(socket));
    auto const greeting = TRY(client.client_.read_line());
    if (!greeting.starts_with("* OK")) return fail(Fault::unavailable, "greets with: " + escaped(greeting));
    if (!is_encrypted) {
        TRY(client.ask("STARTTLS"));
        CHECK_OK(client.client_.start_tls(no_check()));
    }
    // Both are base64url or an address of such words: nothing in them ends a quoted string.
    Secret const command("LOGIN \"" + login + "\" \"" + std::string(password.reveal()) + "\"");
    TRY(client.ask(command.reveal()));
    return client;
}

Result<std::string> ImapClient::ask(std::string_view command)
{
    auto const tag = "p" + std::to_string(++tag_);
    Secret const line(tag + " " + std::string(command) + "\r\n");
    CHECK_OK(client_.write(line.reveal()));
    std::string answer;
    for (int i = 0; i < most_lines; ++i) {
        auto const said = TRY(client_.read_line());
        if (!said.starts_with(tag + " ")) {
            answer += said + "\n";
            continue;
        }
        if (said.starts_with(tag + " OK")) return answer;
        return fail(Fault::conflict, escaped(said.substr(tag.size() + 1)));
    }
    return fail(Fault::unavailable, "says more than it should");
}

Result<bool> ImapClient::has_letter(std::string_view header, std::string_view word)
{
    TRY(ask("EXAMINE INBOX"));  // read only: looking changes nothing
    auto const found = TRY(ask("SEARCH HEADER " + std::string(header) + " " + std::string(word)));
    for (auto const line : split(found, '\n')) {
        if (line.starts_with("* SEARCH ")) return true;
    }
    return false;
}

}  // namespace provost::host
