// SPDX-License-Identifier: Apache-2.0
#include "mail/answers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "mail/test_view.h"

using namespace provost;
using namespace provost::mail;

namespace {

Time const noon = from_millis(1'800'000'000'000);

struct AnswersTest : testing::Test {
    AnswersTest()
    {
        view.add(a_domain("example.test"));
        view.add(a_domain("aliases.test", DomainKind::alias));
        auto mapped = a_domain("mapped.test", DomainKind::mapped);
        mapped.maps_to = DomainName::parse("example.test").value();
        view.add(mapped);
        auto relay = a_domain("backup.test", DomainKind::relay);
        relay.transport = "smtp:[inside.test]";
        view.add(relay);
        view.add(a_mailbox("alice@example.test"));
        view.add(a_mailbox("bob@example.test"));
        view.add(an_alias("info@example.test", {"alice@example.test", "bob@example.test"}));
    }

    // "-" for not found.
    std::string ask(Map map, std::string_view key, Time time = noon) const
    {
        std::string text;
        return Answers(view, time, '+').ask(map, key, text) ? text : "-";
    }

    TestView view;
};

Mailbox in_condition(Condition condition)
{
    auto mailbox = a_mailbox("m@example.test");
    mailbox.forwards = addrs({"f@elsewhere.test"});
    switch (condition) {
        case Condition::active:
            break;
        case Condition::receive_only:
            mailbox.state = MailboxState::receive_only;
            break;
        case Condition::forward_only:
            mailbox.state = MailboxState::forward_only;
            break;
        case Condition::refuse:
            mailbox.state = MailboxState::suspended;
            break;
        case Condition::hold:
            mailbox.state = MailboxState::suspended;
            mailbox.suspension = Suspension::hold;
            break;
        case Condition::deleted:
            mailbox.state = MailboxState::deleted;
            break;
    }
    return mailbox;
}

}  // namespace

// The table once more, as the bytes that Postfix gets. A cell changed in answers.cc must be changed here too.
TEST_F(AnswersTest, EveryStateIsToldWhatTheTableSays)
{
    struct {
        Map map;
        char const* told[6];
    } const rows[] = {
        {Map::mailboxes, {"1", "1", "-", "1", "1", "-"}},
        {Map::aliases,
         {"m@example.test,f@elsewhere.test", "m@example.test,f@elsewhere.test", "f@elsewhere.test", "-", "-", "-"}},
        {Map::access,
         {"-", "-", "-", "550 5.2.1 This mailbox is disabled",
          "450 4.2.1 This mailbox does not accept mail at the moment", "-"}},
        {Map::transport, {"-", "-", "-", "-", "retry:4.2.1 mailbox does not accept mail at the moment", "-"}},
        {Map::senders, {"m@example.test", "m@example.test", "m@example.test", "m@example.test", "m@example.test", "-"}},
        {Map::sasl_access,
         {"-", "550 5.7.1 This account may not send mail", "550 5.7.1 This account may not send mail",
          "550 5.7.1 This account may not send mail", "550 5.7.1 This account may not send mail",
          "550 5.7.1 This account may not send mail"}},
    };
    for (auto condition : all_conditions) {
        view.add(in_condition(condition));
        for (auto const& row : rows)
            EXPECT_EQ(ask(row.map, "m@example.test"), row.told[static_cast<std::size_t>(condition)])
                << word(row.map) << ", " << word(condition);
    }
}

TEST_F(AnswersTest, AsATargetEveryStateIsWhatTheTableSays)
{
    char const* const told[] = {"m@example.test",     "m@example.test", "f@elsewhere.test",
                                "alice@example.test", "m@example.test", "alice@example.test"};
    for (auto condition : all_conditions) {
        view.add(in_condition(condition));
        view.add(an_alias("via@example.test", {"m@example.test"}));
        view.add(an_alias("with@example.test", {"m@example.test", "alice@example.test"}));
        auto const expected = told[static_cast<std::size_t>(condition)];
        auto const both = std::string(expected) == "alice@example.test" ? "alice@example.test"
                                                                        : std::string(expected) + ",alice@example.test";
        EXPECT_EQ(ask(Map::aliases, "with@example.test"), both) << word(condition);
        bool const off = condition == Condition::refuse;
        EXPECT_EQ(ask(Map::access, "via@example.test"), off ? "550 5.2.1 This address is disabled" : "-")
            << word(condition);
        EXPECT_EQ(ask(Map::aliases, "via@example.test"), condition == Condition::deleted ? "-"
                                                         : off                           ? "m@example.test"
                                                                                         : expected)
            << word(condition);
    }
}

TEST_F(AnswersTest, WhatOnlyForwardsIsRefusedWhereItLeadsNowhereThatIsOn)
{
    auto forwarder = a_mailbox("on@example.test");
    forwarder.state = MailboxState::forward_only;
    forwarder.forwards = addrs({"m@example.test"});
    view.add(forwarder);
    for (auto condition : all_conditions) {
        view.add(in_condition(condition));
        bool const off = condition == Condition::refuse;
        EXPECT_EQ(ask(Map::access, "on@example.test"), off ? "550 5.2.1 This address is disabled" : "-")
            << word(condition);
    }
}

TEST_F(AnswersTest, AnExpiryIsJudgedAtTheMomentOfTheAnswer)
{
    auto mailbox = a_mailbox("m@example.test");
    mailbox.expires = noon + std::chrono::milliseconds(1);
    view.add(mailbox);
    EXPECT_EQ(ask(Map::access, "m@example.test"), "-");
    EXPECT_EQ(ask(Map::access, "m@example.test", noon + std::chrono::milliseconds(1)),
              "550 5.2.1 This mailbox is disabled");
}

