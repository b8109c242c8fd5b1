// SPDX-License-Identifier: Apache-2.0
#include "host/advice.h"

#include <array>
#include <map>
#include <optional>

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

std::string on_certificate(config::Settings const& settings, ServerOptions const& options)
{
    auto const& pair = options.postfix;
    if (pair.certificate == snakeoil_certificate) {
        return fmt::format(
            "TLS: the certificate is self-signed, and mail programs will warn of it. With one for {}: provost "
            "setup --certificate FILE --key FILE",
            pair.host_name);
    }
    if (has_cyrus_here(settings)) {
        return "TLS: when " + pair.certificate +
               " is renewed, let both servers read it: postfix reload; systemctl restart cyrus-imapd. The key must "
               "stay "
               "one that the user cyrus may read.";
    }
    auto const more = is_of_cyrus(settings) ? "" : "; doveadm reload";
    return "TLS: when " + pair.certificate + " is renewed, let both servers read it: postfix reload" + more;
}

// Who keeps the mailboxes, and at which ports it is asked for them; nobody where that is on another host.
struct Keeper {
    char const* name;
    std::array<std::pair<char const*, std::uint16_t>, 5> ports;
};

std::optional<Keeper> keeper(config::Settings const& settings, ServerOptions const& options)
{
    auto const of = [](char const* name, auto const& server) {
        return Keeper{name,
                      {{{"imap", server.imap},
                        {"imaps", server.imaps},
                        {"pop3", server.pop3},
                        {"pop3s", server.pop3s},
                        {"sieve", server.sieve}}}};
    };
    if (has_cyrus_here(settings)) return of("Cyrus", options.cyrus);
    if (is_of_cyrus(settings)) return std::nullopt;
    return of("Dovecot", options.dovecot);
}

std::string on_firewall(config::Settings const& settings, ServerOptions const& options)
{
    std::vector<std::string> ports{"25", options.postfix.submission, options.postfix.submissions};
    if (auto const server = keeper(settings, options)) {
        for (auto const& [name, port] : server->ports) {
            if (port != 0) ports.push_back(std::to_string(port));
        }
    }
    return "Firewall: let TCP in to " + joined(ports, ", ") + "; nothing else is for others.";
}

// The proof of an act knocks where the settings say.
void on_door(std::string const& name, std::string const& door, std::string const& server, std::int64_t port,
             std::vector<std::string>& lines)
{
    auto const at = config::parse_host_port(door, name);
    auto const knocks = at ? std::int64_t{at->port} : 0;
    if (knocks == port) return;
    lines.push_back(
        fmt::format("Settings: [doors] {} is \"{}\", but {} {}. Correct it, so that `mailbox disable` is proved there.",
                    name, door, server, port == 0 ? "has no such listener" : "listens at " + std::to_string(port)));
}

std::vector<std::string> on_doors(config::Settings const& settings, ServerOptions const& options)
{
    auto const& doors = settings.doors;
    auto const number = [](std::string const& service) { return to_integer(port_of(service)).value_or(0); };
    std::vector<std::string> lines;
    if (auto const server = keeper(settings, options)) {
        std::map<std::string, std::string> const knocks{{"imap", doors.imap},
                                                        {"imaps", doors.imaps},
                                                        {"pop3", doors.pop3},
                                                        {"pop3s", doors.pop3s},
                                                        {"sieve", doors.sieve}};
        for (auto const& [name, port] : server->ports) on_door(name, knocks.at(name), server->name, port, lines);
    }
    on_door("submission", doors.submission, "Postfix", number(options.postfix.submission), lines);
    on_door("submissions", doors.submissions, "Postfix", number(options.postfix.submissions), lines);
    return lines;
}

std::vector<std::string> on_the_other_host(config::Settings const& settings, ServerOptions const& options)
{
    auto const& cyrus = settings.cyrus;
    return {
        fmt::format("Cyrus on {}: let it take letters from this host alone, by \"lmtpd -a\" at port 24 in cyrus.conf "
                    "and a firewall; Postfix hands them to {}.",
                    cyrus.server, options.postfix.lmtp_inet),
        fmt::format("Cyrus on {}: its sign-ins must come to this host's {}, as through an SSH forwarding of the "
                    "socket, which its imapd.conf names as sasl_saslauthd_path, with sasl_pwcheck_method: saslauthd "
                    "and sasl_mech_list: PLAIN.",
                    cyrus.server, settings.sockets.saslauthd),
        fmt::format("Cyrus on {}: imapd.conf needs virtdomains: userid, defaultdomain: internal, admins: {}, "
                    "allowusermoves: yes, delete_mode: delayed and autocreate_quota: -1.",
                    cyrus.server, cyrus.admin)};
}

}  // namespace

std::vector<std::string> advice(Root const& root, config::Settings const& settings, ServerOptions const& options)
{
    std::vector<std::string> lines;
    if (!root.exists(settings.sockets.map)) {
        lines.push_back("provostd does not run yet: until it does, mail waits and nobody can sign in.");
    }
    lines.push_back(on_names(options.postfix.host_name));
    lines.push_back(on_certificate(settings, options));
    lines.push_back(on_firewall(settings, options));
    for (auto& line : on_doors(settings, options)) lines.push_back(std::move(line));
    if (is_of_cyrus(settings) && !has_cyrus_here(settings)) {
        for (auto& line : on_the_other_host(settings, options)) lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace provost::host
