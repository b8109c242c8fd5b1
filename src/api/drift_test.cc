// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

using directory::Drift;
using directory::DriftPage;
using Asked = std::vector<std::string>;

Drift const renamed{"jane@a.test", "m1", "cyrus", "renamed", "is called user/x", "rename it"};
Drift const stranger{"nobody@a.test", "c9", "cyrus", "stranger", "is nobody's in the directory", ""};

TEST(DriftRoutes, WhatIsOtherwiseIsListedInPages)
{
    TestApi api;
    api.drift.page = DriftPage{{renamed}, 7, "jane@a.test"};
    auto const response = api.ask("GET", "/drift");
    EXPECT_EQ(response.status, 200) << response.body;
    auto const page = TestApi::object(response);
    json::object const expected{{"mailbox", "jane@a.test"},   {"id", "m1"},
                                {"target", "cyrus"},          {"kind", "renamed"},
                                {"what", "is called user/x"}, {"repair", "rename it"}};
    EXPECT_EQ(page.at("items"), json::array{expected}) << response.body;
    EXPECT_EQ(page.at("looked_at"), 7);
    EXPECT_EQ(page.at("next"), "jane@a.test");

    api.drift.page = DriftPage{{}, 3, {}};
    auto const last = TestApi::object(api.ask("GET", "/drift?after=jane@a.test"));
    EXPECT_EQ(last.at("items"), json::array());
    EXPECT_EQ(last.at("looked_at"), 3);
    EXPECT_TRUE(last.at("next").is_null());
    EXPECT_EQ(api.drift.asked, (Asked{"look * after  1000", "look * after jane@a.test 1000"}));
}

TEST(DriftRoutes, AMaskAPlaceAndALimitGoOn)
{
    TestApi api;
    EXPECT_EQ(api.ask("GET", "/drift?mask=*@a.test&after=deleted x@a.test m1&limit=20").status, 200);
    EXPECT_EQ(api.drift.asked, Asked{"look *@a.test after deleted x@a.test m1 20"});
    for (auto const* wrong : {"limit=0", "limit=-1", "limit=1001", "limit=many", "limit=", "before=3", "mask=a&mak=b"})
        EXPECT_EQ(api.ask("GET", std::string("/drift?") + wrong).status, 400) << wrong;
    EXPECT_EQ(api.drift.asked.size(), 1U);
}

TEST(DriftRoutes, ARepairTellsWhatIsLeft)
{
    TestApi api;
    auto const mended = api.ask("POST", "/drift/m1/repair", "{}");
    EXPECT_EQ(mended.status, 200) << mended.body;
    EXPECT_EQ(TestApi::object(mended), (json::object{{"id", "m1"}, {"left", json::array()}})) << mended.body;
    api.drift.left = std::vector<Drift>{renamed};
    auto const left = TestApi::object(api.ask("POST", "/drift/m1/repair"));
    ASSERT_EQ(left.at("left").as_array().size(), 1U);
    EXPECT_EQ(left.at("left").at(0).at("kind"), "renamed");
    api.drift.left = fail(Fault::not_found, "id: 'm2' is not that of a mailbox");
    EXPECT_EQ(api.ask("POST", "/drift/m2/repair", "{}").status, 404);
    api.drift.left = fail(Fault::unavailable, "Cyrus does not answer");
    EXPECT_EQ(api.ask("POST", "/drift/m1/repair", "{}").status, 503);
    EXPECT_EQ(api.drift.asked, (Asked{"repair m1", "repair m1", "repair m2", "repair m1"}));
}

TEST(DriftRoutes, ARepairTakesNothing)
{
    TestApi api;
    for (auto const* body : {R"({"force":true})", R"({"id":"m1"})", "[]", "{"})
        EXPECT_EQ(api.ask("POST", "/drift/m1/repair", body).status, 400) << body;
    EXPECT_EQ(api.drift.asked, Asked());
}

TEST(DriftRoutes, ADryRunDoesNothing)
{
    TestApi api;
    EXPECT_EQ(api.ask("POST", "/drift/m1/repair?dry_run=true", "{}").status, 200);
    EXPECT_EQ(api.ask("DELETE", "/strangers/c9?dry_run=true").status, 200);
    EXPECT_EQ(api.drift.asked, (Asked{"rehearse m1", "rehearse removal of c9"}));
}

TEST(DriftRoutes, StrangersAreListedAndDeletedByTheirId)
{
    TestApi api;
    api.drift.found = std::vector<Drift>{stranger};
    auto const listed = TestApi::object(api.ask("GET", "/strangers"));
    ASSERT_EQ(listed.at("items").as_array().size(), 1U);
    EXPECT_EQ(listed.at("items").at(0).at("mailbox"), "nobody@a.test");
    EXPECT_EQ(listed.at("items").at(0).at("id"), "c9");
    EXPECT_TRUE(listed.at("next").is_null());
    EXPECT_EQ(api.ask("GET", "/strangers?limit=3").status, 400);

    auto const gone = api.ask("DELETE", "/strangers/c9");
    EXPECT_EQ(gone.status, 200) << gone.body;
    EXPECT_EQ(TestApi::object(gone), (json::object{{"id", "c9"}})) << gone.body;
    api.drift.removed = fail(Fault::not_found, "id: 'c8' is not that of a stranger's mailbox");
    EXPECT_EQ(api.ask("DELETE", "/strangers/c8").status, 404);
    EXPECT_EQ(api.drift.asked, (Asked{"strangers", "remove c9", "remove c8"}));
}

TEST(DriftRoutes, WhileNothingCanBeToldThatIsSaid)
{
    TestApi api;
    api.drift.page = fail(Fault::unavailable, "Cyrus does not answer");
    api.drift.found = fail(Fault::unavailable, "Cyrus does not answer");
    EXPECT_EQ(api.ask("GET", "/drift").status, 503);
    EXPECT_EQ(api.ask("GET", "/strangers").status, 503);
}

TEST(DriftRoutes, ANodeWithoutStoresCannotTell)
{
    TestApi api;
    auto house = api.house();
    house.drift = nullptr;
    Router router(house);
    struct {
        char const* method;
        char const* path;
    } const cases[] = {
        {"GET", "/drift"}, {"POST", "/drift/m1/repair"}, {"GET", "/strangers"}, {"DELETE", "/strangers/c9"}};
    for (auto const& c : cases) {
        auto const response = router.answer(TestApi::request_for(c.method, c.path), directory::TestHouse::root());
        EXPECT_EQ(response.status, 503) << c.path << response.body;
    }
    EXPECT_EQ(api.drift.asked, Asked());
}

}  // namespace
}  // namespace provost::api