TEST_F(AnswersTest, ADomainThatIsOffRefusesButStaysKnown)
{
    auto domain = a_domain("example.test");
    domain.enabled = false;
    view.add(domain);
    EXPECT_EQ(ask(Map::domains, "example.test"), "hosted");
    EXPECT_EQ(ask(Map::mailboxes, "alice@example.test"), "1");
    EXPECT_EQ(ask(Map::access, "alice@example.test"), "550 5.2.1 This mailbox is disabled");
    EXPECT_EQ(ask(Map::access, "info@example.test"), "550 5.2.1 This address is disabled");
    EXPECT_EQ(ask(Map::access, "alice@mapped.test"), "550 5.2.1 This address is disabled");
}

TEST_F(AnswersTest, MailForAStoreInPreparationWaits)
{
    auto mailbox = a_mailbox("new@example.test");
    mailbox.store.state = StoreState::preparing;
    view.add(mailbox);
    EXPECT_EQ(ask(Map::transport, "new@example.test"), "retry:4.3.0 mailbox being prepared");
}

TEST_F(AnswersTest, DomainsAreListedByKindInAnySpelling)
{
    EXPECT_EQ(ask(Map::domains, "Example.TEST"), "hosted");
    EXPECT_EQ(ask(Map::domains, "mapped.test"), "-");
    EXPECT_EQ(ask(Map::aliasdomains, "mapped.test"), "alias");
    EXPECT_EQ(ask(Map::aliasdomains, "aliases.test"), "alias");
    EXPECT_EQ(ask(Map::relaydomains, "backup.test"), "relay");
    EXPECT_EQ(ask(Map::relayrecipients, "x@backup.test"), "1");
    EXPECT_EQ(ask(Map::transport, "x@backup.test"), "smtp:[inside.test]");
    EXPECT_EQ(ask(Map::domains, "elsewhere.test"), "-");
}

TEST_F(AnswersTest, NobodyElseMaySendAsAnAddress)
{
    EXPECT_EQ(ask(Map::senders, "Alice+news@Example.test"), "alice@example.test");
    EXPECT_EQ(ask(Map::senders, "alice@mapped.test"), "alice@example.test");
    EXPECT_EQ(ask(Map::senders, "info@example.test"), "-");
    auto info = an_alias("info@example.test", {"alice@example.test", "bob@example.test", "x@elsewhere.test"});
    info.targets_may_send = true;
    view.add(info);
    EXPECT_EQ(ask(Map::senders, "info@example.test"), "alice@example.test,bob@example.test");
    view.add(a_mailbox("sales@example.test"), {"bob@example.test"});
    EXPECT_EQ(ask(Map::senders, "sales@example.test"), "sales@example.test,bob@example.test");
    EXPECT_EQ(ask(Map::senders, "x@elsewhere.test"), "-");
}

TEST_F(AnswersTest, ALoginIsFoundByNameLoginAndExtensionAndItsMailByAFormerNameToo)
{
    auto jane = a_mailbox("jane@example.test");
    jane.logins = {"jd"};
    jane.former_names = {"jane.smith@example.test"};
    view.add(jane);
    Answers const answers(view, noon, '+');
    for (auto name : {"jane@example.test", "JANE@example.test", "jane+phone@example.test", "jd"}) {
        auto const found = answers.login(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(found->name, "jane@example.test");
        EXPECT_TRUE(answers.known_as(name)) << name;
    }
    for (auto name : {"jane.smith@example.test", "Jane.Smith+lists@example.test"}) {
        EXPECT_FALSE(answers.login(name)) << name;
        ASSERT_TRUE(answers.known_as(name)) << name;
        EXPECT_EQ(answers.known_as(name)->name, "jane@example.test");
        EXPECT_EQ(ask(Map::sasl_access, name), "550 5.7.1 This account may not send mail");
        EXPECT_EQ(ask(Map::mailboxes, name), "-");
    }
    for (auto name : {"info@example.test", "nobody@example.test", "", "x", "alice@mapped.test"}) {
        EXPECT_FALSE(answers.login(name)) << name;
        EXPECT_FALSE(answers.known_as(name)) << name;
    }
}

TEST_F(AnswersTest, ASessionWithoutTheRightToSubmitIsRefused)
{
    auto mailbox = a_mailbox("m@example.test");
    mailbox.services = Services::none();
    view.add(mailbox);
    EXPECT_EQ(ask(Map::sasl_access, "m@example.test"), "550 5.7.1 This account may not send mail");
    EXPECT_EQ(ask(Map::sasl_access, "purged@example.test"), "550 5.7.1 This account may not send mail");
}

TEST_F(AnswersTest, MailForADomainIsCopiedToItsArchive)
{
    auto domain = a_domain("example.test");
    domain.archive_to = addr("archive@example.test");
    view.add(domain);
    EXPECT_EQ(ask(Map::rcptbcc, "alice@example.test"), "archive@example.test");
    EXPECT_EQ(ask(Map::rcptbcc, "archive@example.test"), "-");
}

TEST_F(AnswersTest, EveryByteStringHasAnAnswerInEveryMap)
{
    EXPECT_TRUE(rc::check([this](std::string const& key) {
        for (auto map : all_maps) (void)ask(map, key);
        for (auto map : all_maps) (void)ask(map, key + "@example.test");
    }));
    for (auto map : all_maps) EXPECT_NE(ask(map, std::string(100'000, 'k')), "x");
}
