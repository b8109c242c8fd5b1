// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::addr;
using mail::addrs;

namespace {

struct RenameTest : ActsTest {
    Result<Done> rename(std::string_view name, std::string to, bool keep_address = false)
    {
        return house.acts.rename_mailbox(house.request(), name, {std::move(to), keep_address});
    }
    mail::Mailbox mailbox(std::string_view name) { return house.acts.mailbox(house.root(), name)->mailbox; }
};

}  // namespace

TEST_F(RenameTest, TheMailStaysAndTheOldNameIsAFormerOne)
{
    ASSERT_TRUE(house.acts.set_password(house.request(), "bob@example.test", {Secret("correct horse"), ""}));
    auto const before = house.acts.mailbox(house.root(), "bob@example.test");
    auto const done = rename("Bob@example.test", "Robert@example.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->subject, "robert@example.test");
    auto const after = house.acts.mailbox(house.root(), "robert@example.test");
    EXPECT_EQ(after->mailbox.id, before->mailbox.id);
    EXPECT_EQ(after->mailbox.store, before->mailbox.store);
    EXPECT_EQ(after->credentials, before->credentials);
    EXPECT_EQ(after->mailbox.former_names, std::vector<std::string>{"bob@example.test"});
    EXPECT_FALSE(house.acts.mailbox(house.root(), "bob@example.test"));
    auto const audit = house.acts.audit(house.root(), "robert@example.test", 1'000'000, 1);
    EXPECT_EQ(audit->front().act, "mailbox.rename");
    EXPECT_NE(audit->front().before.find("bob@example.test"), std::string::npos);
    auto const work = house.acts.pending_work(house.root(), {}, 10);
    EXPECT_EQ(work->back().detail, "bob@example.test\nrobert@example.test\n");
}

TEST_F(RenameTest, AndBackAgain)
{
    ASSERT_TRUE(rename("bob@example.test", "robert@example.test"));
    ASSERT_TRUE(rename("robert@example.test", "bob@example.test"));
    EXPECT_EQ(mailbox("bob@example.test").former_names, std::vector<std::string>{"robert@example.test"});
    stand();
    expect_refused(rename("bob@example.test", "BOB@example.test"), "to", "is its name already");
}

TEST_F(RenameTest, WhoeverNamesItNamesItByItsNewName)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"bob@example.test", "alice@example.test"})));
    ASSERT_TRUE(alias("lists@example.test", addrs({"bob+lists@example.test"})));
    MailboxChange forward;
    forward.forwards = addrs({"bob@example.test"});
    forward.recovery_address = addr("bob@example.test");
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "alice@example.test", forward));
    add("gone", forward);
    ASSERT_TRUE(house.acts.delete_mailbox(house.request(), "gone@example.test"));
    DomainChange rest;
    rest.catch_all = addrs({"bob@example.test"});
    rest.archive_to = addr("bob@example.test");
    ASSERT_TRUE(house.acts.add_domain(house.request(), "other.test", rest));

    auto const done = rename("bob@example.test", "robert@example.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(house.acts.alias(house.root(), "info@example.test")->targets,
              addrs({"robert@example.test", "alice@example.test"}));
    EXPECT_EQ(house.acts.alias(house.root(), "lists@example.test")->targets, addrs({"robert+lists@example.test"}));
    for (auto const* name : {"alice@example.test", "gone@example.test"}) {
        EXPECT_EQ(mailbox(name).forwards, addrs({"robert@example.test"})) << name;
        EXPECT_EQ(mailbox(name).recovery_address, addr("robert@example.test")) << name;
    }
    EXPECT_EQ(house.acts.domain(house.root(), "other.test")->domain.catch_all, addrs({"robert@example.test"}));
    EXPECT_EQ(house.acts.domain(house.root(), "other.test")->domain.archive_to, addr("robert@example.test"));
    EXPECT_NE(std::ranges::find(done->notes, "alias info@example.test names robert@example.test from now on"),
              done->notes.end());
    EXPECT_EQ(done->notes.size(), 6U) << "and that no proof was made";
    EXPECT_EQ(house.acts.audit(house.root(), "info@example.test", 1'000'000, 1)->front().act, "alias.set");
}

