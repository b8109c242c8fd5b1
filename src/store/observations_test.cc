// SPDX-License-Identifier: Apache-2.0
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
