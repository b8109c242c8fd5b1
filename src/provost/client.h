// SPDX-License-Identifier: Apache-2.0
// The API as the command calls it: JSON in and out, problems as errors.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"
#include "net/http_client.h"

namespace provost::cli {

namespace json = boost::json;
using Query = std::map<std::string, std::string>;

// Of a member of a member: "record.position.revision". nullptr where there is none.
json::value const* member_at(json::object const& object, std::string_view path);
std::string text_at(json::object const& object, std::string_view path);  // empty where there is none, or another kind

// One segment or value of a URL (RFC 3986 2.1).
std::string url_escaped(std::string_view text);

// Where the API is had, and how: on the admin socket, or at a URL with a token.
struct Door {
    std::string socket;  // empty where a URL is meant
    std::string url = {};
    std::string authorization = {};  // with the token in it
    std::string ca_file = {};
};

class Client {
public:
    using Caller = std::function<Result<net::HttpResponse>(net::HttpCall const&)>;
    // Where the door is not known, every call says why.
    Client(Caller caller, Result<Door> door) : caller_(std::move(caller)), door_(std::move(door)) {}

    // `path` is below /api/v1 and already escaped.
    Result<json::object> get(std::string const& path, Query const& query = {}) const;
    Result<json::object> send(std::string const& method, std::string const& path, Query const& query,
                              json::object const& body) const;

    // All items of a list, page by page; `cursor` is the parameter that takes "next".
    Result<json::array> all(std::string const& path, Query query, std::string const& cursor = "after") const;

private:
    Result<json::object> ask(net::HttpCall call) const;
    Result<void> reachable() const;  // the socket

    Caller caller_;
    Result<Door> door_;
};

// What the server said other than success.
Error error_of(net::HttpResponse const& response);

}  // namespace provost::cli
