// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::addrs;

namespace {

struct RestoreTest : ActsTest {
    mail::Mailbox remove(std::string_view name)
    {
        house.clock_is_ahead += std::chrono::seconds(1);  // no two at the same time
        auto const done = house.acts.delete_mailbox(house.request(), name);
        EXPECT_TRUE(done) << done.error().message;
        return house.acts.mailbox(house.root(), name)->mailbox;
    }
    Result<Done> restore(std::string_view name, Restoring const& wish = {})
    {
        return house.acts.restore_mailbox(house.request(), name, wish);
    }
    Result<Done> add_again(std::string_view name, std::optional<OldMailbox> old, MailboxChange const& change = {})
    {
        return house.acts.add_mailbox(house.request(), name, change, NewPassword{Secret("new words here"), ""}, old);
    }
    mail::Mailbox mailbox(std::string_view name) { return house.acts.mailbox(house.root(), name)->mailbox; }
};

}  // namespace

TEST_F(RestoreTest, WhatComesBackIsWhatWasDeleted)
{
    MailboxChange change;
    change.forwards = addrs({"alice@example.test", "joe@elsewhere.test"});
    change.logins = {"bob", "robert@example.test"};
    change.state = mail::MailboxState::receive_only;
    change.quota_bytes = Limit::of(5);
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    ASSERT_TRUE(house.acts.set_password(house.request(), "bob@example.test", {Secret("correct horse"), ""}));
    MailboxChange shared;
    shared.kind = mail::MailboxKind::shared;
    shared.members = {{"bob@example.test", 7}};
    add("team", shared);
    ASSERT_TRUE(alias("info@example.test", addrs({"bob@example.test"})));
    auto const before = house.acts.mailbox(house.root(), "bob@example.test");

    EXPECT_EQ(remove("bob@example.test").state_before, mail::MailboxState::receive_only);
    auto const done = restore("Bob@example.test");
    ASSERT_TRUE(done) << done.error().message;
    auto const after = house.acts.mailbox(house.root(), "bob@example.test");
    EXPECT_EQ(after->mailbox, before->mailbox);
    EXPECT_EQ(after->credentials, before->credentials);
    EXPECT_EQ(after->aliases, before->aliases);
    EXPECT_EQ(mailbox("team@example.test").members.front().name, "bob@example.test");
    EXPECT_EQ(done->notes, Notes{"its mail goes on to alice@example.test, joe@elsewhere.test again"});
    EXPECT_EQ(house.acts.audit(house.root(), "*", 1'000'000, 1)->front().act, "mailbox.restore");
}

TEST_F(RestoreTest, WhatWasSuspendedComesBackSuspended)
{
    ASSERT_TRUE(house.acts.disable_mailbox(house.request(), "bob@example.test", mail::Suspension::hold));
    remove("bob@example.test");
    ASSERT_TRUE(restore("bob@example.test"));
    EXPECT_EQ(mailbox("bob@example.test").state, mail::MailboxState::suspended);
    EXPECT_EQ(mailbox("bob@example.test").suspension, mail::Suspension::hold);
}

TEST_F(RestoreTest, AnAddressThatIsAnothersByNowIsAConflictThatSaysWhatToDo)
{
    auto const old = remove("bob@example.test");
    ASSERT_TRUE(add_again("bob@example.test", OldMailbox::set_aside));
    stand();
    expect_refused(restore("bob@example.test"), "name",
                   "is a mailbox already; restore it under another address (--as)");
    expect_refused(restore("bob@example.test", {.as = "alice@example.test", .id = ""}), "as", "is a mailbox already");
    auto const done = restore("bob@example.test", {.as = "Old.Bob@example.test", .id = ""});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->subject, "old.bob@example.test");
    EXPECT_EQ(mailbox("old.bob@example.test").id, old.id);
    EXPECT_EQ(mailbox("old.bob@example.test").store, old.store);
    EXPECT_NE(mailbox("bob@example.test").id, old.id);

    remove("alice@example.test");
    ASSERT_TRUE(alias("alice@example.test", addrs({"bob@example.test"})));
    stand();
    expect_refused(restore("alice@example.test"), "name", "is an alias already; restore it under another");
}

TEST_F(RestoreTest, AliasesThatNameTheOldAddressAreTold)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"bob@example.test"})));
    remove("bob@example.test");
    auto const done = restore("bob@example.test", {.as = "robert@example.test", .id = ""});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes, Notes{"alias info@example.test still names bob@example.test"});
}

