// SPDX-License-Identifier: Apache-2.0
// Dovecot's configuration with us as its auth service.
#pragma once

#include <cstdint>
#include <string>

#include "base/secret.h"
#include "config/settings.h"
#include "host/versions.h"

namespace provost::host {

// Ports: 0 leaves the listener out.
struct DovecotOptions {
    std::string listen = "*, ::";  // addresses for IMAP, POP3 and ManageSieve
    std::uint16_t imap = 143;
    std::uint16_t imaps = 993;
    std::uint16_t pop3 = 110;
    std::uint16_t pop3s = 995;
    std::uint16_t sieve = 4190;
    std::string certificate = "/etc/ssl/certs/ssl-cert-snakeoil.pem";  // with its chain
    std::string key = "/etc/ssl/private/ssl-cert-snakeoil.key";
    std::string lmtp_socket = "/var/spool/postfix/private/dovecot-lmtp";
    std::string secrets_file = "/etc/dovecot/provost-secrets.conf";
    std::string postmaster = "postmaster@localhost";  // who signs rejections
    std::string log_path;                             // empty: syslog
    std::int64_t sign_ins = 1000;                     // processes for clients who sign in, for each protocol
    std::int64_t per_user_and_address = 50;           // sessions of a user from one address
    std::string inbox_namespace = "inbox";            // which one has the INBOX, where others were declared before
    std::string least_tls = "TLSv1.2";
    bool filters = true;  // Sieve scripts, where their plugin is installed
};

// Our settings, for a file that Dovecot reads last. Refuses an option that could not stand in it, by its name.
Result<std::string> dovecot_conf(DovecotFamily family, config::Settings const& settings, DovecotOptions const& options);

// The text of the file for root's eyes that they include.
Result<Secret> dovecot_secrets(Secret const& doveadm_key);

}  // namespace provost::host
