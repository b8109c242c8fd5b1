// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "store/pages.h"
#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(Observations, UsageFindsItsMailboxByAnyNameItHasOrHad)
{
    TestStore store;
    auto jane = test_mailbox("jane@example.org");
    jane.logins = {"jane"};
    jane.former_names = {"old@example.org"};
    auto const position = store.act([&](Writing& w) { w.put(jane); });
    for (auto const* name : {"jane@example.org", "jane", "old@example.org"}) {
        SCOPED_TRACE(name);
        auto const bytes = static_cast<std::int64_t>(std::string_view(name).size());
        store->observe_usage({{"nobody@example.org", {}}, {name, {bytes, 2, from_millis(3)}}});
        auto const usage = store.read([&](Reading& r) { return r.usage(jane.id.text()); });
        ASSERT_TRUE(usage);
        EXPECT_EQ(usage->bytes, bytes);
        EXPECT_EQ(usage->messages, 2);
        EXPECT_EQ(usage->at, from_millis(3));
    }
    EXPECT_EQ(store.read([](Reading& r) { return r.position(); }), position);
    store.act([&](Writing& w) { w.remove(jane.id); });
    EXPECT_FALSE(store.read([&](Reading& r) { return r.usage(jane.id.text()); }));
}

TEST(Observations, EveryUsageIsReadOnce)
{
    TestStore store;
    std::map<std::string, std::int64_t> expected;
    std::vector<std::pair<std::string, Usage>> seen;
    store.act([&](Writing& w) {
        for (int i = 0; i < 2 * page + 1; ++i) {
            auto const mailbox = test_mailbox("u" + std::to_string(i) + "@example.org");
            w.put(mailbox);
            if (i % 2 == 0) continue;
            expected[mailbox.id.text()] = i;
            seen.emplace_back(mailbox.name, Usage{i, 3, from_millis(4)});
        }
    });
    store->observe_usage(seen);
    std::map<std::string, std::int64_t> found;
    store->read([&](Reading& r) {
        r.every_usage([&](std::string_view id, Usage const& usage) {
            EXPECT_TRUE(found.emplace(id, usage.bytes).second) << id;
            EXPECT_EQ(usage.messages, 3);
            EXPECT_EQ(usage.at, from_millis(4));
        });
    });
    EXPECT_EQ(found, expected);
}

TEST(Observations, WhatIsSeenOfANameIsOfWhoeverHeldItThen)
{
    TestStore store;
    auto const wait = [](Time moment) {
        while (now() <= moment) continue;
        return now();
    };
    auto first = test_mailbox("a@example.org");
    store.act([&](Writing& w) { w.put(first); });
    auto const then = wait(now());
    first.name = "b@example.org";
    first.former_names = {"a@example.org"};
    wait(then);
    store.act([&](Writing& w) { w.put(first); });
    auto const between = wait(now());
    auto second = test_mailbox("a@example.org");
    wait(between);
    store.act([&](Writing& w) { w.put(second); });
    auto const after = wait(now());

    auto const bytes = [&](mail::Mailbox const& mailbox) {
        auto const usage = store.read([&](Reading& r) { return r.usage(mailbox.id.text()); });
        return usage ? usage->bytes : -1;
    };
    store->observe_usage({{"a@example.org", {1, 0, then}}});
    EXPECT_EQ(bytes(first), 1);
    store->observe_usage({{"a@example.org", {2, 0, between}}});
    EXPECT_EQ(bytes(first), 2) << "a former name, while nobody else has it";
    EXPECT_EQ(bytes(second), -1);
    store->observe_usage({{"a@example.org", {3, 0, after}}});
    EXPECT_EQ(bytes(first), 2);
    EXPECT_EQ(bytes(second), 3);
    store->observe_sign_ins({{"a@example.org", "imap", "", then}, {"a@example.org", "pop3", "", after}});
    EXPECT_EQ(store.read([&](Reading& r) { return r.last_logins(first.id.text()); }).at(0).first, "imap");
    EXPECT_EQ(store.read([&](Reading& r) { return r.last_logins(second.id.text()); }).at(0).first, "pop3");

    // A deleted one is still meant until somebody else has the name; a purged one is not, and neither is who was
    // before.
    second.state = mail::MailboxState::deleted;
    store.act([&](Writing& w) { w.put(second); });
    store->observe_usage({{"a@example.org", {4, 0, now()}}});
    EXPECT_EQ(bytes(second), 4);
    store.act([&](Writing& w) { w.remove(second.id); });
    store->observe_usage({{"a@example.org", {5, 0, now()}}});
    EXPECT_EQ(bytes(first), 2);
}

TEST(Observations, TheLatestSignInOfEachServiceIsKept)
{
    TestStore store;
    auto const jane = test_mailbox("jane@example.org");
    store.act([&](Writing& w) { w.put(jane); });
    store->observe_sign_ins({{"jane@example.org", "imap", "192.0.2.1", from_millis(5)},
                             {"jane@example.org", "imap", "192.0.2.2", from_millis(9)},
                             {"jane@example.org", "imap", "192.0.2.3", from_millis(7)},
                             {"jane@example.org", "pop3", "192.0.2.4", from_millis(1)},
                             {"nobody@example.org", "imap", "192.0.2.4", from_millis(1)}});
    auto const found = store.read([&](Reading& r) { return r.last_logins(jane.id.text()); });
    std::vector<std::pair<std::string, Time>> const expected = {{"imap", from_millis(9)}, {"pop3", from_millis(1)}};
    EXPECT_EQ(found, expected);
    store.act([&](Writing& w) { w.remove(jane.id); });
    EXPECT_TRUE(store.read([&](Reading& r) { return r.last_logins(jane.id.text()); }).empty());
}

}  // namespace
}  // namespace provost::store
