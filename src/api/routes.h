// SPDX-License-Identifier: Apache-2.0
// The one table of routes, and the one dispatcher: it lets nobody take a route without the right that it names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "api/caller.h"
#include "api/house.h"
#include "base/result.h"
#include "net/http.h"

namespace provost::api {

// A request that has found its route, was allowed and is well formed.
struct Call {
    House& house;
    directory::Caller const& caller;
    std::string name;                                            // what {name} stands for
    std::map<std::string, std::string, std::less<>> query = {};  // only what the route takes
    boost::json::object body = {};
    directory::Request request = {};

    std::string parameter(std::string_view key) const;  // empty where it was not given
    // A page's length: 1 to `most_items`, which is also what an absent one means.
    Result<int> limit() const;
};
inline constexpr int most_items = 1000;

struct Reply {
    boost::json::object body;
    int status = 200;
    std::optional<store::Revision> etag = {};  // where the record stands, for a later If-Match
    std::string location = {};
    std::string text = {};  // sent in the body's place where it is not empty
};

struct Route {
    std::string_view method;
    std::string_view path;     // below /api/v1; {name} is one segment
    directory::Right right;    // these two have no default:
    directory::Ground ground;  // without them a route does not compile
    Result<Reply> (*handler)(Call&);
    std::string_view summary;
    std::vector<std::string_view> parameters;  // of the query; writes also take dry_run
    bool writes = false;                       // changes the directory: takes dry_run and If-Match
    bool has_body = false;

    directory::Need need() const { return {right, ground, method != "GET"}; }
};

std::vector<Route> const& routes();

// A parameter that is true or false.
Result<bool> read_flag(std::string_view value, std::string_view field);

// Answers whatever is asked; never throws.
class Router {
public:
    explicit Router(House house) : house_(std::move(house)) {}
    net::HttpResponse answer(net::HttpRequest const& request, directory::Caller const& caller);

private:
    House house_;
};

}  // namespace provost::api
