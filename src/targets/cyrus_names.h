// SPDX-License-Identifier: Apache-2.0
// What Cyrus calls the mailbox of a user: as the administrator writes it, whatever the server's separator is. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace provost::targets {

// Whether Cyrus can have a mailbox for this user: Fault::invalid names the character, or what is too long. The same
// names are refused whatever the separator is, since a site may change it.
Result<void> check_cyrus_user(std::string_view user);

// How this server writes names (RFC 2342, the namespace of others' mailboxes as its administrator sees it).
struct CyrusNamespace {
    std::string prefix = "user/";     // before a user's name
    char separator = '/';             // '.' where imapd.conf has unixhierarchysep: no; then a dot in a name is ^
    std::string deleted = "DELETED";  // deletedprefix: where delayed deletion keeps them
    std::string default_domain = {};  // defaultdomain, whose users Cyrus names without it

    // "user/alice@example.org"; with a folder "user/alice/Sent@example.org": the domain stands last.
    std::string mailbox(std::string_view user, std::string_view folder = {}) const;
    // What LIST and GETMETADATA match all folders below it with.
    std::string folders(std::string_view user) const { return mailbox(user, "*"); }
    // The same of what was deleted: "DELETED/user/alice/*@example.org", with the folders' names and the moment.
    std::string deleted_folders(std::string_view user) const;

    struct Place {
        std::string user;    // "alice@example.org"
        std::string folder;  // "Sent"; empty for the INBOX
        std::string moment;  // of a deleted one: the eight hexadecimal digits at its end
    };
    // Whose it is; nothing for what is nobody's. A deleted one too.
    std::optional<Place> place(std::string_view mailbox) const;

private:
    std::string path(std::string_view user, std::string_view folder) const;
    std::string from_path(std::string_view text) const;
};

}  // namespace provost::targets
