// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

TEST(DomainRoutes, ADomainLivesFromAddToDelete)
{
    TestApi api;
    ASSERT_EQ(api.ask("POST", "/domains", R"({"name":"Example.Test","default_quota":"5G","max_mailboxes":2})").status,
              201);
    auto const shown = TestApi::object(api.ask("GET", "/domains/example.test"));
    EXPECT_EQ(shown.at("name"), "example.test");
    EXPECT_EQ(shown.at("default_quota"), 5LL << 30U);
    EXPECT_EQ(shown.at("max_mailboxes"), 2);
    EXPECT_TRUE(shown.at("total_quota").is_null());
    EXPECT_EQ(shown.at("counts").at("mailboxes"), 0);

    EXPECT_EQ(api.ask("POST", "/domains/example.test/disable").status, 200);
    EXPECT_EQ(TestApi::object(api.ask("GET", "/domains/example.test")).at("enabled"), false);
    EXPECT_EQ(api.ask("POST", "/domains/example.test/enable", "{}").status, 200);
    EXPECT_EQ(TestApi::object(api.ask("GET", "/domains/example.test")).at("enabled"), true);
    EXPECT_EQ(api.ask("POST", "/domains/example.test/enable", R"({"now":true})").status, 400);

    EXPECT_EQ(api.ask("DELETE", "/domains/example.test").status, 200);
    EXPECT_EQ(api.ask("GET", "/domains/example.test").status, 404);
    EXPECT_EQ(api.ask("DELETE", "/domains/example.test").status, 404);
}

TEST(DomainRoutes, ADryRunChangesNothing)
{
    TestApi api;
    auto const response = api.ask("POST", "/domains?dry_run=true", R"({"name":"example.test"})");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(TestApi::object(response).at("dry_run"), true);
    EXPECT_EQ(api.ask("GET", "/domains/example.test").status, 404);
    EXPECT_EQ(api.ask("POST", "/domains?dry_run=true", R"({"name":"no domain"})").status, 400);
}

TEST(DomainRoutes, PagesFollowOneAnother)
{
    TestApi api;
    for (auto const* name : {"a.test", "b.test", "c.test", "other.example"})
        ASSERT_EQ(api.ask("POST", "/domains", R"({"name":")" + std::string(name) + R"("})").status, 201);
    auto const first = TestApi::object(api.ask("GET", "/domains?mask=*.test&limit=2"));
    EXPECT_EQ(first.at("items").as_array().size(), 2U);
    EXPECT_EQ(first.at("next"), "b.test");
    auto const second = TestApi::object(api.ask("GET", "/domains?mask=*.test&limit=2&after=b.test"));
    ASSERT_EQ(second.at("items").as_array().size(), 1U);
    EXPECT_EQ(second.at("items").at(0).at("name"), "c.test");
    EXPECT_TRUE(second.at("next").is_null());
}

}  // namespace
}  // namespace provost::api
