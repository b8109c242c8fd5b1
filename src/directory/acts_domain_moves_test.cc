// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "directory/test_acts.h"

using namespace provost;
using namespace provost::directory;
using mail::addr;
using mail::addrs;

namespace {

struct DomainEndsTest : ActsTest {
    DomainEndsTest()
    {
        EXPECT_TRUE(house.acts.add_domain(house.request(), "other.test", {}));
        EXPECT_TRUE(alias("info@example.test", addrs({"bob@example.test", "joe@elsewhere.test"})));
        MailboxChange change;
        change.forwards = addrs({"alice@example.test"});
        change.logins = {"robert@example.test", "bob"};
        EXPECT_TRUE(house.acts.set_mailbox(house.request(), "bob@example.test", change));
        add("gone");
        EXPECT_TRUE(house.acts.delete_mailbox(house.request(), "gone@example.test"));
    }
    // An alias, a forward, a catch-all, an archive, a recovery address, a login and a mapped domain that name it.
    void name_it_elsewhere()
    {
        EXPECT_TRUE(alias("x@other.test", addrs({"bob@example.test"})));
        EXPECT_TRUE(alias("y@other.test", addrs({"x@other.test", "joe@elsewhere.test"})));
        EXPECT_TRUE(alias("z@other.test", addrs({"info+lists@example.test", "joe@elsewhere.test"})));
        MailboxChange change;
        change.forwards = addrs({"bob@example.test"});
        change.recovery_address = addr("bob@example.test");
        change.logins = {"eve@example.test"};
        change.state = mail::MailboxState::forward_only;
        EXPECT_TRUE(house.acts.add_mailbox(house.request(), "eve@other.test", change, std::nullopt));
        DomainChange rest;
        rest.catch_all = addrs({"alice@example.test", "joe@elsewhere.test"});
        rest.archive_to = addr("bob@example.test");
        EXPECT_TRUE(house.acts.set_domain(house.request(), "other.test", rest));
    }
    void map_to_it()
    {
        DomainChange mapped;
        mapped.kind = mail::DomainKind::mapped;
        mapped.maps_to = mail::DomainName::parse("example.test").value();
        EXPECT_TRUE(house.acts.add_domain(house.request(), "mapped.test", mapped));
    }
    Result<Done> rename(std::string to, bool keep = false)
    {
        return house.acts.rename_domain(house.request(), "example.test", {std::move(to), keep});
    }
    Result<Done> remove(bool with_contents)
    {
        return house.acts.delete_domain(house.request(), "example.test", with_contents);
    }
    mail::Mailbox mailbox(std::string_view name)
    {
        auto const found = house.acts.mailbox(house.root(), name);
        EXPECT_TRUE(found) << name;
        return found ? found->mailbox : mail::Mailbox();
    }
    static bool has(Done const& done, std::string_view note)
    {
        return std::find(done.notes.begin(), done.notes.end(), note) != done.notes.end();
    }
};

}  // namespace

