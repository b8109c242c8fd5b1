// SPDX-License-Identifier: Apache-2.0
// What setup is to write, from what was asked for and from what the servers have: they keep what was not asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "host/cyrus.h"
#include "host/dovecot.h"
#include "host/dovecot_now.h"
#include "host/files.h"
#include "host/postfix.h"
#include "host/postfix_copy.h"

namespace provost::host {

// What was asked for. Ports: 0 leaves the listener out.
struct SetupWishes {
    std::optional<std::string> imap_server = {};  // "dovecot" or "cyrus", as [mail] target has it
    std::optional<std::string> smtp_sasl = {};    // "dovecot" or "cyrus": by what Postfix asks us, as smtpd_sasl_type
    std::optional<std::string> host_name = {};    // the host's full name
    std::optional<std::string> networks = {};     // who may relay by port 25 without signing in
    std::optional<std::string> certificate = {};  // with its chain
    std::optional<std::string> key = {};
    std::optional<std::string> logs = {};  // a folder; "" for syslog
    std::optional<std::string> submission = {};
    std::optional<std::string> submissions = {};
    std::optional<std::uint16_t> imap = {};
    std::optional<std::uint16_t> imaps = {};
    std::optional<std::uint16_t> pop3 = {};
    std::optional<std::uint16_t> pop3s = {};
    std::optional<std::uint16_t> sieve = {};

    bool operator==(SetupWishes const&) const = default;
};

struct ServerOptions {
    DovecotOptions dovecot = {};
    CyrusOptions cyrus = {};
    PostfixOptions postfix = {};
    std::vector<std::string> kept = {};  // parameters of main.cf that stay as they are
};

// The server that keeps the mailboxes, as it is: Dovecot, or Cyrus, or, where that runs on another host, neither.
struct ImapNow {
    std::optional<DovecotNow> dovecot = {};
    std::optional<CyrusNow> cyrus = {};
};

// Whether the mailboxes are on a Cyrus, and whether it runs here.
bool is_of_cyrus(config::Settings const& settings);
bool has_cyrus_here(config::Settings const& settings);

// `host_name`: as Postfix would call this host. Refuses by the option's name what is missing or cannot be.
Result<ServerOptions> settle(Root const& root, config::Settings const& settings, SetupWishes const& wishes,
                             PostfixNow const& postfix, ImapNow const& imap, std::string const& host_name);

// What a site has that cannot stay: other entries of master.cf at our ports, what one at port 25 of an address says
// against main.cf, and recipients taken without a look.
std::vector<PostfixEdit> in_the_way(PostfixNow const& now, PostfixOptions const& options);

// The port of a master(5) name, as a number's text: "127.0.0.1:smtps" listens at 465.
std::string port_of(std::string_view service);

// The self-signed pair of Debian's package ssl-cert.
inline constexpr auto snakeoil_certificate = "/etc/ssl/certs/ssl-cert-snakeoil.pem";
inline constexpr auto snakeoil_key = "/etc/ssl/private/ssl-cert-snakeoil.key";

}  // namespace provost::host
