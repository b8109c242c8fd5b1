// SPDX-License-Identifier: Apache-2.0
// HTTP requests and responses, for server and client alike.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/session.h"

namespace provost::net {

using HttpFields = std::multimap<std::string, std::string, std::less<>>;

struct HttpRequest {
    std::string method;                 // "GET"
    std::vector<std::string> segments;  // of the path, decoded: "/a/b%2Fc" is "a", "b/c"; "/" has none
    HttpFields query;                   // decoded, + is a blank
    HttpFields headers;                 // names in lower case
    std::string body;
    Peer peer;

    // The first of that name.
    std::optional<std::string_view> parameter(std::string_view name) const { return first(query, name); }
    std::optional<std::string_view> header(std::string_view name) const { return first(headers, name); }

private:
    static std::optional<std::string_view> first(HttpFields const& fields, std::string_view name)
    {
        auto const found = fields.find(name);
        return found == fields.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    }
};

struct HttpResponse {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    HttpFields headers = {};
    std::chrono::steady_clock::time_point not_before = {};  // when it may be sent
};

// RFC 9457, without details: "application/problem+json" with the title of the status.
HttpResponse problem(int status);

}  // namespace provost::net
