// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

std::optional<std::vector<Change>> changes(TestStore& store, Position const& since)
{
    return store.read([&](Reading& r) { return r.changes(since, 1000); });
}

TEST(Changes, AFollowerIsToldWhatChangedSinceItsPositionAndOnceARevision)
{
    TestStore store;
    auto const start = store.read([](Reading& r) { return r.position(); });
    auto const domain = test_domain("example.org");
    auto const jane = test_mailbox("jane@example.org");
    auto const info = test_alias("info@example.org", {"jane@example.org"});
    auto const first = store.act([&](Writing& w) {
        w.put(domain);
        w.put(jane);
        w.put(jane);
        w.put_credential(jane.id, {.id = CredentialId::make()});
    });
    auto const second = store.act([&](Writing& w) { w.put(info); });
    auto const all = changes(store, start);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ((*all)[0].kind, Kind::domain);
    EXPECT_EQ((*all)[0].id, domain.id.text());
    EXPECT_EQ((*all)[1].kind, Kind::mailbox);
    EXPECT_EQ((*all)[1].revision, first.revision);
    EXPECT_EQ((*all)[2].kind, Kind::alias);
    EXPECT_EQ((*all)[2].revision, second.revision);
    EXPECT_EQ(changes(store, first)->size(), 1U);
    EXPECT_TRUE(changes(store, second)->empty());
}

TEST(Changes, AnActThatChangesNothingStillHasItsPlace)
{
    TestStore store;
    auto const position = store.act([](Writing& w) { w.audit_act("mailbox.kick", "jane@example.org", "", ""); });
    ASSERT_TRUE(changes(store, position));
    EXPECT_TRUE(changes(store, position)->empty());
}

TEST(Changes, APositionOfAnotherHistoryIsNotFound)
{
    TestStore store;
    auto const position = store.act([](Writing& w) { w.put(test_domain("example.org")); });
    for (auto const& [what, other] :
         {std::pair{"epoch", Position{"x", position.revision, position.nonce}},
          std::pair{"nonce", Position{position.epoch, position.revision, "x"}},
          std::pair{"later", Position{position.epoch, position.revision + 1, "x"}}, std::pair{"nothing", Position{}}}) {
        SCOPED_TRACE(what);
        EXPECT_FALSE(changes(store, other));
    }
}

TEST(Changes, WhatIsPrunedIsNotFoundAndTheNewestPositionAlwaysIs)
{
    TestStore store;
    auto const first = store.act([](Writing& w) { w.put(test_domain("a.example")); });
    auto const second = store.act([](Writing& w) { w.put(test_domain("b.example")); });
    EXPECT_EQ(store->prune_changes(now() - std::chrono::hours(1)), 0);
    ASSERT_TRUE(changes(store, first));
    EXPECT_EQ(store->prune_changes(now() + std::chrono::hours(1)), 1);
    EXPECT_FALSE(changes(store, first));
    ASSERT_TRUE(changes(store, second));
    store.act([](Writing& w) { w.put(test_domain("c.example")); });
    EXPECT_EQ(changes(store, second)->size(), 1U);
}

}  // namespace
}  // namespace provost::store
