// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

struct QuestionRoutes : testing::Test {
    QuestionRoutes()
    {
        api.replica.add(mail::a_mailbox("bob@example.test"),
                        "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=");  // secret
    }
    ~QuestionRoutes() override { api.replica.release(); }

    TestApi api;
};

TEST_F(QuestionRoutes, ALookupIsWhatPostfixGets)
{
    struct {
        char const* key;
        char const* outcome;
    } const cases[] = {{"bob@example.test", "found"}, {"nobody@example.test", "not_found"}, {"", "not_found"}};
    for (auto const& c : cases) {
        auto const found = TestApi::object(api.ask("GET", "/lookup?map=mailboxes&key=" + std::string(c.key)));
        EXPECT_EQ(found.at("outcome"), c.outcome) << c.key;
    }
    api.replica.broken = true;
    auto const response = api.ask("GET", "/lookup?map=mailboxes&key=bob@example.test");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(TestApi::object(response).at("outcome"), "cannot_tell");
}

TEST_F(QuestionRoutes, AnUnknownMapIsRefusedWithTheNearestOne)
{
    auto const response = api.ask("GET", "/lookup?map=mailboxen&key=x");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(TestApi::object(response).at("detail"), "map: 'mailboxen' is not a map; did you mean mailboxes?");
    EXPECT_EQ(api.ask("GET", "/lookup").status, 400);
}

TEST_F(QuestionRoutes, AnAddressIsExplainedToTheLastQuestion)
{
    auto const found = TestApi::object(api.ask("GET", "/explain?address=Bob+news@example.test"));
    EXPECT_EQ(found.at("is"), "mailbox");
    EXPECT_EQ(found.at("standing"), "deliverable");
    EXPECT_EQ(found.at("condition"), "active");
    EXPECT_EQ(found.at("extension"), "+news");
    EXPECT_EQ(found.at("maps").as_array().size(), mail::all_maps.size());
    // The rows of the table that are no maps: sign-in, USER for either purpose, LIST, and as a target.
    EXPECT_EQ(found.at("services").as_array().size(), 5U);
    EXPECT_FALSE(found.at("steps").as_array().empty());

    auto const nobody = TestApi::object(api.ask("GET", "/explain?address=nobody@example.test"));
    EXPECT_EQ(nobody.at("is"), "nothing");
    EXPECT_EQ(nobody.at("standing"), "gone");
    EXPECT_TRUE(nobody.at("mailbox").is_null());
    EXPECT_EQ(api.ask("GET", "/explain?address=not+an+address").status, 400);
}

TEST_F(QuestionRoutes, ASignInIsTriedAndItsVerdictTold)
{
    struct {
        char const* body;
        char const* verdict;
    } const cases[] = {
        {R"({"login":"bob@example.test","password":"secret"})", "accepted"},
        {R"({"login":"bob@example.test","password":"secret","service":"submission","from":"192.0.2.1"})", "accepted"},
        {R"({"login":"bob@example.test","password":"wrong"})", "wrong"},
        {R"({"login":"nobody@example.test","password":"secret"})", "wrong"},
    };
    for (auto const& c : cases) {
        auto const response = api.ask("POST", "/auth/test", c.body);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(TestApi::object(response).at("verdict"), c.verdict) << c.body;
        EXPECT_EQ(response.body.find("secret"), std::string::npos);
    }
    EXPECT_EQ(api.ask("POST", "/auth/test", R"({"login":"bob@example.test"})").status, 400);
    EXPECT_EQ(api.ask("POST", "/auth/test", R"({"login":"b","password":"p","service":"smtp"})").status, 400);
    api.replica.broken = true;
    auto const unknown = api.ask("POST", "/auth/test", R"({"login":"bob@example.test","password":"secret"})");
    EXPECT_EQ(TestApi::object(unknown).at("verdict"), "cannot_tell");
}

TEST_F(QuestionRoutes, APasswordThatSomebodyElseTriesIsNoSignIn)
{
    auto const response = api.ask("POST", "/auth/test", R"({"login":"bob@example.test","password":"secret"})");
    EXPECT_EQ(TestApi::object(response).at("verdict"), "accepted");
    EXPECT_TRUE(api.logins.take_sign_ins().empty());
}

TEST_F(QuestionRoutes, OnlyWhoRunsTheSiteSaysWhereASignInComesFrom)
{
    directory::Caller const helper{{"ted", "local"},
                                   directory::Authority(mail::Role::help_desk, {.everywhere = true}, false)};
    auto const ask = [&](char const* body, directory::Caller const& caller) {
        return api.ask("POST", "/auth/test", body, caller).status;
    };
    auto const from = R"({"login":"bob@example.test","password":"secret","from":"192.0.2.1"})";
    EXPECT_EQ(ask(from, helper), 403);
    EXPECT_EQ(ask(from, directory::TestHouse::root()), 200);
    EXPECT_EQ(ask(R"({"login":"bob@example.test","password":"secret"})", helper), 200);
}

}  // namespace
}  // namespace provost::api
