// SPDX-License-Identifier: Apache-2.0
// Cyrus IMAP's configuration with us behind its sign-ins and with Postfix in front of it, as edits of its two files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "host/cyrus_now.h"
#include "host/versions.h"

namespace provost::host {

// Ports: 0 leaves the listener out.
struct CyrusOptions {
    std::uint16_t imap = 143;
    std::uint16_t imaps = 993;
    std::uint16_t pop3 = 110;
    std::uint16_t pop3s = 995;
    std::uint16_t sieve = 4190;
    std::string certificate = "/etc/ssl/certs/ssl-cert-snakeoil.pem";  // with its chain
    std::string key = "/etc/ssl/private/ssl-cert-snakeoil.key";
    std::string lmtp_socket = "/var/spool/postfix/provost-lmtp/lmtp";
    // No mail is there, and it was never set up by us: what a site would not change later may be chosen now.
    bool is_fresh = true;
};

inline constexpr auto cyrus_user = "cyrus";

// What imapd.conf is to say. Refuses an option that could not stand in it, by its name.
Result<std::vector<ImapdEdit>> imapd_settings(CyrusFamily family, config::Settings const& settings,
                                              CyrusOptions const& options, CyrusNow const& now);

// A line of cyrus.conf that is to be otherwise.
struct CyrusConfEdit {
    std::string what;  // one sentence: "pop3 is switched off: pop3d is not installed"
    Place place = {};  // of the line it concerns; without lines for one that is added
    std::string text;  // the line then, with its end

    bool is_new() const { return place.line == 0; }
};

// `is_there`: whether an entry's program is installed.
std::vector<CyrusConfEdit> cyrus_conf_settings(CyrusOptions const& options, CyrusNow const& now,
                                               std::function<bool(CyrusEntry const&)> const& is_there);

std::string with_edits(CyrusNow const& now, std::vector<CyrusConfEdit> const& edits);

// A protocol's listener, of SERVICES.
struct CyrusDoor {
    char const* name;      // as Debian calls it, and the protocol with it
    char const* program;   // "imapd"
    bool is_tls;           // from the first byte
    char const* protocol;  // "imap"
    std::uint16_t CyrusOptions::*port;
    std::uint16_t usual;
};
std::vector<CyrusDoor> cyrus_doors();

// The entry for it, preferably of that name; nullptr where SERVICES has none.
CyrusEntry const* entry_of(CyrusDoor const& door, CyrusConf const& conf);

}  // namespace provost::host
