// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <exception>

#include "api/handlers.h"
#include "api/problem.h"
#include "base/log.h"
#include "base/text.h"

namespace provost::api {
namespace {

std::vector<std::string> path_segments(std::string_view path)
{
    std::vector<std::string> out{"api", "v1"};
    for (auto part : split(path.substr(1), '/')) out.emplace_back(part);
    return out;
}

// The name in the path where it fits the pattern; empty where the pattern has none.
std::optional<std::string> matched(Route const& route, std::vector<std::string> const& segments)
{
    auto const pattern = path_segments(route.path);
    if (pattern.size() != segments.size()) return std::nullopt;
    std::string name;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == "{name}") {
            name = segments[i];
        } else if (pattern[i] != segments[i]) {
            return std::nullopt;
        }
    }
    return name;
}

Result<void> read_query(net::HttpRequest const& request, Route const& route, Call& call)
{
    std::vector<std::string> known;
    for (auto parameter : route.parameters) known.emplace_back(parameter);
    if (route.writes) known.emplace_back("dry_run");
    for (auto const& [name, value] : request.query) {
        auto taken = false;
        for (auto const& parameter : known) taken = taken || parameter == name;
        if (!taken) {
            auto const near = nearest(name, known);
            return refuse(Fault::invalid, "query", name,
                          "is not a known parameter" + (near ? "; did you mean " + *near + "?" : std::string()));
        }
        if (!call.query.emplace(name, value).second)
            return refuse(Fault::invalid, name, value, "is given more than once");
    }
    if (call.query.count("dry_run") > 0) call.request.dry_run = TRY(read_flag(call.parameter("dry_run"), "dry_run"));
    return {};
}

// An entity tag as we give them, or the bare number. "*" asks for nothing: what is changed has to exist anyway.
Result<void> read_if_match(net::HttpRequest const& request, Call& call)
{
    auto const given = request.header("if-match");
    if (!given || trimmed(*given) == "*") return {};
    auto text = trimmed(*given);
    if (text.size() > 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    auto const revision = to_integer(text);
    if (!revision || *revision < 0) return refuse(Fault::invalid, "If-Match", *given, "is not a revision");
    call.request.if_revision = static_cast<store::Revision>(*revision);
    return {};
}

Result<void> read_body(net::HttpRequest const& request, Call& call)
{
    if (request.body.empty()) return {};
    // Also keeps pages of other sites out: a form cannot send this type.
    auto const type = folded(request.header("content-type").value_or(""));
    if (trimmed(std::string_view(type).substr(0, type.find(';'))) != "application/json")
        return refuse(Fault::invalid, "Content-Type", type, "is not application/json");
    if (!is_utf8(request.body)) return fail(Fault::invalid, "the body is not UTF-8");
    boost::json::error_code trouble;
    auto value = boost::json::parse(request.body, trouble);
    if (trouble) return fail(Fault::invalid, "the body is not JSON: " + escaped(trouble.message()));
    if (!value.is_object()) return fail(Fault::invalid, "the body is not a JSON object");
    call.body = std::move(value.get_object());
    return {};
}

Result<Reply> run(Route const& route, net::HttpRequest const& request, Call& call)
{
    CHECK_OK(read_query(request, route, call));
    if (route.writes) CHECK_OK(read_if_match(request, call));
    if (route.has_body) {
        CHECK_OK(read_body(request, call));
    } else if (!request.body.empty()) {
        return fail(Fault::invalid, "this request takes no body");
    }
    return route.handler(call);
}

net::HttpResponse response(Reply const& reply)
{
    net::HttpResponse out;
    out.status = reply.status;
    if (reply.text.empty()) {
        out.body = boost::json::serialize(reply.body);
    } else {
        out.type = "text/plain; version=0.0.4; charset=utf-8";
        out.body = reply.text;
    }
    if (reply.etag) out.headers.emplace("etag", '"' + std::to_string(*reply.etag) + '"');
    if (!reply.location.empty()) out.headers.emplace("location", reply.location);
    return out;
}

net::HttpResponse no_such_route(std::string const& allowed)
{
    if (allowed.empty()) return problem({Fault::not_found, "there is nothing at this path", {}});
    auto out = problem(405, {Fault::invalid, "this path takes " + allowed, {}});
    out.headers.emplace("allow", allowed);
    return out;
}

net::HttpResponse denied(net::HttpRequest const& request, Caller const& caller)
{
    log::warning("API_DENIED", {{"caller", caller.actor().name},
                                {"from", caller.actor().from},
                                {"method", request.method},
                                {"path", joined(request.segments, "/")}});
    return problem({Fault::denied, caller.actor().name + " may not do this", {}});
}

}  // namespace

Result<bool> read_flag(std::string_view value, std::string_view field)
{
    if (value == "true") return true;
    if (value == "false") return false;
    return refuse(Fault::invalid, field, value, "is not true or false");
}

