// SPDX-License-Identifier: Apache-2.0
#include "host/smtp_client.h"

#include "base/text.h"
#include "targets/doors.h"

namespace provost::host {

namespace {

constexpr int most_lines = 100;  // of a reply; EHLO's has about 20

net::TlsCheck no_check() { return net::TlsCheck::none(targets::is_a_door_of_this_host); }

}  // namespace

std::string SmtpReply::text() const
{
    return std::to_string(code) + " " + escaped(lines.empty() ? std::string() : lines.back());
}

bool offers(SmtpReply const& ehlo, std::string_view keyword)
{
    for (auto const& line : ehlo.lines) {
        if (folded(line.substr(0, line.find_first_of(" ="))) == folded(keyword)) return true;
    }
    return false;
}

Result<SmtpClient> SmtpClient::connect(std::string const& host, std::uint16_t port, bool tls_from_the_start,
                                       std::chrono::milliseconds patience)
{
    auto socket =
        TRY(net::LineClient::connect(host, port, {.timeout = patience, .longest_line = 8192, .longest_literal = 8192}));
    if (tls_from_the_start) CHECK_OK(socket.start_tls(no_check()));
    return greeted(std::move(socket));
}

Result<SmtpClient> SmtpClient::greeted(net::LineClient socket)
{
    SmtpClient client(std::move(socket));
    auto const greeting = TRY(client.reply());
    if (greeting.code / 100 != 2) return fail(Fault::unavailable, "greets with: " + greeting.text());
    return client;
}

Result<SmtpReply> SmtpClient::reply()
{
    SmtpReply reply;
    for (int i = 0; i < most_lines; ++i) {
        auto const line = TRY(client_.read_line());
        auto const code = to_integer(std::string_view(line).substr(0, 3));
        if (line.size() < 3 || !code || *code < 200 || *code > 599) {
            return fail(Fault::unavailable, "is not SMTP: " + escaped(line));
        }
        reply.code = static_cast<int>(*code);
        reply.lines.push_back(line.size() > 4 ? line.substr(4) : std::string());
        if (line.size() == 3 || line[3] != '-') return reply;
    }
    return fail(Fault::unavailable, "says more than it should");
}

Result<SmtpReply> SmtpClient::ask(std::string_view line, int wanted)
{
    CHECK_OK(client_.write(std::string(line) + "\r\n"));
    auto const answer = TRY(reply());
    if (answer.code / 100 != wanted) return fail(Fault::conflict, answer.text());
    return answer;
}

Result<SmtpReply> SmtpClient::ehlo() { return ask("EHLO provost-doctor.invalid", 2); }

Result<void> SmtpClient::start_tls()
{
    TRY(ask("STARTTLS", 2));
    return client_.start_tls(no_check());
}

Result<void> SmtpClient::sign_in(std::string const& login, Secret const& password)
{
    TRY(ask("AUTH PLAIN", 3));
    Secret const plain(std::string("\0", 1) + login + std::string("\0", 1) + std::string(password.reveal()));
    Secret const line(to_base64(plain.reveal()));
    TRY(ask(line.reveal(), 2));
    return {};
}

Result<SmtpReply> SmtpClient::send_letter(std::string const& sender, std::string const& recipient,
                                          std::string const& text)
{
    TRY(ask("MAIL FROM:<" + sender + ">", 2));
    TRY(ask("RCPT TO:<" + recipient + ">", 2));
    TRY(ask("DATA", 3));
    return ask(text + "\r\n.", 2);
}

}  // namespace provost::host
