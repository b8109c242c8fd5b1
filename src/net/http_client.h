// SPDX-License-Identifier: Apache-2.0
// One HTTP request at a time, blocking: for the command line, and on workers towards other servers.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace provost::net {

struct HttpCall {
    std::string method = "GET";
    std::string url;  // http or https; with a unix_socket the host in it is only named to the server
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::string unix_socket = {};
    std::string ca_file = {};  // PEM: whom to believe of https, instead of the system's authorities
    std::chrono::milliseconds connect_time{5'000};
    std::chrono::milliseconds total_time{30'000};
    std::size_t longest_body = 64 << 20;  // of the response
};

// A connection of its own for each call, no redirects, no proxies. Trouble on the way is Fault::unavailable;
// whatever status the server gives is a response.
Result<HttpResponse> call(HttpCall const& call);

}  // namespace provost::net
