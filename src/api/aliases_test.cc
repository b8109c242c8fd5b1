// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

TEST(AliasRoutes, AnAliasLivesFromAddToDelete)
{
    TestApi api;
    ASSERT_EQ(api.ask("POST", "/domains", R"({"name":"example.test"})").status, 201);
    auto const added =
        api.ask("POST", "/aliases", R"({"address":"info@example.test","targets":["a@elsewhere.example"]})");
    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(api.ask("PATCH", "/aliases/info@example.test",
                      R"({"targets":["b@elsewhere.example","c@elsewhere.example"],"description":"both"})")
                  .status,
              200);
    auto const shown = TestApi::object(api.ask("GET", "/aliases/info@example.test"));
    EXPECT_EQ(shown.at("targets"), (json::array{"b@elsewhere.example", "c@elsewhere.example"}));
    EXPECT_EQ(shown.at("description"), "both");

    EXPECT_EQ(api.ask("POST", "/aliases/info@example.test/disable").status, 200);
    EXPECT_EQ(TestApi::object(api.ask("GET", "/aliases/info@example.test")).at("enabled"), false);
    EXPECT_EQ(api.ask("POST", "/aliases/info@example.test/enable").status, 200);
    EXPECT_EQ(TestApi::object(api.ask("GET", "/aliases?mask=info@*")).at("items").as_array().size(), 1U);
    EXPECT_EQ(api.ask("DELETE", "/aliases/info@example.test").status, 200);
    EXPECT_EQ(api.ask("GET", "/aliases/info@example.test").status, 404);
}

}  // namespace
}  // namespace provost::api
