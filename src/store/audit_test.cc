// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(Audit, AnActIsRememberedWithWhoDidIt)
{
    TestStore store;
    auto const done = store->act({"admin:jane", "192.0.2.1"}, [](Writing& w) -> Result<void> {
        w.audit_act("mailbox.disable", "joe@example.org", R"({"state":"active"})", R"({"state":"suspended"})");
        return {};
    });
    ASSERT_TRUE(done);
    auto const found = store.read([](Reading& r) { return r.audit("", 0, 10); });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].revision, done->revision);
    EXPECT_EQ(found[0].actor.name, "admin:jane");
    EXPECT_EQ(found[0].actor.from, "192.0.2.1");
    EXPECT_EQ(found[0].act, "mailbox.disable");
    EXPECT_EQ(found[0].subject, "joe@example.org");
    EXPECT_EQ(found[0].before, R"({"state":"active"})");
    EXPECT_EQ(found[0].after, R"({"state":"suspended"})");
    EXPECT_LT(now() - found[0].at, std::chrono::minutes(1));
}

TEST(Audit, PagesGoBackWholeRevisionsAtATime)
{
    TestStore store;
    for (int i = 0; i < 5; ++i)
        store.act([&](Writing& w) {
            w.audit_act("first", "a@example.org", "", "");
            w.audit_act("second", "b@example.org", "", "");
        });
    auto const page = [&](std::string_view mask, Revision before, int limit) {
        std::string out;
        for (auto const& entry : store.read([&](Reading& r) { return r.audit(mask, before, limit); }))
            out += std::to_string(entry.revision) + entry.act[0] + " ";
        return out;
    };
    EXPECT_EQ(page("", 0, 3), "5s 5f 4s 4f ");
    EXPECT_EQ(page("*", 4, 100), "3s 3f 2s 2f 1s 1f ");
    EXPECT_EQ(page("a@example.org", 4, 2), "3f 2f ");
    EXPECT_EQ(page("a@*", 3, 100), "2f 1f ");
    EXPECT_EQ(page("", 1, 100), "");
    EXPECT_EQ(page("nobody", 0, 100), "");
}

TEST(Audit, AMaskFindsWhatLiesManyPagesBack)
{
    TestStore store;
    store.act([](Writing& w) { w.audit_act("add", "old@example.net", "", ""); });
    store.act([](Writing& w) {
        for (int i = 0; i < 2500; ++i) w.audit_act("add", "u" + std::to_string(i) + "@example.org", "", "");
    });
    EXPECT_EQ(store.read([](Reading& r) { return r.audit("*@example.net", 0, 10); }).size(), 1U);
    EXPECT_EQ(store.read([](Reading& r) { return r.audit("*@example.org", 0, 10000); }).size(), 2500U);
}

}  // namespace
}  // namespace provost::store
