// SPDX-License-Identifier: Apache-2.0
// What a domain's own admin may and may not, where the name that he acts upon is his.
#include <gtest/gtest.h>

#include "directory/test_house.h"
#include "mail/test_view.h"

using namespace provost;
using namespace provost::directory;
using mail::addrs;

namespace {

struct ActsRights : testing::Test {
    ActsRights()
    {
        for (auto const* domain : {"a.test", "b.test"}) {
            EXPECT_TRUE(house.acts.add_domain(TestHouse::request(), domain, {}));
            for (std::string const local : {"anna@", "bert@"})
                EXPECT_TRUE(house.acts.add_mailbox(TestHouse::request(), local + domain, {}, std::nullopt));
        }
        request.by = {{"admin of a", "local"}, Authority(mail::Role::domain_admin, {.domains = {"a.test"}}, false)};
    }
    template <class Outcome>
    static void expect(Outcome const& outcome, Fault fault, std::string const& words)
    {
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().fault, fault) << outcome.error().message;
        EXPECT_NE(outcome.error().message.find(words), std::string::npos) << outcome.error().message;
    }

    TestHouse house;
    Request request;
};

}  // namespace

TEST_F(ActsRights, ADomainsLimitsAndWhatItIsAreNotItsAdminsToSay)
{
    DomainChange own;
    own.description = "ours";
    own.catch_all = addrs({"anna@a.test"});
    EXPECT_TRUE(house.acts.set_domain(request, "a.test", own));
    auto const refused = [&](auto member, auto value, char const* field) {
        DomainChange change;
        change.*member = value;
        auto const outcome = house.acts.set_domain(request, "a.test", change);
        expect(outcome, Fault::denied, field);
        EXPECT_EQ(outcome.error().field, field);
        EXPECT_EQ(house.acts.position()->revision, 7U);
    };
    refused(&DomainChange::kind, mail::DomainKind::alias, "kind");
    refused(&DomainChange::enabled, true, "enabled");
    refused(&DomainChange::expires, std::optional<Time>(), "expires");
    refused(&DomainChange::maps_to, mail::DomainName::parse("b.test").value(), "maps_to");
    refused(&DomainChange::transport, "smtp:elsewhere", "transport");
    refused(&DomainChange::mailboxes, Limit::of(5), "max_mailboxes");
    refused(&DomainChange::aliases, Limit::unlimited(), "max_aliases");
    refused(&DomainChange::aliases_per_mailbox, Limit::unlimited(), "max_aliases_per_mailbox");
    refused(&DomainChange::external_aliases, Limit::unlimited(), "max_external_aliases");
    refused(&DomainChange::quota_per_mailbox, Limit::unlimited(), "max_quota");
    refused(&DomainChange::default_quota, Limit::unlimited(), "default_quota");
    refused(&DomainChange::total_quota, Limit::unlimited(), "total_quota");
}

TEST_F(ActsRights, ADomainsTotalIsNotEscapedByAMailboxWithoutABound)
{
    DomainChange total;
    total.total_quota = Limit::of(1000);
    ASSERT_TRUE(house.acts.set_domain(TestHouse::request(), "a.test", total));
    MailboxChange change;
    for (auto const quota : {Limit::unset(), Limit::unlimited(), Limit::of(1001)}) {
        change.quota_bytes = quota;
        expect(house.acts.add_mailbox(request, "new@a.test", change, std::nullopt), Fault::conflict, "quota: ");
    }
    change.quota_bytes = Limit::of(1000);
    EXPECT_TRUE(house.acts.add_mailbox(request, "new@a.test", change, std::nullopt));
}

