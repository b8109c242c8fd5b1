// SPDX-License-Identifier: Apache-2.0
// Postfix's configuration with us behind its maps and its sign-ins, as edits for postconf(1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "host/versions.h"

namespace provost::host {

struct PostfixOptions {
    std::string host_name = "localhost";
    std::string destinations = "localhost";           // mydestination: never a domain that the directory has
    std::string networks = "127.0.0.0/8, [::1]/128";  // who may relay by port 25 without signing in; empty: nobody
    std::string interfaces = "all";
    std::string certificate = "/etc/ssl/certs/ssl-cert-snakeoil.pem";  // with its chain
    std::string key = "/etc/ssl/private/ssl-cert-snakeoil.key";
    // master(5) names of services: a name of /etc/services, a port, or address:port.
    std::string submission = "submission";
    std::string submissions = "submissions";
    std::string lmtp_socket = "/var/spool/postfix/private/dovecot-lmtp";
    std::string lmtp_inet;              // "HOST:PORT" of a server elsewhere, in place of the socket
    std::string sasl_type = "dovecot";  // or "cyrus": by which of our sockets people sign in
    std::string queue_directory = "/var/spool/postfix";
    std::string log_file;                    // empty: syslog; else below /var, or /dev/stdout (maillog_file)
    std::int64_t message_size = 52'428'800;  // bytes, RFC 1870
};

struct PostfixEdit {
    enum class Kind : std::uint8_t {
        set,             // main.cf: `key` = `value`
        first,           // main.cf: the list `key` begins with `value`; what else is in it stays
        remove,          // `key` gone from main.cf
        service,         // master.cf has an smtpd at `key`, "name/type"; `value` is the whole entry where it has none
        remove_service,  // `key`, "name/type", gone from master.cf
        option,          // master.cf: `key` is "name/type/parameter"
        remove_option,   // the same, gone
    };
    Kind kind = Kind::set;
    std::string key;
    std::string value = {};
    std::vector<std::string> also_good = {};  // values that are left as they are, because they ask for more

    bool operator==(PostfixEdit const&) const = default;
};

// Whether a list of networks, as mynetworks has it, lets everybody in.
bool has_everybody(std::string_view networks);

// What an entry of master.cf at port 25 may not say otherwise than main.cf.
std::vector<char const*> overrides_at_port_25();

// In the order in which they are to be applied. Refuses an option that could not stand in it, by its name.
Result<std::vector<PostfixEdit>> postfix_settings(PostfixFamily family, config::Settings const& settings,
                                                  PostfixOptions const& options);

}  // namespace provost::host
