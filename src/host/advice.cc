// SPDX-License-Identifier: Apache-2.0
#include "host/advice.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/rules.h"

namespace provost::host {

namespace {

std::string on_names(std::string const& host)
{
    return fmt::format(
        "DNS: {0} needs an address record, and its address a PTR record that says {0}. Each domain of mail "
        "needs \"MX 10 {0}.\" and, against forgery, TXT \"v=spf1 mx -all\".",
        host);
}

std::string on_certificate(ServerOptions const& options)
{
    auto const& pair = options.postfix;
    if (pair.certificate == snakeoil_certificate) {
        return fmt::format(
            "TLS: the certificate is self-signed, and mail programs will warn of it. With one for {}: provost "
            "setup --certificate FILE --key FILE",
            pair.host_name);
    }
    return "TLS: when " + pair.certificate + " is renewed, let both servers read it: postfix reload; doveadm reload";
}

std::string on_firewall(ServerOptions const& options)
{
    std::vector<std::string> ports{"25", options.postfix.submission, options.postfix.submissions};
    auto const& dovecot = options.dovecot;
    for (auto port : {dovecot.imap, dovecot.imaps, dovecot.pop3, dovecot.pop3s, dovecot.sieve}) {
        if (port != 0) ports.push_back(std::to_string(port));
    }
    return "Firewall: let TCP in to " + joined(ports, ", ") + "; nothing else is for others.";
}

// The proof of an act knocks where the settings say.
std::vector<std::string> on_doors(config::Doors const& doors, ServerOptions const& options)
{
    auto const& dovecot = options.dovecot;
    auto const number = [](std::string const& service) { return to_integer(port_of(service)).value_or(0); };
    std::vector<std::string> lines;
    for (auto const& [name, door, server, port] :
         {std::tuple("imap", doors.imap, "Dovecot", std::int64_t{dovecot.imap}),
          std::tuple("imaps", doors.imaps, "Dovecot", std::int64_t{dovecot.imaps}),
          std::tuple("pop3", doors.pop3, "Dovecot", std::int64_t{dovecot.pop3}),
          std::tuple("pop3s", doors.pop3s, "Dovecot", std::int64_t{dovecot.pop3s}),
          std::tuple("sieve", doors.sieve, "Dovecot", std::int64_t{dovecot.sieve}),
          std::tuple("submission", doors.submission, "Postfix", number(options.postfix.submission)),
          std::tuple("submissions", doors.submissions, "Postfix", number(options.postfix.submissions))}) {
        auto const at = config::parse_host_port(door, name);
        auto const knocks = at ? std::int64_t{at->port} : 0;
        if (knocks == port) continue;
        lines.push_back(fmt::format(
            "Settings: [doors] {} is \"{}\", but {} {}. Correct it, so that `mailbox disable` is proved there.", name,
            door, server, port == 0 ? "has no such listener" : "listens at " + std::to_string(port)));
    }
    return lines;
}

}  // namespace

std::vector<std::string> advice(Root const& root, config::Settings const& settings, ServerOptions const& options)
{
    std::vector<std::string> lines;
    if (!root.exists(settings.sockets.map)) {
        lines.push_back("provostd does not run yet: until it does, mail waits and nobody can sign in.");
    }
    lines.push_back(on_names(options.postfix.host_name));
    lines.push_back(on_certificate(options));
    lines.push_back(on_firewall(options));
    for (auto& line : on_doors(settings.doors, options)) lines.push_back(std::move(line));
    return lines;
}

}  // namespace provost::host