TEST_F(ActsRights, NoNameOfAnotherDomainIsGivenAway)
{
    MailboxChange change;
    change.logins = {"boss@b.test"};
    expect(house.acts.set_mailbox(request, "anna@a.test", change), Fault::denied, "not in a domain of yours");
    change.logins = {"cyrus"};
    expect(house.acts.set_mailbox(request, "anna@a.test", change), Fault::denied, "not in a domain of yours");
    change.logins = {"a.n@a.test"};
    EXPECT_TRUE(house.acts.set_mailbox(request, "anna@a.test", change));
    // One that it was given by somebody else stays where it is said again.
    change.logins = {"anna", "a.n@a.test"};
    EXPECT_TRUE(house.acts.set_mailbox(TestHouse::request(), "anna@a.test", change));
    change.display_name = "Anna";
    EXPECT_TRUE(house.acts.set_mailbox(request, "anna@a.test", change));
}

TEST_F(ActsRights, ASharedMailboxHasMembersItsAdminMaySee)
{
    MailboxChange change;
    change.kind = mail::MailboxKind::shared;
    change.members = {{"bert@b.test", 1}};
    auto const foreign = house.acts.add_mailbox(request, "team@a.test", change, std::nullopt);
    expect(foreign, Fault::conflict, "members: 'bert@b.test' is not a mailbox here");
    change.members = {{"bert@a.test", 1}};
    EXPECT_TRUE(house.acts.add_mailbox(request, "team@a.test", change, std::nullopt));
    MailboxChange both;
    both.members = {{"bert@a.test", 1}, {"bert@b.test", 1}};
    EXPECT_TRUE(house.acts.set_mailbox(TestHouse::request(), "team@a.test", both));
    both.members->back().rights = 3;
    EXPECT_TRUE(house.acts.set_mailbox(request, "team@a.test", both));
}

TEST_F(ActsRights, HowMailIsDeliveredIsForWhoRunsTheSite)
{
    MailboxChange change;
    change.transport = "local:";
    expect(house.acts.set_mailbox(request, "anna@a.test", change), Fault::denied, "transport");
}

TEST_F(ActsRights, WhatItMayNotAdministerIsNotThereForIt)
{
    expect(house.acts.add_mailbox(request, "new@b.test", {}, std::nullopt), Fault::not_found, "not kept here");
    expect(house.acts.add_mailbox(request, "new@c.test", {}, std::nullopt), Fault::not_found, "not kept here");
    expect(house.acts.add_mailbox(request, "program", {}, std::nullopt), Fault::not_found, "not kept here");
    AliasChange alias;
    alias.targets = addrs({"anna@a.test"});
    expect(house.acts.add_alias(request, "info@b.test", alias), Fault::not_found, "not kept here");
    expect(house.acts.disable_mailbox(request, "anna@b.test", mail::Suspension::refuse), Fault::not_found,
           "is not a mailbox here");
    expect(house.acts.kick_mailbox(request, "anna@b.test"), Fault::not_found, "is not a mailbox here");
    expect(house.acts.add_domain(request, "c.test", {}), Fault::denied, "more than you may do");
    expect(house.acts.delete_domain(request, "a.test"), Fault::denied, "more than you may do");
}

TEST_F(ActsRights, NoRefusalAndNoNoteNamesWhatItMayNotSee)
{
    AliasChange there;
    there.targets = addrs({"anna@a.test"});
    EXPECT_TRUE(house.acts.add_alias(TestHouse::request(), "secret@b.test", there));
    EXPECT_TRUE(house.acts.mailbox(request.by, "anna@a.test")->aliases.empty());
    auto const gone = house.acts.delete_mailbox(request, "anna@a.test");
    ASSERT_TRUE(gone);
    for (auto const& note : gone->notes) EXPECT_EQ(note.find("secret@b.test"), std::string::npos) << note;

    AliasChange here;
    here.targets = addrs({"bert@a.test"});
    EXPECT_TRUE(house.acts.add_alias(request, "info@a.test", here));
    there.targets = addrs({"info@a.test"});
    EXPECT_TRUE(house.acts.set_alias(TestHouse::request(), "secret@b.test", there));
    expect(house.acts.delete_alias(request, "info@a.test"), Fault::conflict,
           "is named by an address of another domain");
    here.targets = addrs({"secret@b.test"});
    auto const loop = house.acts.set_alias(request, "info@a.test", here);
    expect(loop, Fault::conflict, "leads back to itself");
}

