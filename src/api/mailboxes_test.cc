// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

struct MailboxRoutes : testing::Test {
    void SetUp() override
    {
        ASSERT_EQ(api.ask("POST", "/domains", R"({"name":"example.test"})").status, 201);
        auto const added =
            api.ask("POST", "/mailboxes", R"({"name":"Alice@Example.test","password":"open sesame","quota":"1G"})");
        ASSERT_EQ(added.status, 201) << added.body;
        EXPECT_EQ(TestApi::object(added).at("subject"), "alice@example.test");
        EXPECT_EQ(added.body.find("sesame"), std::string::npos);
    }
    json::object alice() { return TestApi::object(api.ask("GET", "/mailboxes/alice@example.test")); }

    TestApi api;
};

TEST_F(MailboxRoutes, AMailboxIsShownWithoutItsHash)
{
    auto const shown = alice();
    EXPECT_EQ(shown.at("quota"), 1LL << 30U);
    EXPECT_EQ(shown.at("effective_quota"), 1LL << 30U);
    EXPECT_EQ(shown.at("state"), "active");
    EXPECT_EQ(shown.at("credentials").as_array().size(), 1U);
    EXPECT_EQ(json::serialize(shown).find("$6$"), std::string::npos);
    EXPECT_TRUE(shown.at("usage").is_null());
}

TEST_F(MailboxRoutes, DisableAndEnableAndDelete)
{
    EXPECT_EQ(api.ask("POST", "/mailboxes/alice@example.test/disable", R"({"suspension":"hold"})").status, 200);
    EXPECT_EQ(alice().at("state"), "suspended");
    EXPECT_EQ(alice().at("suspension"), "hold");
    EXPECT_EQ(api.ask("POST", "/mailboxes/alice@example.test/disable", R"({"suspension":"bounce"})").status, 400);
    EXPECT_EQ(api.ask("POST", "/mailboxes/alice@example.test/enable").status, 200);
    EXPECT_EQ(alice().at("state"), "active");
    // This house has no mail server whose sessions could be looked at.
    EXPECT_EQ(api.ask("POST", "/mailboxes/alice@example.test/kick").status, 503);
    EXPECT_EQ(api.ask("DELETE", "/mailboxes/alice@example.test").status, 200);
    EXPECT_EQ(api.ask("GET", "/mailboxes/nobody@example.test").status, 404);
}

TEST_F(MailboxRoutes, SettingWhatIsSaidLeavesTheRest)
{
    EXPECT_EQ(api.ask("PATCH", "/mailboxes/alice@example.test", R"({"forwards":["bob@elsewhere.example"]})").status,
              200);
    EXPECT_EQ(alice().at("forwards"), (json::array{"bob@elsewhere.example"}));
    EXPECT_EQ(alice().at("quota"), 1LL << 30U);
    auto const refused = api.ask("PATCH", "/mailboxes/alice@example.test", R"({"quota":"12Q"})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(TestApi::object(refused).at("field"), "quota");
    EXPECT_EQ(api.ask("PATCH", "/mailboxes/alice@example.test", R"({"password":"x"})").status, 400);
}

TEST_F(MailboxRoutes, APasswordIsSetByItselfOrAsAHash)
{
    auto const target = "/mailboxes/alice@example.test/password";
    EXPECT_EQ(api.ask("POST", target, R"({"password":"open barley"})").status, 200);
    EXPECT_EQ(api.ask("POST", target, "{}").status, 400);
    EXPECT_EQ(api.ask("POST", target, R"({"password":""})").status, 400);
    auto const refused = api.ask("POST", target, R"({"hash":"not a hash at all"})");
    EXPECT_EQ(refused.status, 400) << refused.body;
}

TEST_F(MailboxRoutes, TheSameNameTwiceIsAConflict)
{
    auto const again = api.ask("POST", "/mailboxes", R"({"name":"alice@example.test"})");
    EXPECT_EQ(again.status, 409) << again.body;
    EXPECT_EQ(TestApi::object(again).at("fault"), "conflict");
}

TEST_F(MailboxRoutes, ADeletedMailboxIsListedAndComesBack)
{
    ASSERT_EQ(api.ask("DELETE", "/mailboxes/alice@example.test").status, 200);
    auto const asked = api.ask("POST", "/mailboxes", R"({"name":"alice@example.test"})");
    EXPECT_EQ(asked.status, 409);
    EXPECT_EQ(TestApi::object(asked).at("field"), "old_mailbox");
    auto const word = api.ask("POST", "/mailboxes", R"({"name":"alice@example.test","old_mailbox":"keep"})");
    EXPECT_EQ(word.status, 400);
    ASSERT_EQ(api.ask("POST", "/mailboxes", R"({"name":"alice@example.test","old_mailbox":"set-aside"})").status, 201);
    ASSERT_EQ(api.ask("DELETE", "/mailboxes/alice@example.test").status, 200);

    auto const first = TestApi::object(api.ask("GET", "/deleted-mailboxes?limit=1&mask=*@example.test"));
    ASSERT_EQ(first.at("items").as_array().size(), 1U);
    EXPECT_EQ(first.at("items").at(0).at("state_before"), "active");
    EXPECT_TRUE(first.at("items").at(0).at("restorable_until").is_string());
    auto const next = std::string(first.at("next").as_string());
    auto const second = TestApi::object(api.ask("GET", "/deleted-mailboxes?limit=1&after=" + next));
    ASSERT_EQ(second.at("items").as_array().size(), 1U);
    auto const id = std::string(first.at("items").at(0).at("id").as_string());
    EXPECT_NE(second.at("items").at(0).at("id").as_string(), id);

    auto const restore = "/mailboxes/alice@example.test/restore";
    EXPECT_EQ(api.ask("POST", restore, R"({"to":"x"})").status, 400);
    EXPECT_EQ(api.ask("POST", restore, R"({"id":")" + id + R"("})").status, 200);
    EXPECT_EQ(alice().at("id").as_string(), id);
    EXPECT_EQ(api.ask("POST", restore).status, 409);
    EXPECT_EQ(api.ask("POST", restore, R"({"as":"old@example.test"})").status, 200);
    EXPECT_EQ(api.ask("POST", restore).status, 404);
}

TEST_F(MailboxRoutes, AListIsCutIntoPages)
{
    ASSERT_EQ(api.ask("POST", "/mailboxes", R"({"name":"bob@example.test"})").status, 201);
    auto const first = TestApi::object(api.ask("GET", "/mailboxes?limit=1&mask=*@example.test"));
    EXPECT_EQ(first.at("next"), "alice@example.test");
    auto const second = TestApi::object(api.ask("GET", "/mailboxes?after=alice@example.test"));
    ASSERT_EQ(second.at("items").as_array().size(), 1U);
    EXPECT_EQ(second.at("items").at(0).at("name"), "bob@example.test");
}

}  // namespace
}  // namespace provost::api