TEST_F(RenameTest, TheOldAddressMayStayAsAnAlias)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"bob@example.test"})));
    auto const done = rename("bob@example.test", "robert@example.test", true);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(house.acts.alias(house.root(), "bob@example.test")->targets, addrs({"robert@example.test"}));
    EXPECT_TRUE(mailbox("robert@example.test").former_names.empty()) << "the alias has it";
    EXPECT_EQ(house.acts.alias(house.root(), "info@example.test")->targets, addrs({"robert@example.test"}));

    DomainChange change;
    change.aliases = Limit::of(2);
    ASSERT_TRUE(limit(change));
    stand();
    expect_refused(rename("alice@example.test", "a@example.test", true), "max_aliases", "may have 2");
    MailboxChange service;
    service.kind = mail::MailboxKind::service;
    ASSERT_TRUE(house.acts.add_mailbox(house.request(), "backup", service, std::nullopt));
    stand();
    expect_refused(rename("backup", "archive", true), "keep_address", "is no address");
    EXPECT_TRUE(rename("backup", "archive"));
}

TEST_F(RenameTest, TheRulesForANewAddressHold)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"alice@example.test"})));
    stand();
    expect_refused(rename("nobody@example.test", "x@example.test"), "name", "is not a mailbox");
    expect_refused(rename("bob@example.test", "alice@example.test"), "to", "is a mailbox already");
    expect_refused(rename("bob@example.test", "info@example.test"), "to", "is an alias already");
    expect_refused(rename("bob@example.test", "bob@elsewhere.test"), "name", "not kept here");
    expect_refused(rename("bob@example.test", "bob"), "name", "needs an @");
    EXPECT_EQ(rename("bob@example.test", "b b@example.test").error().fault, Fault::invalid);

    DomainChange small;
    small.mailboxes = Limit::of(0);
    ASSERT_TRUE(house.acts.add_domain(house.request(), "small.test", small));
    stand();
    expect_refused(rename("bob@example.test", "bob@small.test"), "max_mailboxes", "may have 0");

    // By the catch-all bob forwards to nobody in particular; under that name he would forward to himself.
    DomainChange rest;
    rest.catch_all = addrs({"alice@example.test"});
    ASSERT_TRUE(limit(rest));
    MailboxChange forward;
    forward.forwards = addrs({"robert@example.test"});
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", forward));
    stand();
    expect_refused(rename("bob@example.test", "robert@example.test"), "forwards", "leads back to itself");
}

TEST_F(RenameTest, ANewMailboxOfTheOldNameIsAnotherOne)
{
    auto const bob = mailbox("bob@example.test");
    ASSERT_TRUE(rename("bob@example.test", "robert@example.test"));
    add("bob");
    EXPECT_NE(mailbox("bob@example.test").id, bob.id);
    EXPECT_NE(mailbox("bob@example.test").store.name, bob.store.name);
    EXPECT_TRUE(mailbox("robert@example.test").former_names.empty());
    EXPECT_EQ(mailbox("robert@example.test").store, bob.store);
    stand();
    expect_refused(rename("robert@example.test", "bob@example.test"), "to", "is a mailbox already");
}

TEST_F(RenameTest, WhatWasALoginMayBecomeTheName)
{
    MailboxChange change;
    change.logins = {"robert@example.test", "bob"};
    ASSERT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
    ASSERT_TRUE(rename("bob@example.test", "robert@example.test"));
    EXPECT_EQ(mailbox("robert@example.test").logins, std::vector<std::string>{"bob"});
}

TEST_F(RenameTest, ADryRunRenamesNobody)
{
    auto request = house.request();
    request.dry_run = true;
    EXPECT_TRUE(house.acts.rename_mailbox(request, "bob@example.test", {"robert@example.test", true}));
    EXPECT_TRUE(house.acts.mailbox(house.root(), "bob@example.test"));
    EXPECT_TRUE(house.acts.pending_work(house.root(), {}, 10)->empty());
}
