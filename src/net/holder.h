// SPDX-License-Identifier: Apache-2.0
// Holds listening sockets and keeps one daemon running on them, where there is no systemd to do so.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/sockets.h"

namespace provost::net {

struct TcpPlace {
    std::string host;
    std::uint16_t port = 0;
};

struct HeldSocket {
    std::string name;  // as in LISTEN_FDNAMES
    std::variant<UnixPlace, TcpPlace> place;
};

// Lines of "name /path owner group mode" (mode in octal; owner and group may be "-": as the holder) or
// "name tcp:host:port" ("[::1]" for an IPv6 host); '#' begins a comment. Errors name the line.
Result<std::vector<HeldSocket>> parse_held_sockets(std::string_view text);

struct HolderPlan {
    std::vector<HeldSocket> sockets;
    std::string user;  // empty: as the holder
    std::vector<std::string> command;
};

// Binds the sockets and runs the command with them as systemd would (sd_listen_fds(3)); starts it again when it ends:
// at once, and after ever longer pauses up to a second while it does not live long. SIGTERM and SIGINT end it, remove
// the sockets and return; SIGHUP is passed on; SIGUSR1 ends it and starts it again. It gets SIGTERM when the holder
// dies, and SIGKILL when it does not end within a minute of being asked. Returns the exit status of the program.
// Forks: not for processes with threads.
int hold(HolderPlan const& plan);

}  // namespace provost::net