TEST_F(RestoreTest, OfSeveralTheOneKeptLongestComesBackUnlessItsIdIsSaid)
{
    std::vector<MailboxId> ids;
    ids.push_back(remove("bob@example.test").id);
    while (ids.size() < 3) {
        ASSERT_TRUE(add_again("bob@example.test", OldMailbox::set_aside));
        ids.push_back(remove("bob@example.test").id);
    }
    auto const shown = house.acts.deleted_mailboxes(house.root(), "*@example.test", {}, 10);
    ASSERT_EQ(shown->size(), 3U);
    auto const rest = house.acts.deleted_mailboxes(house.root(), "*", {"bob@example.test", (*shown)[0].id.text()}, 10);
    EXPECT_EQ(*rest, (std::vector<mail::Mailbox>{(*shown)[1], (*shown)[2]}));
    EXPECT_TRUE(house.acts.deleted_mailboxes(house.root(), "a*", {}, 10)->empty());

    stand();
    expect_refused(restore("bob@example.test", {.as = {}, .id = new_uuid()}), "id", "is not that of a deleted mailbox");
    expect_refused(restore("alice@example.test"), "name", "is not a deleted mailbox");
    ASSERT_TRUE(restore("bob@example.test", {.as = {}, .id = ids[1].text()}));
    EXPECT_EQ(mailbox("bob@example.test").id, ids[1]);
    remove("bob@example.test");
    ASSERT_TRUE(restore("bob@example.test", {.as = {}, .id = ids[0].text()}));
    remove("bob@example.test");
    ASSERT_TRUE(restore("bob@example.test"));
    EXPECT_EQ(mailbox("bob@example.test").id, ids[0]);
}

TEST_F(RestoreTest, ADomainThatIsGoneIsAConflictThatSaysToAddIt)
{
    remove("alice@example.test");
    remove("bob@example.test");
    ASSERT_TRUE(house.acts.delete_domain(house.request(), "example.test"));
    stand();
    expect_refused(restore("bob@example.test"), "name", "add the domain first");
    ASSERT_TRUE(house.acts.add_domain(house.request(), "example.test", {}));
    EXPECT_TRUE(restore("bob@example.test"));
}

TEST_F(RestoreTest, LimitsHoldForWhatComesBack)
{
    remove("bob@example.test");
    DomainChange change;
    change.mailboxes = Limit::of(1);
    ASSERT_TRUE(limit(change));
    stand();
    expect_refused(restore("bob@example.test"), "max_mailboxes", "may have 1");
    change.mailboxes = Limit::of(2);
    ASSERT_TRUE(limit(change));
    EXPECT_TRUE(restore("bob@example.test"));
}

TEST_F(RestoreTest, ALoopThatItWouldCloseIsRefused)
{
    MailboxChange change;
    change.forwards = addrs({"alice@example.test"});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    AliasChange robert;
    robert.targets = addrs({"bob@example.test"});
    ASSERT_TRUE(house.acts.add_alias(house.request(), "robert@example.test", robert));
    remove("bob@example.test");
    change.forwards = addrs({"robert@example.test"});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "alice@example.test", change));
    stand();
    expect_refused(restore("bob@example.test"), "forwards", "leads back");
}

TEST_F(RestoreTest, NothingNewLeadsToWhoIsDeletedAlsoWhereACatchAllIs)
{
    DomainChange rest;
    rest.catch_all = addrs({"joe@elsewhere.test"});
    ASSERT_TRUE(limit(rest));
    remove("bob@example.test");
    MailboxChange change;
    change.forwards = addrs({"bob@example.test"});
    stand();
    expect_refused(house.acts.set_mailbox(house.request(), "alice@example.test", change), "forwards", "is deleted");
}

TEST_F(RestoreTest, ALoginThatIsAnothersByNowIsLeftOut)
{
    MailboxChange change;
    change.logins = {"bob", "robert"};
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    remove("bob@example.test");
    change.logins = {"bob"};
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "alice@example.test", change));
    auto const done = restore("bob@example.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes, Notes{"its login bob is another's by now, and was left out"});
    EXPECT_EQ(mailbox("bob@example.test").logins, std::vector<std::string>{"robert"});
}

TEST_F(RestoreTest, ANameWhoseOldMailboxIsKeptAsksWhatIsMeant)
{
    auto const old = remove("bob@example.test");
    stand();
    expect_refused(add_again("Bob@example.test", {}), "old_mailbox", "(--adopt) or starts empty (--set-aside)");
    auto const again = add_again("bob@example.test", OldMailbox::set_aside);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_NE(again->notes.front().find("starts empty"), std::string::npos);
    EXPECT_NE(mailbox("bob@example.test").store.name, old.store.name);
    EXPECT_EQ(house.acts.deleted_mailboxes(house.root(), "*", {}, 10)->front().id, old.id);
    EXPECT_TRUE(add_again("carol@example.test", OldMailbox::set_aside)) << "there is nothing to set aside";
    stand();
    expect_refused(add_again("dave@example.test", OldMailbox::adopt), "name", "is not a deleted mailbox");
    expect_refused(add_again("alice@example.test", OldMailbox::adopt), "name", "is a mailbox already");
}

