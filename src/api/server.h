// SPDX-License-Identifier: Apache-2.0
// The API as a handler of HTTP requests, for the admin socket.
#pragma once

#include <set>

#include "api/house.h"
#include "net/http_server.h"

namespace provost::api {

// Runs on workers and may block. `admins` are user ids that count as site admin besides root and the daemon's own.
net::HttpHandler admin_handler(House house, std::set<long> admins);

}  // namespace provost::api
