// SPDX-License-Identifier: Apache-2.0
// Whole requests to the API, by callers of every sort, over a real record. First a line "METHOD /path?query", then the
// body. Changes are asked for, and not made.
#include "api/test_api.h"
#include "base/test_source.h"
#include "fuzz/target.h"

using namespace provost;

std::string provost::in_source(std::string const& path) { return PROVOST_SOURCE_DIR "/" + path; }

namespace {

using directory::Authority;

directory::Caller caller(std::size_t sort)
{
    if (sort == 0) return directory::TestHouse::root();
    if (sort == 1) return {{"nobody", "local"}, {}, {}};
    auto const role = sort == 2 ? mail::Role::domain_admin : mail::Role::help_desk;
    return {{"carol", "192.0.2.1"}, Authority(role, {.domains = {"example.test"}}, sort == 3), {}};
}

class Site {
public:
    Site()
    {
        make("/domains", R"({"name":"example.test"})");
        make("/domains", R"({"name":"other.test"})");
        make("/mailboxes", R"({"name":"alice@example.test"})");
        make("/mailboxes", R"({"name":"bob@other.test"})");
        make("/aliases", R"({"address":"info@example.test","targets":["alice@example.test"]})");
        make("/admins", R"({"name":"carol","role":"domain-admin","domains":["example.test"]})");
    }
    net::HttpResponse ask(net::HttpRequest const& request, directory::Caller const& caller)
    {
        return router_.answer(request, caller);
    }

private:
    void make(std::string const& path, std::string const& body)
    {
        HOLDS(api_.ask("POST", path, body).status / 100 == 2);
    }
    api::TestApi api_;
    api::Router router_{api_.house()};
};

}  // namespace

FUZZ_TARGET(api_request, input)
{
    static Site site;
    fuzz::Input from(input);
    auto const sort = from.below(4);
    std::string const method(from.until(' '));
    auto request = api::TestApi::request_for(method, "/" + std::string(from.until('\n')));
    request.body = from.rest();
    if (!request.body.empty()) request.headers.emplace("content-type", "application/json");
    if (method != "GET" && request.segments.back() != "test" && !request.query.contains("dry_run"))
        request.query.emplace("dry_run", "true");
    if (request.query.contains("dry_run") && request.parameter("dry_run") == "false") return;
    auto const response = site.ask(request, caller(sort));
    HOLDS(response.status >= 200 && response.status < 504);
    HOLDS(is_utf8(response.body));
    HOLDS(response.status != 503 || response.body.find("cannot answer now") == std::string::npos);
    HOLDS(sort != 1 || response.status == 403);
    if (sort > 1)
        HOLDS(response.body.find("bob@other.test") == std::string::npos ||
              input.find("bob@other.test") != std::string::npos);
    boost::json::error_code trouble;
    if (response.type != "application/json") return;
    boost::json::parse(response.body, trouble);
    HOLDS(!trouble);
}
