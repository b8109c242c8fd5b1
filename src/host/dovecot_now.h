// SPDX-License-Identifier: Apache-2.0
// What Dovecot's configuration says, as doveconf -a tells it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

// A passdb or a userdb: where Dovecot's own auth service looks people up.
struct DovecotLookup {
    std::string kind;    // "passdb", "userdb"
    std::string driver;  // "pam"
    std::string source;  // a file or other arguments; may be empty

    bool operator==(DovecotLookup const&) const = default;
};

struct DovecotNow {
    std::map<std::string, std::string, std::less<>> values = {};  // "service imap-login/inet_listener imap/port"
    std::vector<DovecotLookup> lookups = {};
    std::vector<std::string> inboxes = {};  // namespaces with inbox = yes; "" where it has no name

    std::string value(std::string_view path) const;               // empty where there is none
    std::vector<std::string> words(std::string_view path) const;  // of a list, however the version writes it
};

DovecotNow parse_doveconf(std::string_view text);

// Fault::conflict with Dovecot's words where it cannot read its configuration itself.
Result<DovecotNow> read_dovecot(Root const& root, Runner const& run);

// Listeners of Dovecot's `service auth` beside those that it has by default, and that are not off: whoever asks there
// is answered by Dovecot's own auth service.
std::vector<std::string> other_auth_listeners(DovecotNow const& now);

// doveconf for the configuration of this root, with these arguments.
std::vector<std::string> doveconf(Root const& root, std::vector<std::string> const& arguments);

}  // namespace provost::host
