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

// Text as the record can keep it.
Result<void> check_text(std::string_view field, std::string const& value)
{
    if (!is_utf8(value)) return refuse(Fault::invalid, field, value, "is not UTF-8");
    if (value.find('\0') != std::string::npos) return refuse(Fault::invalid, field, value, "has a NUL byte in it");
    return {};
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
        CHECK_OK(check_text(name, value));
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
    CHECK_OK(check_text("name", call.name));
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

// What {name} stands for, as it is kept.
Result<std::string> canonical(directory::Ground ground, std::string const& name)
{
    switch (ground) {
        case directory::Ground::domain:
            return TRY(mail::DomainName::parse(name, "name")).text();
        case directory::Ground::mailbox:
        case directory::Ground::new_mailbox:
            return mail::parse_login(name, "name");
        case directory::Ground::alias:
        case directory::Ground::address:
            return TRY(mail::Address::parse(name)).text();
        case directory::Ground::site:
        case directory::Ground::some:
            break;
    }
    return std::string();
}

// Before anything else is looked at, so that nobody learns from a refusal what he may not see. The acts judge again,
// inside their transactions.
Result<void> check_right(Route const& route, std::string const& name, directory::Authority const& authority)
{
    auto const need = route.need();
    if (!authority.may(need.right, need.changes)) return authority.check(need, {});
    auto const key = TRY(canonical(need.ground, name));
    return authority.check(need, key);
}

net::HttpResponse denied(net::HttpRequest const& request, directory::Caller const& caller, Error const& error)
{
    log::warning("API_DENIED", {{"caller", caller.actor.name},
                                {"from", caller.actor.from},
                                {"method", request.method},
                                {"path", joined(request.segments, "/")}});
    return problem(error);
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
    using R = directory::Right;
    using G = directory::Ground;
    using Names = std::vector<std::string_view>;
    static constexpr bool reads = false;
    static constexpr bool writes = true;
    static constexpr bool body = true;
    Names const none{};
    Names const page{"mask", "after", "limit"};
    static std::vector<Route> const table{
        {"GET", "/domains", R::see, G::some, list_domains, "List domains by mask", page, reads},
        {"POST", "/domains", R::run, G::site, add_domain, "Add a domain", none, writes, body},
        {"GET", "/domains/{name}", R::see, G::domain, show_domain, "Show a domain and its counts", none, reads},
        {"PATCH", "/domains/{name}", R::administer, G::domain, set_domain, "Change a domain", none, writes, body},
        {"DELETE", "/domains/{name}", R::run, G::domain, delete_domain,
         "Delete a domain; 'with_contents' where anything is in it or names it", Names{"with_contents"}, writes},
        {"POST", "/domains/{name}/rename", R::run, G::domain, rename_domain, "Rename a domain and all in it", none,
         writes, body},
        {"POST", "/domains/{name}/disable", R::run, G::domain, disable_domain, "Disable a domain", none, writes, body},
        {"POST", "/domains/{name}/enable", R::run, G::domain, enable_domain, "Enable a domain", none, writes, body},

        {"GET", "/mailboxes", R::see, G::some, list_mailboxes, "List mailboxes by mask", page, reads},
        {"POST", "/mailboxes", R::administer, G::some, add_mailbox, "Add a mailbox", none, writes, body},
        {"GET", "/mailboxes/{name}", R::see, G::mailbox, show_mailbox, "Show a mailbox", none, reads},
        {"PATCH", "/mailboxes/{name}", R::administer, G::mailbox, set_mailbox, "Change a mailbox", none, writes, body},
        {"DELETE", "/mailboxes/{name}", R::administer, G::mailbox, delete_mailbox, "Delete a mailbox", none, writes},
        {"POST", "/mailboxes/{name}/disable", R::administer, G::mailbox, disable_mailbox,
         "Suspend a mailbox, with proof", none, writes, body},
        {"POST", "/mailboxes/{name}/enable", R::administer, G::mailbox, enable_mailbox, "Make a mailbox active", none,
         writes, body},
        {"POST", "/mailboxes/{name}/rename", R::administer, G::mailbox, rename_mailbox, "Rename a mailbox, with proof",
         none, writes, body},
        {"POST", "/mailboxes/{name}/restore", R::administer, G::new_mailbox, restore_mailbox,
         "Have a deleted mailbox back", none, writes, body},
        {"POST", "/mailboxes/{name}/purge", R::administer, G::new_mailbox, purge_mailbox,
         "Remove a deleted mailbox for good", none, writes, body},
        {"GET", "/deleted-mailboxes", R::see, G::some, list_deleted_mailboxes, "List deleted mailboxes by mask", page,
         reads},
        {"DELETE", "/deleted-mailboxes/{name}", R::administer, G::some, purge_deleted_mailbox,
         "Remove the deleted mailbox of this id for good", none, writes},
        {"POST", "/mailboxes/{name}/password", R::help, G::mailbox, set_password, "Set a mailbox's password", none,
         writes, body},
        {"POST", "/mailboxes/{name}/kick", R::help, G::mailbox, kick_mailbox, "End a mailbox's sessions", none, writes,
         body},
        {"POST", "/mailboxes/{name}/unlock", R::help, G::mailbox, unlock_mailbox, "Forgive a mailbox's wrong passwords",
         none, writes, body},

        {"GET", "/aliases", R::see, G::some, list_aliases, "List aliases by mask", page, reads},
        {"POST", "/aliases", R::administer, G::some, add_alias, "Add an alias", none, writes, body},
        {"GET", "/aliases/{name}", R::see, G::alias, show_alias, "Show an alias", none, reads},
        {"PATCH", "/aliases/{name}", R::administer, G::alias, set_alias, "Change an alias", none, writes, body},
        {"DELETE", "/aliases/{name}", R::administer, G::alias, delete_alias, "Delete an alias", none, writes},
        {"POST", "/aliases/{name}/disable", R::administer, G::alias, disable_alias, "Disable an alias", none, writes,
         body},
        {"POST", "/aliases/{name}/enable", R::administer, G::alias, enable_alias, "Enable an alias", none, writes,
         body},

        {"GET", "/admins", R::run, G::site, list_admins, "List admins by mask", Names{"mask"}, reads},
        {"POST", "/admins", R::run, G::site, add_admin, "Add an admin", none, writes, body},
        {"GET", "/admins/{name}", R::run, G::site, show_admin, "Show an admin", none, reads},
        {"PATCH", "/admins/{name}", R::run, G::site, set_admin, "Change an admin", none, writes, body},
        {"DELETE", "/admins/{name}", R::run, G::site, delete_admin, "Delete an admin and its tokens", none, writes},
        {"POST", "/admins/{name}/disable", R::run, G::site, disable_admin, "Disable an admin and its tokens", none,
         writes, body},
        {"POST", "/admins/{name}/enable", R::run, G::site, enable_admin, "Enable an admin", none, writes, body},
        {"GET", "/tokens", R::run, G::site, list_tokens, "List the tokens of admins by mask", Names{"mask"}, reads},
        {"POST", "/tokens", R::run, G::site, add_token, "Add a token; its secret is shown this once", none, writes,
         body},
        {"DELETE", "/tokens/{name}", R::run, G::site, revoke_token, "Revoke a token by its id", none, writes},

        {"GET", "/explain", R::see, G::some, explain, "What an address is, and who is told what of it",
         Names{"address"}, reads},
        {"GET", "/lookup", R::see, G::some, lookup, "What Postfix gets for a key of a map", Names{"map", "key"}, reads},
        {"POST", "/auth/test", R::help, G::some, test_login, "Try a password as a server would", none, reads, body},

        {"GET", "/status", R::run, G::site, status, "The daemon's health; 'verify' compares its copy with the record",
         Names{"verify"}, reads},
        {"GET", "/metrics", R::run, G::site, metrics, "Counters and gauges, as Prometheus reads them", none, reads},
        {"GET", "/audit", R::administer, G::some, list_audit, "What was done, newest first",
         Names{"mask", "before", "limit"}, reads},
        {"GET", "/jobs", R::run, G::site, list_jobs, "Work that is still to be done", Names{"after", "limit"}, reads},
        {"POST", "/jobs/{name}/retry", R::run, G::site, retry_job, "Try the work of this id now", none, writes, body},
        {"GET", "/drift", R::run, G::site, list_drift, "What mail stores have otherwise than the directory says", page,
         reads},
        {"POST", "/drift/{name}/repair", R::run, G::site, repair_drift, "Mend the store of the mailbox of this id",
         none, writes, body},
        {"GET", "/strangers", R::run, G::site, list_strangers, "Mailboxes in the stores that are nobody's here", none,
         reads},
        {"DELETE", "/strangers/{name}", R::run, G::site, remove_stranger, "Delete the stranger's mailbox of this id",
         none, writes},
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

net::HttpResponse Router::answer(net::HttpRequest const& request, directory::Caller const& caller)
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
    // Also what paths there are is told to those alone who may anything.
    auto const checked = route ? check_right(*route, name, caller.authority)
                               : caller.authority.check({directory::Right::see, directory::Ground::some, false}, {});
    if (!checked)
        return checked.error().fault == Fault::denied ? denied(request, caller, checked.error())
                                                      : problem(checked.error());
    if (!route) return no_such_route(allowed);

    Call call{house_, caller, name};
    call.request.by = caller;
    try {
        auto reply = run(*route, request, call);
        return reply ? response(*reply) : problem(reply.error());
    } catch (std::exception const& trouble) {
        log::error("API_FAILED",
                   {{"method", request.method}, {"path", std::string(route->path)}, {"why", trouble.what()}});
        // It may have come after the act itself.
        return problem({Fault::unavailable,
                        std::string("the directory cannot answer now; the daemon's log says why") +
                            (route->writes ? ", and this may have been done or not" : ""),
                        {}});
    }
}

}  // namespace provost::api
