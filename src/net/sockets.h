// SPDX-License-Identifier: Apache-2.0
// Listening sockets: inherited from systemd (or provost-holder), or bound here; and what is told to systemd.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>
#include <sys/un.h>

#include "base/result.h"
#include "net/fd.h"

namespace provost::net {

// The sockets passed to this process (sd_listen_fds(3)), by the name they were given (FileDescriptorName=; one name may
// stand for several). The environment is cleared, so that children do not take them for theirs.
Result<std::multimap<std::string, Fd>> inherited_sockets();

struct UnixPlace {
    std::string path;
    std::string owner = {};  // empty: as this process
    std::string group = {};
    mode_t mode = 0600;
    bool make_directory = false;  // the last one of the path, 0755
};

// `invalid` for what is too long for it, or empty.
Result<sockaddr_un> unix_address(std::string const& path);

// Bound and listening. The file appears at once with its owner and mode. A socket on which nobody listens is replaced;
// one that answers, or anything that is not a socket, is a conflict.
Result<Fd> bind_unix(UnixPlace const& place);

// `host` is a numeric address ("127.0.0.1", "::1"); port 0 takes a free one.
Result<Fd> bind_tcp(std::string const& host, std::uint16_t port);
std::uint16_t port_of(Fd const& socket);

// sd_notify(3); without a NOTIFY_SOCKET nothing happens.
void notify_ready();
void notify_stopping();

}  // namespace provost::net
