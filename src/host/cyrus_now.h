// SPDX-License-Identifier: Apache-2.0
// What Cyrus IMAP's files say, and whether it keeps mail already.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "host/cyrus_files.h"
#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

inline constexpr auto cyrus_conf_file = "/etc/cyrus.conf";
inline constexpr auto cyrus_programs = "/usr/lib/cyrus/bin/";

struct CyrusNow {
    using Known = std::map<std::string, std::string, std::less<>>;
    std::string imapd_text = {}, cyrus_text = {};
    Known options = {};    // what imapd.conf sets, and what it includes
    Known elsewhere = {};  // of these, the ones that an included file sets, and its path
    CyrusConf conf = {};
    bool has_mail = false;

    std::string value(std::string_view name) const;  // empty where it is not set
};

// Fault::not_found where one of them is not there, Fault::conflict where Cyrus could not start with what they say.
Result<CyrusNow> read_cyrus(Root const& root, config::Settings const& settings);

// Whether the program of an entry is installed. master(8) ends where one of SERVICES is not.
bool is_installed(Root const& root, CyrusEntry const& entry);

// The port of a listener, "localhost:sieve": 0 where it listens at a path, or at a name that is not one of mail.
std::uint16_t port_of(CyrusEntry const& entry);

// What holds in Cyrus, as it tells itself. Fault::conflict with its words where it cannot read its files.
Result<CyrusNow::Known> ask_cyrus(Root const& root, config::Settings const& settings, Runner const& run);

}  // namespace provost::host