std::vector<Route> const& routes()
{
    using R = Right;
    static std::vector<std::string_view> const none{};
    static std::vector<std::string_view> const page{"mask", "after", "limit"};
    static constexpr bool reads = false;
    static constexpr bool writes = true;
    static constexpr bool body = true;
    static std::vector<Route> const table{
        {"GET", "/domains", R::look, list_domains, "List domains by mask", page, reads},
        {"POST", "/domains", R::administer, add_domain, "Add a domain", none, writes, body},
        {"GET", "/domains/{name}", R::look, show_domain, "Show a domain and its counts", none, reads},
        {"PATCH", "/domains/{name}", R::administer, set_domain, "Change a domain", none, writes, body},
        {"DELETE", "/domains/{name}", R::administer, delete_domain, "Delete an empty domain", none, writes},
        {"POST", "/domains/{name}/disable", R::administer, disable_domain, "Disable a domain", none, writes, body},
        {"POST", "/domains/{name}/enable", R::administer, enable_domain, "Enable a domain", none, writes, body},

        {"GET", "/mailboxes", R::look, list_mailboxes, "List mailboxes by mask", page, reads},
        {"POST", "/mailboxes", R::administer, add_mailbox, "Add a mailbox", none, writes, body},
        {"GET", "/mailboxes/{name}", R::look, show_mailbox, "Show a mailbox", none, reads},
        {"PATCH", "/mailboxes/{name}", R::administer, set_mailbox, "Change a mailbox", none, writes, body},
        {"DELETE", "/mailboxes/{name}", R::administer, delete_mailbox, "Delete a mailbox", none, writes},
        {"POST", "/mailboxes/{name}/disable", R::administer, disable_mailbox, "Suspend a mailbox, with proof", none,
         writes, body},
        {"POST", "/mailboxes/{name}/enable", R::administer, enable_mailbox, "Make a mailbox active", none, writes,
         body},
        {"POST", "/mailboxes/{name}/password", R::credentials, set_password, "Set a mailbox's password", none, writes,
         body},
        {"POST", "/mailboxes/{name}/kick", R::credentials, kick_mailbox, "End a mailbox's sessions", none, writes,
         body},

        {"GET", "/aliases", R::look, list_aliases, "List aliases by mask", page, reads},
        {"POST", "/aliases", R::administer, add_alias, "Add an alias", none, writes, body},
        {"GET", "/aliases/{name}", R::look, show_alias, "Show an alias", none, reads},
        {"PATCH", "/aliases/{name}", R::administer, set_alias, "Change an alias", none, writes, body},
        {"DELETE", "/aliases/{name}", R::administer, delete_alias, "Delete an alias", none, writes},
        {"POST", "/aliases/{name}/disable", R::administer, disable_alias, "Disable an alias", none, writes, body},
        {"POST", "/aliases/{name}/enable", R::administer, enable_alias, "Enable an alias", none, writes, body},

        {"GET", "/explain", R::look, explain, "What an address is, and who is told what of it", {"address"}, reads},
        {"GET", "/lookup", R::look, lookup, "What Postfix gets for a key of a map", {"map", "key"}, reads},
        {"POST", "/auth/test", R::credentials, test_login, "Try a password as a server would", none, reads, body},

        {"GET",
         "/status",
         R::operate,
         status,
         "The daemon's health; 'verify' compares its copy with the record",
         {"verify"},
         reads},
        {"GET", "/metrics", R::look, metrics, "Counters and gauges, as Prometheus reads them", none, reads},
        {"GET", "/audit", R::operate, list_audit, "What was done, newest first", {"mask", "before", "limit"}, reads},
        {"GET", "/jobs", R::operate, list_jobs, "Work that is still to be done", {"limit"}, reads},
    };
    return table;
}

std::string Call::parameter(std::string_view key) const
{
    auto const found = query.find(key);
    return found == query.end() ? std::string() : found->second;
}

Result<int> Call::limit() const
{
    auto const found = query.find("limit");
    if (found == query.end()) return most_items;
    auto const number = to_integer(found->second);
    if (!number || *number < 1 || *number > most_items)
        return refuse(Fault::invalid, "limit", found->second,
                      "is not a number from 1 to " + std::to_string(most_items));
    return static_cast<int>(*number);
}

net::HttpResponse Router::answer(net::HttpRequest const& request, Caller const& caller)
{
    Route const* route = nullptr;
    std::string name;
    std::string allowed;
    for (auto const& candidate : routes()) {
        auto const fits = matched(candidate, request.segments);
        if (!fits) continue;
        allowed += (allowed.empty() ? "" : ", ") + std::string(candidate.method);
        if (candidate.method != request.method) continue;
        route = &candidate;
        name = *fits;
    }
    auto const permitted = route ? caller.may(route->right) : caller.may(Right::look);
    if (!permitted) return denied(request, caller);
    if (!route) return no_such_route(allowed);

    Call call{house_, caller, name};
    call.request.actor = caller.actor();
    try {
        auto reply = run(*route, request, call);
        return reply ? response(*reply) : problem(reply.error());
    } catch (std::exception const& trouble) {
        log::error("API_FAILED",
                   {{"method", request.method}, {"path", std::string(route->path)}, {"why", trouble.what()}});
        return problem({Fault::unavailable, "the directory cannot answer now; the daemon's log says why", {}});
    }
}

}  // namespace provost::api
