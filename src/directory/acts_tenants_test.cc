// SPDX-License-Identifier: Apache-2.0
// That a domain made again under an old name hands nothing of the last one's over.
#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;

namespace {

struct TenantsTest : ActsTest {
    TenantsTest()
    {
        next.by = {{"next", "local"}, Authority(mail::Role::domain_admin, {.domains = {"example.test"}}, false)};
    }
    void make_again()
    {
        ASSERT_TRUE(house.acts.delete_domain(house.request(), "example.test", true));
        ASSERT_TRUE(house.acts.add_domain(house.request(), "example.test", {}));
    }
    std::size_t deleted_seen() { return house.acts.deleted_mailboxes(next.by, "*", {}, 10)->size(); }

    Request next = TestHouse::request();
};

}  // namespace

TEST_F(TenantsTest, WhatWasDeletedInTheLastDomainOfThatNameIsNotThere)
{
    auto const id = house.acts.mailbox(house.root(), "bob@example.test")->mailbox.id.text();
    make_again();
    EXPECT_EQ(deleted_seen(), 0U);
    EXPECT_FALSE(house.acts.mailbox(next.by, "bob@example.test"));
    auto const refused = [](Result<Done> const& outcome) {
        return !outcome && outcome.error().fault == Fault::not_found;
    };
    EXPECT_TRUE(refused(house.acts.restore_mailbox(next, "bob@example.test", {})));
    EXPECT_TRUE(refused(house.acts.restore_mailbox(next, "bob@example.test", {.as = {}, .id = id})));
    EXPECT_TRUE(refused(house.acts.purge_mailbox(next, "bob@example.test", {})));
    EXPECT_TRUE(refused(house.acts.purge_mailbox(next, {}, id)));
    EXPECT_TRUE(refused(house.acts.add_mailbox(next, "bob@example.test", {}, std::nullopt, OldMailbox::adopt)));
    // Its name is as free as any other, and nothing tells that it was another's.
    auto const added = house.acts.add_mailbox(next, "bob@example.test", {}, std::nullopt);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_TRUE(added->notes.empty());
    // Who runs the site has both.
    EXPECT_EQ(house.acts.deleted_mailboxes(house.root(), "*", {}, 10)->size(), 2U);
    EXPECT_TRUE(house.acts.restore_mailbox(house.request(), "alice@example.test", {}));
}

TEST_F(TenantsTest, WhatIsDeletedInTheDomainAsItIsCanBeHadBack)
{
    ASSERT_TRUE(house.acts.delete_mailbox(next, "bob@example.test"));
    EXPECT_EQ(deleted_seen(), 1U);
    EXPECT_TRUE(house.acts.restore_mailbox(next, "bob@example.test", {}));
    ASSERT_TRUE(house.acts.delete_mailbox(next, "bob@example.test"));
    // Under another name it is the same domain.
    ASSERT_TRUE(house.acts.rename_domain(house.request(), "example.test", {"example.org", false}));
    next.by.authority = Authority(mail::Role::domain_admin, {.domains = {"example.org"}}, false);
    EXPECT_EQ(deleted_seen(), 1U);
    EXPECT_TRUE(house.acts.restore_mailbox(next, "bob@example.org", {}));
}

TEST_F(TenantsTest, WhatWasRestoredToTheNewDomainIsOfTheNewOne)
{
    make_again();
    ASSERT_TRUE(house.acts.restore_mailbox(house.request(), "bob@example.test", {}));
    ASSERT_TRUE(house.acts.delete_mailbox(next, "bob@example.test"));
    EXPECT_EQ(deleted_seen(), 1U);
}

TEST_F(TenantsTest, TheAuditBeginsWithTheDomain)
{
    make_again();
    ASSERT_TRUE(house.acts.add_mailbox(next, "carol@example.test", {}, std::nullopt));
    auto const subjects = [&](Caller const& by, std::string_view mask) {
        std::string out;
        auto const found = house.acts.audit(by, mask, 1'000'000, 100);
        for (auto const& entry : *found) out += entry.act + " ";
        return out;
    };
    EXPECT_EQ(subjects(next.by, "*"), "mailbox.add domain.add ");
    EXPECT_EQ(subjects(next.by, "bob@example.test"), "");
    EXPECT_NE(subjects(house.root(), "bob@example.test"), "");
    // What becomes of the mailboxes that were deleted in the last one is not its own either.
    auto const purged = house.record->act({}, [](store::Writing& writing) -> Result<void> {
        for (auto const* subject : {"bob@example.test", "carol@example.test"})
            for (auto const* act : {"mailbox.set", "mailbox.purge"}) writing.audit_act(act, subject, "{}", "{}");
        return {};
    });
    ASSERT_TRUE(purged);
    EXPECT_EQ(subjects(next.by, "*"), "mailbox.purge mailbox.set mailbox.add domain.add ");
    ASSERT_TRUE(house.acts.add_domain(house.request(), "example.net", {}));
    ASSERT_TRUE(house.acts.delete_domain(house.request(), "example.net", true));
    ASSERT_TRUE(house.acts.rename_domain(house.request(), "example.test", {"example.net", false}));
    next.by.authority = Authority(mail::Role::domain_admin, {.domains = {"example.net"}}, false);
    EXPECT_EQ(subjects(next.by, "*"), "domain.rename mailbox.rename ")
        << "what the last of that name did is not its own";
}

TEST_F(TenantsTest, NobodyRestoresTheMailboxOfAnAdminWhoMayMore)
{
    AdminChange change;
    change.role = mail::Role::site_admin;
    change.mailbox = "bob@example.test";
    ASSERT_TRUE(house.acts.add_admin(house.request(), "bob", change));
    ASSERT_TRUE(house.acts.delete_mailbox(house.request(), "bob@example.test"));
    auto const outcome = house.acts.restore_mailbox(next, "bob@example.test", {});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::denied);
}