TEST_F(DomainEndsTest, ARenamedDomainTakesEverythingAlong)
{
    name_it_elsewhere();
    map_to_it();
    auto const bob = mailbox("bob@example.test");
    auto const done = rename("new.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->subject, "new.test");
    EXPECT_FALSE(house.acts.domain(house.root(), "example.test"));
    auto const after = mailbox("bob@new.test");
    EXPECT_EQ(after.id, bob.id);
    EXPECT_EQ(after.store, bob.store);
    EXPECT_EQ(after.logins, (std::vector<std::string>{"robert@new.test", "bob"}));
    EXPECT_EQ(after.forwards, addrs({"alice@new.test"}));
    EXPECT_EQ(after.former_names, std::vector<std::string>{"bob@example.test"});
    EXPECT_EQ(house.acts.alias(house.root(), "info@new.test")->targets, addrs({"bob@new.test", "joe@elsewhere.test"}));
    EXPECT_EQ(mailbox("gone@new.test").state, mail::MailboxState::deleted);
    EXPECT_TRUE(house.acts.restore_mailbox(house.request(), "gone@new.test", {}));

    EXPECT_EQ(house.acts.alias(house.root(), "x@other.test")->targets, addrs({"bob@new.test"}));
    EXPECT_EQ(house.acts.alias(house.root(), "z@other.test")->targets,
              addrs({"info+lists@new.test", "joe@elsewhere.test"}));
    auto const eve = mailbox("eve@other.test");
    EXPECT_EQ(eve.forwards, addrs({"bob@new.test"}));
    EXPECT_EQ(eve.recovery_address, addr("bob@new.test"));
    EXPECT_EQ(eve.logins, std::vector<std::string>{"eve@new.test"});
    auto const other = house.acts.domain(house.root(), "other.test")->domain;
    EXPECT_EQ(other.catch_all, addrs({"alice@new.test", "joe@elsewhere.test"}));
    EXPECT_EQ(other.archive_to, addr("bob@new.test"));
    EXPECT_EQ(house.acts.domain(house.root(), "mapped.test")->domain.maps_to->text(), "new.test");

    EXPECT_TRUE(has(*done, "2 mailboxes and 1 alias have it as their domain now"));
    EXPECT_TRUE(has(*done, "alias x@other.test names new.test from now on"));
    EXPECT_TRUE(has(*done, "domain mapped.test maps to new.test from now on"));
    EXPECT_TRUE(has(*done, "mailbox eve@other.test signs in by eve@new.test from now on"));
    EXPECT_EQ(house.acts.audit(house.root(), "bob@new.test", 1'000'000, 1)->front().act, "mailbox.rename");
    EXPECT_EQ(house.acts.audit(house.root(), "new.test", 1'000'000, 1)->front().act, "domain.rename");
    EXPECT_NE(house.acts.pending_work(house.root(), {}, 10)->back().detail.find("bob@example.test\n"),
              std::string::npos);
}

TEST_F(DomainEndsTest, TheOldNameMayStayAsAMappedDomain)
{
    auto const done = rename("new.test", true);
    ASSERT_TRUE(done) << done.error().message;
    auto const kept = house.acts.domain(house.root(), "example.test")->domain;
    EXPECT_EQ(kept.kind, mail::DomainKind::mapped);
    EXPECT_EQ(kept.maps_to->text(), "new.test");
}

TEST_F(DomainEndsTest, ADomainIsNotRenamedOverAnother)
{
    stand();
    expect_refused(rename("other.test"), "to", "is a domain already");
    expect_refused(rename("EXAMPLE.test"), "to", "is its name already");
    expect_refused(house.acts.rename_domain(house.request(), "nowhere.test", {"x.test", false}), "name",
                   "is not a domain");
    MailboxChange change;
    change.logins = {"bob@new.test"};
    ASSERT_TRUE(house.acts.add_mailbox(house.request(), "eve@other.test", change, std::nullopt));
    stand();
    auto const clash = rename("new.test");
    ASSERT_FALSE(clash);
    EXPECT_EQ(clash.error().fault, Fault::conflict);
    EXPECT_NE(clash.error().message.find("bob@new.test is taken"), std::string::npos) << clash.error().message;
    EXPECT_EQ(house.acts.position()->revision, standing);
}

TEST_F(DomainEndsTest, ALoopThatTheNewNameClosesIsRefused)
{
    // new.test is another site's; there the mail goes on to wherever it goes.
    ASSERT_TRUE(alias("a@example.test", addrs({"b@new.test"})));
    ASSERT_TRUE(alias("b@example.test", addrs({"a@example.test"})));
    stand();
    expect_refused(rename("new.test"), "to", "leads back to itself");
    ASSERT_TRUE(house.acts.delete_alias(house.request(), "b@example.test"));
    auto const done = rename("new.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(has(*done, "alias a@new.test names b@new.test, who is nobody here"));
}

TEST_F(DomainEndsTest, ManyAreRenamedAndDeletedAtOnce)
{
    auto const added = house.record->act({}, [](store::Writing& writing) -> Result<void> {
        for (int i = 0; i < 1'200; ++i) {
            auto mailbox = mail::a_mailbox("u" + std::to_string(i) + "@example.test");
            writing.put(mailbox);
            writing.put(mail::an_alias("a" + std::to_string(i) + "@example.test", {mailbox.name}));
        }
        return {};
    });
    ASSERT_TRUE(added);
    auto const done = rename("new.test");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(has(*done, "1202 mailboxes and 1201 aliases have it as their domain now"));
    EXPECT_EQ(house.acts.mailboxes(house.root(), "*@example.test", "", 10)->size(), 0U);
    EXPECT_EQ(house.acts.mailboxes(house.root(), "*@new.test", "", 2'000)->size(), 1'202U);
    EXPECT_EQ(house.acts.alias(house.root(), "a1199@new.test")->targets, addrs({"u1199@new.test"}));
    ASSERT_TRUE(house.acts.delete_domain(house.request(), "new.test", true));
    EXPECT_EQ(house.acts.mailboxes(house.root(), "*", "", 10)->size(), 0U);
    EXPECT_EQ(house.acts.aliases(house.root(), "*", "", 10)->size(), 0U);
    EXPECT_EQ(house.acts.deleted_mailboxes(house.root(), "*@new.test", {}, 2'000)->size(), 1'203U);
}

TEST_F(DomainEndsTest, ADomainInUseIsRefusedWithWhatIsInItAndWhatNamesIt)
{
    name_it_elsewhere();
    stand();
    auto const refused = remove(false);
    expect_refused(refused, "name",
                   "has 2 mailboxes (alice@example.test, bob@example.test), has 1 alias "
                   "(info@example.test), is named by alias x@other.test, alias z@other.test, "
                   "mailbox eve@other.test, domain other.test: it can be deleted with its contents");
    map_to_it();
    stand();
    expect_refused(remove(true), "name", "is what mapped.test maps to");
}

TEST_F(DomainEndsTest, WithItsContentsNothingElsewhereNamesItAndItsMailboxesCanBeHadBack)
{
    name_it_elsewhere();
    auto const bob = mailbox("bob@example.test");
    auto const done = remove(true);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_FALSE(house.acts.domain(house.root(), "example.test"));
    EXPECT_FALSE(house.acts.alias(house.root(), "info@example.test"));
    EXPECT_FALSE(house.acts.alias(house.root(), "x@other.test")) << "it named nobody else";
    EXPECT_EQ(house.acts.alias(house.root(), "y@other.test")->targets, addrs({"joe@elsewhere.test"}))
        << "it named x@other.test";
    EXPECT_EQ(house.acts.alias(house.root(), "z@other.test")->targets, addrs({"joe@elsewhere.test"}));
    auto const eve = mailbox("eve@other.test");
    EXPECT_TRUE(eve.forwards.empty());
    EXPECT_EQ(eve.recovery_address, std::nullopt);
    EXPECT_EQ(eve.state, mail::MailboxState::receive_only);
    EXPECT_EQ(house.acts.domain(house.root(), "other.test")->domain.catch_all, addrs({"joe@elsewhere.test"}));
    EXPECT_EQ(house.acts.domain(house.root(), "other.test")->domain.archive_to, std::nullopt);
    EXPECT_TRUE(has(*done,
                    "alias x@other.test no longer names anybody in example.test, names nobody else, and was "
                    "removed"));
    EXPECT_TRUE(has(*done, "alias y@other.test no longer names x@other.test"));
    EXPECT_TRUE(has(*done,
                    "mailbox eve@other.test no longer names anybody in example.test, has nowhere to forward to, "
                    "and keeps its mail"));
    EXPECT_TRUE(has(*done, "1 alias was removed"));
    EXPECT_NE(house.acts.pending_work(house.root(), {}, 10)->back().detail.find("bob@example.test\n"),
              std::string::npos);

    ASSERT_TRUE(house.acts.add_domain(house.request(), "example.test", {}));
    ASSERT_TRUE(house.acts.restore_mailbox(house.request(), "bob@example.test", {}));
    EXPECT_EQ(mailbox("bob@example.test").id, bob.id);
    EXPECT_EQ(mailbox("bob@example.test").forwards, bob.forwards);
    EXPECT_EQ(mailbox("bob@example.test").state, mail::MailboxState::active);
}

TEST_F(DomainEndsTest, AnEmptyDomainGoesByItself)
{
    ASSERT_TRUE(house.acts.delete_domain(house.request(), "other.test"));
    EXPECT_FALSE(house.acts.domain(house.root(), "other.test"));
}

namespace {

struct CirclesTest : ActsTest {
    CirclesTest() { EXPECT_TRUE(house.acts.add_domain(house.request(), "other.test", {})); }
    static DomainChange catch_all(std::string_view address)
    {
        DomainChange change;
        change.catch_all = addrs({address});
        return change;
    }
    static DomainChange mapped(std::string_view to)
    {
        DomainChange change;
        change.kind = mail::DomainKind::mapped;
        change.maps_to = mail::DomainName::parse(to).value();
        return change;
    }
    Result<Done> set(std::string_view name, DomainChange const& change)
    {
        return house.acts.set_domain(house.request(), name, change);
    }
    Result<Done> add_domain(std::string_view name, DomainChange const& change)
    {
        return house.acts.add_domain(house.request(), name, change);
    }
};

}  // namespace

TEST_F(CirclesTest, TwoCatchAllsDoNotLeadToEachOther)
{
    ASSERT_TRUE(set("other.test", catch_all("bob@example.test")));
    ASSERT_TRUE(set("example.test", catch_all("any@other.test")));
    stand();
    expect_refused(set("other.test", catch_all("any@example.test")), "catch_all", "leads back to itself");
    ASSERT_TRUE(set("other.test", catch_all("any@third.test")));
    stand();
    expect_refused(add_domain("third.test", catch_all("any@example.test")), "catch_all", "leads back to itself");
    EXPECT_TRUE(add_domain("third.test", catch_all("bob@example.test")));
}

TEST_F(CirclesTest, ACatchAllDoesNotLeadToAListThatNamesWhoeverItIsFor)
{
    ASSERT_TRUE(alias("info@other.test", addrs({"bob@example.test"})));
    ASSERT_TRUE(house.acts.delete_mailbox(house.request(), "bob@example.test"));
    stand();
    expect_refused(set("example.test", catch_all("info@other.test")), "catch_all", "leads back to itself");
}

TEST_F(CirclesTest, ADomainThatBecomesOursLeadsNobodyBack)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"info@mapped.test"})));
    stand();
    expect_refused(add_domain("mapped.test", mapped("example.test")), "maps_to", "leads back to itself");
    ASSERT_TRUE(add_domain("mapped.test", mapped("other.test")));
    stand();
    expect_refused(set("mapped.test", mapped("example.test")), "maps_to", "leads back to itself");
    EXPECT_TRUE(set("mapped.test", mapped("other.test")));
}

