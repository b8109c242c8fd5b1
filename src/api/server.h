// SPDX-License-Identifier: Apache-2.0
// The API as a handler of HTTP requests: on the admin socket, and over TCP. Both run on workers and may block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/house.h"
#include "directory/access.h"
#include "net/http_server.h"

namespace provost::api {

// The kernel says who calls. Members of the group `admins` are site admins, besides root and the daemon's own user.
net::HttpHandler admin_handler(House house, std::optional<long> admins);

// A token says who calls; the address is the client's own, or what a proxy in one of the `trusted` networks says of it.
net::HttpHandler token_handler(House house, directory::Access& access, std::vector<std::string> trusted);

}  // namespace provost::api
