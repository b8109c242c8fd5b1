// SPDX-License-Identifier: Apache-2.0
#include "replica/snapshot.h"

#include <thread>

#include "replica/test_follow.h"

namespace provost::replica {
namespace {

using store::test_alias;
using store::test_domain;
using store::test_mailbox;
using store::Writing;

TEST(SnapshotOfCopy, NamesThatCannotBeKeysAreNotThere)
{
    Followed site;
    site.act([](Writing&) {});
    Held const held(*site.replica);
    for (auto const& name : {std::string(), std::string(100000, 'x'), std::string("a\0b", 3)}) {
        EXPECT_EQ(held->entry(name).kind, mail::Entry::Kind::none);
        EXPECT_FALSE(held->domain(name));
        EXPECT_FALSE(held->owner_of_login(name));
        EXPECT_FALSE(held->deleted_mailbox(name));
        EXPECT_TRUE(held->mailbox_names(name, 10).empty());
    }
}

TEST(SnapshotOfCopy, NamesAreListedInPagesWithoutAliasesAndDeletedOnes)
{
    Followed site;
    std::vector<std::string> all;
    site.act([&](Writing& w) {
        for (int i = 100; i < 150; ++i) {
            all.push_back("u" + std::to_string(i) + "@example.org");
            w.put(test_mailbox(all.back()));
            w.put(test_alias("u" + std::to_string(i) + ".alias@example.org", {all.back()}));
        }
        auto gone = test_mailbox("u101b@example.org");
        gone.state = mail::MailboxState::deleted;
        w.put(gone);
    });
    std::vector<std::string> found;
    for (;;) {
        Held const held(*site.replica);
        auto const some = held->mailbox_names(found.empty() ? "" : found.back(), 7);
        found.insert(found.end(), some.begin(), some.end());
        if (some.empty()) break;
    }
    EXPECT_EQ(found, all);
}

TEST(SnapshotOfCopy, TheMostRecentlyDeletedMailboxOfANameIsFound)
{
    Followed site;
    auto domain = test_domain("example.org");
    domain.limits.default_quota = Limit::of(7);
    auto older = test_mailbox("jane@example.org");
    older.state = mail::MailboxState::deleted;
    older.restorable_until = from_millis(5);
    auto newer = older;
    newer.id = MailboxId::make();
    newer.restorable_until = from_millis(6);
    site.act([&](Writing& w) {
        w.put(domain);
        w.put(newer);
        w.put(older);
    });
    {
        Held const held(*site.replica);
        ASSERT_TRUE(held->deleted_mailbox("jane@example.org"));
        EXPECT_EQ(held->deleted_mailbox("jane@example.org")->id, newer.id.text());
        EXPECT_EQ(held->deleted_mailbox("jane@example.org")->name, "jane@example.org");
        EXPECT_EQ(held->deleted_mailbox("jane@example.org")->quota_bytes, 7);
        EXPECT_FALSE(held->deleted_mailbox("jane@example.or"));
        EXPECT_EQ(held->entry("jane@example.org").kind, mail::Entry::Kind::none);
    }
    site.act([&](Writing& w) { w.remove(newer.id); });
    EXPECT_EQ(Held(*site.replica)->deleted_mailbox("jane@example.org")->id, older.id.text());
}

TEST(SnapshotOfCopy, ASnapshotStaysAsItWasUntilItIsReleased)
{
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("a@example.org")); });
    site.replica->release();
    auto const& snapshot = site.replica->snapshot();
    auto const name = snapshot.entry("a@example.org").mailbox.name;
    std::thread([&] { site.act([](Writing& w) { w.put(test_mailbox("b@example.org")); }); }).join();
    EXPECT_EQ(site.replica->snapshot().entry("b@example.org").kind, mail::Entry::Kind::none);
    EXPECT_EQ(name, "a@example.org");
    site.replica->release();
    EXPECT_EQ(site.replica->snapshot().entry("b@example.org").kind, mail::Entry::Kind::mailbox);
    site.replica->release();
}

TEST(SnapshotOfCopy, TheContentIsAnotherAfterEachActAndTheSameBetween)
{
    Followed site;
    auto const jane = test_mailbox("jane@example.org");
    auto const content = [&] { return Held(*site.replica)->content(); };
    site.act([&](Writing& w) { w.put(jane); });
    auto const first = content();
    EXPECT_EQ(content(), first);
    site.see(jane.id, {.bytes = 5, .messages = 2});
    EXPECT_EQ(content(), first) << "how full a mailbox is changes no answer";
    site.act([](Writing& w) { w.put(test_mailbox("john@example.org")); });
    EXPECT_NE(content(), first);
}

TEST(SnapshotOfCopy, TheContentOfAnotherCopyIsAnother)
{
    Followed one;
    Followed other;
    for (auto* site : {&one, &other}) site->act([](Writing&) {});
    EXPECT_NE(Held(*one.replica)->content(), Held(*other.replica)->content());
}

}  // namespace
}  // namespace provost::replica
