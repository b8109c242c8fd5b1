// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(Lapses, WhatExpiresIsFoundInOrderAndReadOnFromAnyPlace)
{
    TestStore store;
    store.act([](Writing& w) {
        for (int i = 1; i <= 6; ++i) {
            auto const name = "u" + std::to_string(i) + ".example.org";
            auto domain = test_domain(name);
            domain.expires = from_millis(10 * i);
            w.put(domain);
            auto mailbox = test_mailbox("a@" + name);
            mailbox.expires = from_millis(10 * i);
            w.put(mailbox);
            auto deleted = test_mailbox("c@" + name);
            deleted.expires = from_millis(10 * i);
            deleted.state = mail::MailboxState::deleted;
            w.put(deleted);
            auto alias = test_alias("b@" + name, {"a@" + name});
            alias.expires = from_millis(10 * i + 5);
            w.put(alias);
        }
        w.put(test_mailbox("never@example.org"));
    });
    auto const all = store.read([](Reading& r) { return r.expiring({}, from_millis(50), 1000); });
    ASSERT_EQ(all.size(), 14U);
    std::vector<Lapse> pieces;
    for (;;) {
        auto const after = pieces.empty() ? Lapse{} : pieces.back();
        auto const some = store.read([&](Reading& r) { return r.expiring(after, from_millis(50), 4); });
        if (some.empty()) break;
        pieces.insert(pieces.end(), some.begin(), some.end());
    }
    ASSERT_EQ(pieces.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(pieces[i].id, all[i].id);
        EXPECT_EQ(pieces[i].kind, all[i].kind);
        EXPECT_LE(all[i == 0 ? 0 : i - 1].at, all[i].at);
    }
    EXPECT_TRUE(store.read([](Reading& r) { return r.expiring({}, from_millis(9), 10); }).empty());
}

TEST(Lapses, DeletedMailboxesAreFoundWhenTheyMayNoLongerBeRestored)
{
    TestStore store;
    auto gone = test_mailbox("a@example.org");
    gone.state = mail::MailboxState::deleted;
    gone.restorable_until = from_millis(100);
    store.act([&](Writing& w) { w.put(gone); });
    EXPECT_TRUE(store.read([](Reading& r) { return r.past_restoring(from_millis(99), 10); }).empty());
    auto const found = store.read([](Reading& r) { return r.past_restoring(from_millis(100), 10); });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, gone.id.text());
    gone.state = mail::MailboxState::active;
    store.act([&](Writing& w) { w.put(gone); });
    EXPECT_TRUE(store.read([](Reading& r) { return r.past_restoring(from_millis(100), 10); }).empty());
}

}  // namespace
}  // namespace provost::store
