// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "store/test_store.h"

namespace provost::store {
namespace {

Result<Position> attempt(TestStore& store, std::function<void(Writing&)> const& what)
{
    return store->act({}, [&](Writing& w) -> Result<void> {
        what(w);
        return {};
    });
}

std::optional<std::string> owner(TestStore& store, std::string_view name)
{
    return store.read([&](Reading& r) { return r.owner_of_name(name); });
}

TEST(Names, ANameIsHeldOnceWhoeverWantsIt)
{
    TestStore store;
    auto jane = test_mailbox("jane@example.org");
    jane.logins = {"jane"};
    auto const alias = test_alias("info@example.org", {"jane@example.org"});
    store.act([&](Writing& w) {
        w.put(jane);
        w.put(alias);
    });
    EXPECT_EQ(owner(store, "jane"), "mailbox:" + jane.id.text());
    EXPECT_EQ(owner(store, "info@example.org"), "alias:" + alias.id.text());
    EXPECT_EQ(owner(store, "nobody"), std::nullopt);

    auto login_of_other = test_mailbox("joe@example.org");
    login_of_other.logins = {"jane@example.org"};
    struct {
        std::function<void(Writing&)> act;
        char const* message;
    } const cases[] = {
        {[&](Writing& w) { w.put(test_mailbox("jane@example.org")); },
         "jane@example.org is taken: it is the address of mailbox jane@example.org"},
        {[&](Writing& w) { w.put(test_mailbox("jane")); },
         "jane is taken: it is the login of mailbox jane@example.org"},
        {[&](Writing& w) { w.put(test_mailbox("info@example.org")); },
         "info@example.org is taken: it is the address of alias info@example.org"},
        {[&](Writing& w) { w.put(test_alias("jane@example.org", {})); },
         "jane@example.org is taken: it is the address of mailbox jane@example.org"},
        {[&](Writing& w) { w.put(login_of_other); },
         "jane@example.org is taken: it is the address of mailbox jane@example.org"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.message);
        auto const done = attempt(store, c.act);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().fault, Fault::conflict);
        EXPECT_EQ(done.error().message, c.message);
    }
    EXPECT_EQ(store.read([](Reading& r) { return r.position().revision; }), 1U);
}

TEST(Names, AFormerNameGoesToWhoeverWantsIt)
{
    TestStore store;
    auto jane = test_mailbox("new@example.org");
    jane.former_names = {"a@example.org", "b@example.org"};
    auto const start = store.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(owner(store, "a@example.org"), std::nullopt);

    auto const joe = test_mailbox("a@example.org");
    store.act([&](Writing& w) { w.put(joe); });
    EXPECT_EQ(owner(store, "a@example.org"), "mailbox:" + joe.id.text());
    EXPECT_EQ(store.mailbox("new@example.org")->former_names, std::vector<std::string>{"b@example.org"});
    EXPECT_EQ(store.read([&](Reading& r) { return r.changes(start, 10); })->size(), 2U);

    // Said again by one who does not know yet, it stays with its new owner.
    store.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(store.mailbox("new@example.org")->former_names, std::vector<std::string>{"b@example.org"});
    EXPECT_EQ(owner(store, "a@example.org"), "mailbox:" + joe.id.text());
}

TEST(Names, ADeletedMailboxFreesItsNamesAndClaimsThemAgainWhenRestored)
{
    TestStore store;
    auto jane = test_mailbox("jane@example.org");
    jane.logins = {"jane"};
    jane.former_names = {"was@example.org"};
    store.act([&](Writing& w) { w.put(jane); });
    jane.state = mail::MailboxState::deleted;
    store.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(owner(store, "jane"), std::nullopt);
    EXPECT_EQ(store.deleted_mailbox("jane@example.org"), jane);

    auto const next = test_mailbox("jane@example.org");
    store.act([&](Writing& w) { w.put(next); });
    jane.state = mail::MailboxState::active;
    EXPECT_FALSE(attempt(store, [&](Writing& w) { w.put(jane); }));
    store.act([&](Writing& w) { w.remove(next.id); });
    store.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(owner(store, "jane"), "mailbox:" + jane.id.text());
    EXPECT_EQ(store.mailbox("jane@example.org"), jane);
}

TEST(Names, ARenameKeepsTheOldNameAsAFormerOne)
{
    TestStore store;
    auto jane = test_mailbox("a@example.org");
    store.act([&](Writing& w) { w.put(jane); });
    jane.name = "b@example.org";
    jane.former_names = {"a@example.org"};
    store.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(store.mailbox("b@example.org"), jane);
    EXPECT_EQ(store.mailbox("a@example.org"), std::nullopt);
    jane.name = "a@example.org";
    jane.former_names = {"b@example.org"};
    store.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(store.mailbox("a@example.org"), jane);
}

TEST(Names, OfTwoWhoWantANameAtOnceOneGetsIt)
{
    TestStore store;
    std::atomic<int> got = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            auto const done = attempt(store, [&](Writing& w) {
                if (t % 2 == 0) w.put(test_mailbox("wanted@example.org"));
                else w.put(test_alias("wanted@example.org", {"a@example.org"}));
            });
            if (done) ++got;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(got, 1);
}

}  // namespace
}  // namespace provost::store