TEST_F(RestoreTest, WhoAdoptsHasTheMailAndNoneOfThePasswords)
{
    MailboxChange change;
    change.quota_bytes = Limit::of(5);
    change.display_name = "Bob";
    change.expires = now() + std::chrono::hours(1);
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    ASSERT_TRUE(house.acts.set_password(house.request(), "bob@example.test", {Secret("correct horse"), ""}));
    ASSERT_TRUE(house.acts.disable_mailbox(house.request(), "bob@example.test", mail::Suspension::refuse));
    auto const old = remove("bob@example.test");
    auto const passwords = house.acts.mailbox(house.root(), "bob@example.test")->credentials;
    house.clock_is_ahead = std::chrono::hours(2);
    change = {};
    change.display_name = "Bobby";
    auto const done = add_again("bob@example.test", OldMailbox::adopt, change);
    ASSERT_TRUE(done) << done.error().message;
    auto const now_there = house.acts.mailbox(house.root(), "bob@example.test");
    EXPECT_EQ(now_there->mailbox.id, old.id);
    EXPECT_EQ(now_there->mailbox.store, old.store);
    EXPECT_EQ(now_there->mailbox.state, mail::MailboxState::active);
    EXPECT_EQ(now_there->mailbox.expires, std::nullopt);
    EXPECT_EQ(now_there->mailbox.display_name, "Bobby");
    EXPECT_EQ(now_there->mailbox.quota_bytes, Limit::of(5));
    ASSERT_EQ(now_there->credentials.size(), 1U);
    EXPECT_NE(now_there->credentials.front().id, passwords.front().id);
    EXPECT_EQ(house.acts.audit(house.root(), "*", 1'000'000, 1)->front().act, "mailbox.adopt");
}

TEST_F(RestoreTest, WhoAdoptsDoesNotHaveHisPasswordsSentToTheLastOwner)
{
    MailboxChange change;
    change.recovery_address = mail::addr("bob@private.test");
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    remove("bob@example.test");
    auto const done = add_again("bob@example.test", OldMailbox::adopt);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(mailbox("bob@example.test").recovery_address, std::nullopt);
    EXPECT_NE(done->notes.front().find("bob@private.test was the last owner's"), std::string::npos);
    remove("bob@example.test");
    change.recovery_address = mail::addr("bobby@private.test");
    ASSERT_TRUE(add_again("bob@example.test", OldMailbox::adopt, change));
    EXPECT_EQ(mailbox("bob@example.test").recovery_address, mail::addr("bobby@private.test"));
}

TEST_F(RestoreTest, WhatIsAdoptedKeepsItsKind)
{
    MailboxChange change;
    change.kind = mail::MailboxKind::shared;
    add("team", change);
    remove("team@example.test");
    stand();
    change.kind = mail::MailboxKind::person;
    expect_refused(add_again("team@example.test", OldMailbox::adopt, change), "kind", "is not what");
    expect_refused(add_again("team@example.test", OldMailbox::adopt), "password", "no login of its own");
}

TEST_F(RestoreTest, WhatIsDeletedWhileTheClockIsBehindIsKeptAsLongAsEver)
{
    house.clock_is_ahead = -std::chrono::hours(24);
    auto const before = now();
    auto const gone = remove("bob@example.test");
    EXPECT_GE(*gone.restorable_until, before + std::chrono::hours(24 * 30) - std::chrono::minutes(1));
}

TEST_F(RestoreTest, WhatLedSomewhereMayLeadNowhereAndBeSwitchedOff)
{
    MailboxChange change;
    change.forwards = addrs({"alice@example.test"});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    ASSERT_TRUE(alias("info@example.test", addrs({"alice@example.test"})));
    DomainChange rest;
    rest.catch_all = addrs({"alice@example.test"});
    rest.archive_to = mail::addr("alice@example.test");
    ASSERT_TRUE(house.acts.add_domain(house.request(), "other.test", rest));
    remove("alice@example.test");
    EXPECT_TRUE(house.acts.disable_mailbox(house.request(), "bob@example.test", mail::Suspension::refuse));
    AliasChange off;
    off.enabled = false;
    EXPECT_TRUE(house.acts.set_alias(house.request(), "info@example.test", off));
    rest = {};
    rest.enabled = false;
    EXPECT_TRUE(house.acts.set_domain(house.request(), "other.test", rest));
    stand();
    change.forwards = addrs({"alice@example.test", "nobody@example.test"});
    expect_refused(house.acts.set_mailbox(house.request(), "bob@example.test", change), "forwards",
                   "'nobody@example.test' does not exist");
}
