// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(Aliases, EverythingOfAnAliasComesBack)
{
    TestStore store;
    auto alias = test_alias("info@example.org", {"b@example.org", "a@example.org", "x@elsewhere.example"});
    alias.description = "o'clock";
    alias.enabled = false;
    alias.expires = from_millis(4);
    alias.targets_may_send = true;
    alias.posting = mail::Posting::listed;
    alias.posters = {test_address("z@example.org"), test_address("y@example.org")};
    alias.created = from_millis(5);
    store.act([&](Writing& w) { w.put(alias); });
    EXPECT_EQ(store.read([](Reading& r) { return r.alias("info@example.org"); }), alias);
    EXPECT_EQ(store.read([&](Reading& r) { return r.alias_by_id(alias.id.text()); }), alias);
    alias.targets.erase(alias.targets.begin());
    alias.posters.clear();
    alias.address = test_address("news@example.org");
    store.act([&](Writing& w) { w.put(alias); });
    EXPECT_EQ(store.read([](Reading& r) { return r.alias("news@example.org"); }), alias);
    EXPECT_EQ(store.read([](Reading& r) { return r.alias("info@example.org"); }), std::nullopt);
    EXPECT_EQ(store.read([](Reading& r) { return r.owner_of_name("info@example.org"); }), std::nullopt);
    store.act([&](Writing& w) { w.remove(alias.id); });
    EXPECT_EQ(store.read([](Reading& r) { return r.alias("news@example.org"); }), std::nullopt);
    EXPECT_EQ(store.read([](Reading& r) { return r.owner_of_name("news@example.org"); }), std::nullopt);
}

TEST(Aliases, TheyAreFoundByTargetAndByMaskInOrder)
{
    TestStore store;
    store.act([&](Writing& w) {
        w.put(test_alias("c@example.org", {"jane@example.org", "jane@example.org"}));
        w.put(test_alias("a@example.org", {"joe@example.org", "jane@example.org"}));
        w.put(test_alias("b@example.net", {"joe@example.org"}));
    });
    auto const names = [](std::vector<mail::Alias> const& aliases) {
        std::string out;
        for (auto const& alias : aliases) out += alias.address.text() + " ";
        return out;
    };
    EXPECT_EQ(names(store.read([](Reading& r) { return r.aliases_with_target("jane@example.org"); })),
              "a@example.org c@example.org ");
    EXPECT_EQ(names(store.read([](Reading& r) { return r.aliases("", "", 10); })),
              "a@example.org b@example.net c@example.org ");
    EXPECT_EQ(names(store.read([](Reading& r) { return r.aliases("*@example.org", "a@example.org", 10); })),
              "c@example.org ");
    EXPECT_EQ(names(store.read([](Reading& r) { return r.aliases("?@example.*", "", 2); })),
              "a@example.org b@example.net ");
}

TEST(Aliases, EveryOneIsVisitedOnceAlsoAtTheEdgeOfAPage)
{
    TestStore store;
    store.act([&](Writing& w) {
        for (int i = 0; i < 2000; ++i) w.put(test_alias("a" + std::to_string(i) + "@example.org", {"x@example.org"}));
    });
    std::set<std::string> seen;
    store->read([&](Reading& r) {
        r.every_alias([&](mail::Alias const& alias) { EXPECT_TRUE(seen.insert(alias.address.text()).second); });
    });
    EXPECT_EQ(seen.size(), 2000U);
}

}  // namespace
}  // namespace provost::store
