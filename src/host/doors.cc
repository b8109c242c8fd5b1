// SPDX-License-Identifier: Apache-2.0
#include "host/doors.h"

#include "base/text.h"

namespace provost::host {

std::vector<targets::Door> doors_of(config::Doors const& doors)
{
    using targets::DoorKind;
    using targets::DoorTls;
    struct {
        char const* name;
        DoorKind kind;
        DoorTls tls;
        std::string const& where;
    } const known[] = {
        {"imap", DoorKind::imap, DoorTls::starttls, doors.imap},
        {"imaps", DoorKind::imap, DoorTls::implicit, doors.imaps},
        {"pop3", DoorKind::pop3, DoorTls::starttls, doors.pop3},
        {"pop3s", DoorKind::pop3, DoorTls::implicit, doors.pop3s},
        {"sieve", DoorKind::sieve, DoorTls::starttls, doors.sieve},
        {"submission", DoorKind::submission, DoorTls::starttls, doors.submission},
        {"submissions", DoorKind::submission, DoorTls::implicit, doors.submissions},
    };
    std::vector<targets::Door> out;
    for (auto const& door : known) {
        auto const colon = door.where.rfind(':');
        if (colon == std::string::npos) continue;
        auto const port = to_integer(std::string_view(door.where).substr(colon + 1)).value_or(0);
        if (port < 1 || port > 65535) continue;  // the settings' own rule lets no other through
        out.push_back({door.name, door.kind, door.tls, door.where.substr(0, colon), static_cast<std::uint16_t>(port)});
    }
    return out;
}

}  // namespace provost::host
