// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

TEST(StatusRoutes, StatusSaysWhatIsWellAndWhatIsNot)
{
    TestApi api;
    auto const well = TestApi::object(api.ask("GET", "/status"));
    EXPECT_EQ(well.at("version"), "0.0.1");
    EXPECT_EQ(well.at("record").at("reachable"), true);
    EXPECT_EQ(well.at("record").at("writable"), true);
    EXPECT_TRUE(well.at("record").at("trouble").is_null());
    EXPECT_EQ(well.at("replica").at("usable"), true);
    EXPECT_EQ(well.at("work").at("pending"), 0);
    EXPECT_GE(well.at("replica").at("age_ms").as_int64(), 0);

    api.replica.broken = true;
    EXPECT_EQ(TestApi::object(api.ask("GET", "/status")).at("replica").at("usable"), false);
}

TEST(StatusRoutes, TheCopyIsComparedWithTheRecordWhereThatIsAskedFor)
{
    TestApi api;
    EXPECT_TRUE(TestApi::object(api.ask("GET", "/status")).at("verify").is_null());
    EXPECT_EQ(TestApi::object(api.ask("GET", "/status?verify=true")).at("verify").at("equal"), true);
    api.verified = std::vector<std::string>{"entry a is missing from the copy"};
    auto const differs = TestApi::object(api.ask("GET", "/status?verify=true")).at("verify").as_object();
    EXPECT_EQ(differs.at("equal"), false);
    EXPECT_EQ(differs.at("differences").at(0), "entry a is missing from the copy");
    EXPECT_TRUE(TestApi::object(api.ask("GET", "/status?verify=false")).at("verify").is_null());
    api.verified = fail(Fault::unavailable, "the database is locked");
    EXPECT_EQ(api.ask("GET", "/status?verify=true").status, 503);
    EXPECT_EQ(api.ask("GET", "/status?verify=perhaps").status, 400);
}

TEST(StatusRoutes, MetricsAreTextForPrometheus)
{
    TestApi api;
    auto const told = api.ask("GET", "/metrics");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(told.body.find("# TYPE provost_"), std::string::npos) << told.body;
}

TEST(StatusRoutes, TheAuditIsNewestFirstAndPaged)
{
    TestApi api;
    ASSERT_EQ(api.ask("POST", "/domains", R"({"name":"a.test"})").status, 201);
    ASSERT_EQ(api.ask("POST", "/domains", R"({"name":"b.test"})").status, 201);
    auto const first = TestApi::object(api.ask("GET", "/audit?limit=1"));
    auto const entry = first.at("items").at(0).as_object();
    EXPECT_EQ(entry.at("subject"), "b.test");
    EXPECT_EQ(entry.at("actor"), "root");
    EXPECT_EQ(entry.at("from"), "local");
    EXPECT_EQ(entry.at("before"), json::object());
    EXPECT_TRUE(entry.at("after").as_object().contains("kind")) << json::serialize(entry);
    auto const before = json::serialize(first.at("next"));
    auto const second = TestApi::object(api.ask("GET", "/audit?before=" + before));
    ASSERT_EQ(second.at("items").as_array().size(), 1U);
    EXPECT_EQ(second.at("items").at(0).at("subject"), "a.test");
    EXPECT_EQ(TestApi::object(api.ask("GET", "/audit?mask=a.*")).at("items").as_array().size(), 1U);
    EXPECT_EQ(api.ask("GET", "/audit?before=yesterday").status, 400);
}

TEST(StatusRoutes, TheAuditGoesOnWhereARevisionIsLargerThanAPage)
{
    TestApi api;
    for (int i = 0; i < 3; ++i) {
        auto const wrote = api.directory.record->act({"root", "local"}, [](store::Writing& writing) -> Result<void> {
            for (auto const* subject : {"a.test", "b.test"}) writing.audit_act("domain.set", subject, "{}", "{}");
            return {};
        });
        ASSERT_TRUE(wrote);
    }
    std::size_t seen = 0;
    std::string before;
    for (int i = 0; i < 9; ++i) {
        auto const found = TestApi::object(api.ask("GET", "/audit?limit=1" + before));
        seen += found.at("items").as_array().size();
        if (found.at("next").is_null()) break;
        before = "&before=" + json::serialize(found.at("next"));
    }
    EXPECT_EQ(seen, 6U);
}

TEST(StatusRoutes, WorkIsListedInPages)
{
    TestApi api;
    auto const wrote = api.directory.record->act({"root", "local"}, [](store::Writing& writing) -> Result<void> {
        for (int i = 0; i < 3; ++i) {
            store::Work work;
            work.subject = "m" + std::to_string(i);
            work.due = from_millis(1'000'000 + i / 2);
            writing.add_work(work);
        }
        return {};
    });
    ASSERT_TRUE(wrote);
    std::set<std::string> seen;
    std::string after;
    for (int i = 0; i < 9; ++i) {
        auto const found = TestApi::object(api.ask("GET", "/jobs?limit=1" + after));
        for (auto const& item : found.at("items").as_array())
            EXPECT_TRUE(seen.insert(std::string(item.at("subject").as_string())).second);
        if (found.at("next").is_null()) break;
        after = "&after=" + std::string(found.at("next").as_string());
    }
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(api.ask("GET", "/jobs?after=x").status, 400);
    EXPECT_EQ(api.ask("GET", "/jobs?after=12").status, 400);
}

TEST(StatusRoutes, AStatusHoldsOneConnectionThatReadsAndNotTwo)
{
    TestApi api;
    api.directory.record->read([&](store::Reading&) {
        api.directory.record->read([&](store::Reading&) {
            api.directory.record->read([&](store::Reading&) {
                EXPECT_EQ(TestApi::object(api.ask("GET", "/status")).at("work").at("pending"), 0);
            });
        });
    });
}

TEST(StatusRoutes, WorkThatIsStillToBeDoneIsListed)
{
    TestApi api;
    ASSERT_EQ(api.ask("POST", "/domains", R"({"name":"a.test"})").status, 201);
    auto const wrote = api.directory.record->act({"root", "local"}, [](store::Writing& writing) -> Result<void> {
        store::Work work;
        work.id = new_uuid();
        work.target = "dovecot";
        work.verb = "end_sessions";
        work.subject = "m1";
        work.due = now();
        writing.add_work(work);
        return {};
    });
    ASSERT_TRUE(wrote);
    auto const found = TestApi::object(api.ask("GET", "/jobs"));
    ASSERT_EQ(found.at("items").as_array().size(), 1U);
    EXPECT_EQ(found.at("items").at(0).at("verb"), "end_sessions");
    EXPECT_EQ(TestApi::object(api.ask("GET", "/status")).at("work").at("pending"), 1);
}

}  // namespace
}  // namespace provost::api