TEST_F(CirclesTest, WhoIsNobodyOnceADomainIsOursIsTold)
{
    ASSERT_TRUE(alias("info@example.test", addrs({"joe@third.test"})));
    auto const done = add_domain("third.test", {});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->notes, Notes{"alias info@example.test names joe@third.test, who is nobody here"});
}

TEST_F(CirclesTest, ADomainIsNotRenamedWhereAnAddressWouldBecomeTooLong)
{
    std::string const label(60, 'd');
    auto const to = label + "." + label + "." + label + "." + std::string(20, 'd') + ".test";
    auto const longest = std::string(mail::longest_address - 1 - to.size(), 'x');
    add(longest);
    ASSERT_TRUE(house.acts.rename_domain(house.request(), "example.test", {to, false}));
    ASSERT_TRUE(house.acts.rename_domain(house.request(), to, {"example.test", false}));

    ASSERT_TRUE(alias(longest + "y@example.test", addrs({"bob@example.test"})));
    stand();
    auto const words = "would make '" + longest + "y@" + to + "' longer than an address may be";
    expect_refused(house.acts.rename_domain(house.request(), "example.test", {to, false}), "to", words);
    ASSERT_TRUE(house.acts.delete_alias(house.request(), longest + "y@example.test"));
    // One that has an extension, and is named from elsewhere.
    ASSERT_TRUE(alias("x@other.test", addrs({longest + "+y@example.test"})));
    stand();
    expect_refused(house.acts.rename_domain(house.request(), "example.test", {to, false}), "to",
                   "longer than an address may be");
}
