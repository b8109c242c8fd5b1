// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <set>

#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

TEST(Routes, ReadingIsGetAndOnlyReadingIs)
{
    std::set<std::string> seen;
    for (auto const& route : routes()) {
        auto const name = std::string(route.method) + ' ' + std::string(route.path);
        EXPECT_TRUE(seen.insert(name).second) << name;
        EXPECT_FALSE(route.method == "GET" && (route.writes || route.has_body)) << name;
        EXPECT_FALSE(route.summary.empty()) << name;
        // auth test is the one question whose body is a secret, and so no GET.
        EXPECT_TRUE(route.method == "GET" || route.writes || route.path == "/auth/test") << name;
    }
}

TEST(Routes, WhatIsNotThereIsNotFoundAndWhatCannotBeDoneIsNotAllowed)
{
    TestApi api;
    EXPECT_EQ(api.ask("GET", "/nothing").status, 404);
    EXPECT_EQ(api.ask("GET", "/mailboxes/a/b/c").status, 404);
    auto const response = api.ask("PUT", "/mailboxes/alice@example.test");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.find("allow")->second, "GET, PATCH, DELETE");
    EXPECT_EQ(response.type, "application/problem+json");
}

TEST(Routes, AQueryOrBodyThatCannotBeMeantIsRefused)
{
    TestApi api;
    struct {
        char const* method;
        char const* target;
        char const* body;
        char const* said;
    } const cases[] = {
        {"GET", "/mailboxes?maks=a", "", "query: 'maks' is not a known parameter; did you mean mask?"},
        {"GET", "/mailboxes?mask=a&mask=b", "", "mask: 'b' is given more than once"},
        {"GET", "/mailboxes?limit=0", "", "limit: '0' is not a number from 1 to 1000"},
        {"GET", "/mailboxes?limit=ten", "", "limit: 'ten' is not a number from 1 to 1000"},
        {"GET", "/mailboxes?dry_run=true", "", "query: 'dry_run' is not a known parameter"},
        {"GET", "/mailboxes", "{}", "this request takes no body"},
        {"POST", "/domains?dry_run=1", "{}", "dry_run: '1' is not true or false"},
        {"POST", "/domains", "[]", "the body is not a JSON object"},
        {"POST", "/domains", "{", "the body is not JSON: incomplete JSON"},
        {"POST", "/domains", "{\"name\":\"\xff\"}", "the body is not UTF-8"},
        {"POST", "/domains", R"({"nome":"example.test"})", "'nome' is not a known member"},
        {"POST", "/auth/test?dry_run=true", "{}", "query: 'dry_run' is not a known parameter"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.said);
        auto const response = api.ask(c.method, c.target, c.body);
        EXPECT_EQ(response.status, 400);
        EXPECT_EQ(TestApi::object(response).at("detail"), c.said);
    }
    auto form = TestApi::request_for("POST", "/domains");
    form.body = "name=example.test";
    form.headers.emplace("content-type", "application/x-www-form-urlencoded");
    EXPECT_EQ(api.ask(form).status, 400);
    EXPECT_EQ(api.directory.acts.position()->revision, 0U);
}

TEST(Routes, WhatTheRecordCannotKeepAsTextIsRefused)
{
    TestApi api;
    std::string const with_nul("a\0b", 3);
    auto mask = TestApi::request_for("GET", "/mailboxes");
    mask.query.emplace("mask", with_nul);
    auto bytes = TestApi::request_for("GET", "/mailboxes");
    bytes.query.emplace("mask", "\xff");
    auto name = TestApi::request_for("DELETE", "/tokens/x");
    name.segments.back() = with_nul;
    for (auto const& [request, said] :
         {std::pair(mask, "mask: 'a\\x00b' has a NUL byte in it"), std::pair(bytes, "mask: '\\xff' is not UTF-8"),
          std::pair(name, "name: 'a\\x00b' has a NUL byte in it")}) {
        auto const response = api.ask(request);
        EXPECT_EQ(response.status, 400);
        EXPECT_EQ(TestApi::object(response).at("detail"), said);
    }
}

TEST(Routes, AnActCanBeTiedToARevision)
{
    TestApi api;
    auto const added = api.ask("POST", "/domains", R"({"name":"example.test"})");
    ASSERT_EQ(added.status, 201) << added.body;
    auto const tag = added.headers.find("etag")->second;
    EXPECT_EQ(added.headers.find("location")->second, "/api/v1/domains/example.test");

    auto change = TestApi::request_for("PATCH", "/domains/example.test");
    change.headers = {{"content-type", "application/json"}, {"if-match", tag}};
    change.body = R"({"description":"ours"})";
    EXPECT_EQ(api.ask(change).status, 200);
    EXPECT_EQ(api.ask(change).status, 409);
    change.headers = {{"content-type", "application/json"}, {"if-match", "\"soon\""}};
    EXPECT_EQ(api.ask(change).status, 400);
    auto const shown = api.ask("GET", "/domains/example.test");
    EXPECT_EQ(shown.headers.find("etag")->second, "\"2\"");
}

TEST(Routes, TroubleInsideIsToldWithoutItsDetails)
{
    TestApi api;
    api.replica.broken = true;
    auto const response = api.ask("GET", "/explain?address=bob@example.test");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(TestApi::object(response).at("fault"), "unavailable");
}

}  // namespace
}  // namespace provost::api
