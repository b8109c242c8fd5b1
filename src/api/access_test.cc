// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

struct AccessRoutes : testing::Test {
    AccessRoutes()
    {
        for (auto const* domain : {"a.test", "b.test"})
            EXPECT_EQ(api.ask("POST", "/domains", R"({"name":")" + std::string(domain) + R"("})").status, 201);
        EXPECT_EQ(api.ask("POST", "/mailboxes", R"({"name":"jane@a.test"})").status, 201);
        auto const added = api.ask("POST", "/admins", R"({"name":"Jane","role":"domain-admin","domains":["a.test"],
                                                          "mailbox":"jane@a.test","expires":"2100-01-01"})");
        EXPECT_EQ(added.status, 201) << added.body;
        EXPECT_EQ(added.headers.find("location")->second, "/api/v1/admins/jane");
    }
    json::object jane() { return TestApi::object(api.ask("GET", "/admins/jane")); }
    // Why a body is refused.
    std::string refusal(char const* method, char const* target, char const* body, int status)
    {
        auto const response = api.ask(method, target, body);
        EXPECT_EQ(response.status, status) << response.body;
        return std::string(TestApi::object(response).at("detail").as_string());
    }

    TestApi api;
};

TEST_F(AccessRoutes, AnAdminLivesFromAddToDelete)
{
    auto shown = jane();
    EXPECT_EQ(shown.at("role"), "domain-admin");
    EXPECT_EQ(shown.at("domains"), (json::array{"a.test"}));
    EXPECT_EQ(shown.at("mailbox"), "jane@a.test");
    EXPECT_EQ(shown.at("expires"), "2100-01-01T00:00:00Z");
    EXPECT_EQ(shown.at("enabled"), true);
    EXPECT_EQ(api.ask("POST", "/admins/jane/disable").status, 200);
    EXPECT_EQ(jane().at("enabled"), false);
    EXPECT_EQ(api.ask("POST", "/admins/jane/enable").status, 200);
    EXPECT_EQ(api.ask("PATCH", "/admins/jane", R"({"role":"help-desk","domains":"all","mailbox":null})").status, 200);
    EXPECT_EQ(jane().at("domains"), "all");
    EXPECT_TRUE(jane().at("mailbox").is_null());
    EXPECT_EQ(TestApi::object(api.ask("GET", "/admins?mask=j*")).at("items").as_array().size(), 1U);
    EXPECT_EQ(TestApi::object(api.ask("GET", "/admins?mask=k*")).at("items").as_array().size(), 0U);
    EXPECT_EQ(api.ask("DELETE", "/admins/jane").status, 200);
    EXPECT_EQ(api.ask("GET", "/admins/jane").status, 404);
    EXPECT_EQ(api.ask("DELETE", "/admins/jane").status, 404);
}

TEST_F(AccessRoutes, ASecretIsShownOnceAndNeverAgain)
{
    auto const added = api.ask("POST", "/tokens", R"({"admin":"jane","label":"job","role":"help-desk","read_only":true,
                                                      "networks":["192.0.2.0/24"],"expires":"2100-01-01"})");
    ASSERT_EQ(added.status, 201) << added.body;
    auto const made = TestApi::object(added);
    std::string const secret(made.at("secret").as_string());
    EXPECT_TRUE(secret.starts_with("prv_"));
    EXPECT_EQ(secret.size(), 4U + 43U);
    auto const listed = api.ask("GET", "/tokens");
    EXPECT_EQ(listed.body.find(secret), std::string::npos);
    auto const token = TestApi::object(listed).at("items").at(0).as_object();
    EXPECT_EQ(token.at("id"), made.at("subject"));
    EXPECT_EQ(token.at("admin"), "jane");
    EXPECT_EQ(token.at("label"), "job");
    EXPECT_EQ(token.at("role"), "help-desk");
    EXPECT_EQ(token.at("domains"), "all");
    EXPECT_EQ(token.at("read_only"), true);
    EXPECT_EQ(token.at("networks"), (json::array{"192.0.2.0/24"}));
    EXPECT_TRUE(token.at("last_used").is_null());
    EXPECT_EQ(api.ask("GET", "/audit").body.find(secret), std::string::npos);

    auto const path = "/tokens/" + std::string(made.at("subject").as_string());
    EXPECT_EQ(api.ask("DELETE", path).status, 200);
    EXPECT_EQ(api.ask("DELETE", path).status, 404);
    EXPECT_EQ(TestApi::object(api.ask("GET", "/tokens")).at("items").as_array().size(), 0U);
}

TEST_F(AccessRoutes, ARehearsedTokenHasNoSecret)
{
    auto const rehearsed = api.ask("POST", "/tokens?dry_run=true", R"({"admin":"jane","label":"job"})");
    EXPECT_EQ(rehearsed.status, 200);
    EXPECT_TRUE(TestApi::object(rehearsed).at("secret").is_null());
    EXPECT_EQ(TestApi::object(api.ask("GET", "/tokens")).at("items").as_array().size(), 0U);
}

TEST_F(AccessRoutes, WhatCannotBeMeantIsRefusedWithItsReason)
{
    EXPECT_EQ(refusal("POST", "/admins", R"({"name":"x y"})", 400),
              "name: 'x y' is neither an address nor a name of letters, digits, '.', '-' and '_'");
    EXPECT_EQ(refusal("POST", "/admins", R"({"name":"jane","role":"site-admin"})", 409),
              "name: 'jane' is an admin already");
    EXPECT_EQ(refusal("POST", "/admins", R"({"name":"x","role":"root"})", 400),
              "role: 'root' is not one of owner, help-desk, domain-admin, site-admin");
    EXPECT_EQ(refusal("POST", "/admins", R"({"name":"x","rolle":"owner"})", 400),
              "'rolle' is not a known member; did you mean role?");
    EXPECT_EQ(refusal("PATCH", "/admins/jane", R"({"domains":"some"})", 400),
              "domains: '\\x22some\\x22' is neither a list of domains nor all");
    EXPECT_EQ(refusal("POST", "/tokens", R"({"admin":"jane","label":"x","network":[]})", 400),
              "'network' is not a known member; did you mean networks?");
    EXPECT_EQ(refusal("POST", "/tokens", R"({"admin":"nobody","label":"x"})", 409),
              "admin: 'nobody' is not an admin here");
}

TEST_F(AccessRoutes, AMailboxsWrongPasswordsAreForgiven)
{
    EXPECT_EQ(api.ask("POST", "/mailboxes/jane@a.test/unlock?dry_run=true").status, 200);
    EXPECT_TRUE(api.directory.forgiven.empty());
    EXPECT_EQ(api.ask("POST", "/mailboxes/jane@a.test/unlock").status, 200);
    EXPECT_EQ(api.directory.forgiven, std::vector<std::string>{"jane@a.test"});
    EXPECT_EQ(api.ask("POST", "/mailboxes/nobody@a.test/unlock").status, 404);
}

}  // namespace
}  // namespace provost::api