TEST_F(ActsRights, TheAuditOfItsDomainsIsIts)
{
    auto const entries = house.acts.audit(request.by, "*", 1'000'000, 100);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 3U);
    for (auto const& entry : *entries) EXPECT_TRUE(entry.subject.ends_with("a.test")) << entry.subject;
    expect(house.acts.pending_work(request.by, {}, 10), Fault::denied, "more than you may do");
}

TEST_F(ActsRights, AMailboxIsNeitherMovedNorRestoredToADomainThatIsNotHis)
{
    expect(house.acts.rename_mailbox(request, "anna@a.test", {"anna@c.test", false}), Fault::not_found,
           "not kept here");
    expect(house.acts.rename_mailbox(request, "anna@a.test", {"free@b.test", false}), Fault::not_found,
           "not kept here");
    for (auto const* name : {"anna@a.test", "anna@b.test"})
        ASSERT_TRUE(house.acts.delete_mailbox(TestHouse::request(), name));
    expect(house.acts.restore_mailbox(request, "anna@a.test", {.as = "free@b.test", .id = {}}), Fault::not_found,
           "not kept here");
    expect(house.acts.restore_mailbox(request, "anna@b.test", {.as = "free@a.test", .id = {}}), Fault::not_found,
           "not kept here");
    auto const deleted = house.acts.deleted_mailboxes(TestHouse::root(), "anna@b.test", {}, 1);
    expect(house.acts.purge_mailbox(request, {}, deleted->at(0).id.text()), Fault::not_found,
           "is not that of a deleted mailbox");
    EXPECT_EQ(house.acts.deleted_mailboxes(request.by, "*", {}, 10)->size(), 1U);
    EXPECT_TRUE(house.acts.restore_mailbox(request, "anna@a.test", {.as = "free@a.test", .id = {}}));
}

TEST_F(ActsRights, WhatFollowsInDomainsThatAreNotHisIsNotTold)
{
    AliasChange change;
    change.targets = addrs({"anna@a.test"});
    for (auto const* address : {"seen@a.test", "hidden@b.test"})
        ASSERT_TRUE(house.acts.add_alias(TestHouse::request(), address, change));
    auto const done = house.acts.rename_mailbox(request, "anna@a.test", {"free@a.test", false});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes.front(), "alias seen@a.test names free@a.test from now on");
    for (auto const& note : done->notes) EXPECT_EQ(note.find("b.test"), std::string::npos) << note;
    EXPECT_EQ(house.acts.alias(TestHouse::root(), "hidden@b.test")->targets, addrs({"free@a.test"}));
}

TEST_F(ActsRights, WhoAdoptsAMailboxDoesNotAdministerByIt)
{
    auto const anna = house.acts.mailbox(TestHouse::root(), "anna@a.test")->mailbox;
    mail::Admin admin{.id = AdminId::make(), .name = "anna", .role = mail::Role::domain_admin};
    admin.mailbox = mail::Named<MailboxId>{anna.id, anna.name};
    auto const added = house.record->act({}, [&](store::Writing& writing) -> Result<void> {
        writing.put(admin);
        return {};
    });
    ASSERT_TRUE(added);
    ASSERT_TRUE(house.acts.delete_mailbox(TestHouse::request(), "anna@a.test"));
    auto const done = house.acts.add_mailbox(request, "anna@a.test", {}, std::nullopt, OldMailbox::adopt);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes.front(), "admin anna was disabled: the mailbox is another's");
    house.record->read([](store::Reading& reading) { EXPECT_FALSE(reading.admin("anna")->enabled); });
}
