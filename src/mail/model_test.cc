// SPDX-License-Identifier: Apache-2.0
#include "mail/model.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::mail;

TEST(Model, EveryWordIsReadBack)
{
    for (auto v : {DomainKind::hosted, DomainKind::alias, DomainKind::mapped, DomainKind::relay})
        EXPECT_EQ(parse_domain_kind(word(v)), v);
    for (auto v : {MailboxKind::person, MailboxKind::shared, MailboxKind::service})
        EXPECT_EQ(parse_mailbox_kind(word(v)), v);
    for (auto v : {MailboxState::active, MailboxState::receive_only, MailboxState::forward_only,
                   MailboxState::suspended, MailboxState::deleted})
        EXPECT_EQ(parse_mailbox_state(word(v)), v);
    for (auto v : {Suspension::refuse, Suspension::hold}) EXPECT_EQ(parse_suspension(word(v)), v);
    for (auto v : {StoreState::preparing, StoreState::ready, StoreState::failing})
        EXPECT_EQ(parse_store_state(word(v)), v);
    for (auto v : {CredentialKind::password, CredentialKind::app_password, CredentialKind::totp, CredentialKind::scram})
        EXPECT_EQ(parse_credential_kind(word(v)), v);
    for (auto v : {Posting::anyone, Posting::domain, Posting::members, Posting::listed})
        EXPECT_EQ(parse_posting(word(v)), v);
}

TEST(Model, AWrongWordIsRefusedWithTheRightOnes)
{
    auto const kind = parse_domain_kind("virtual");
    ASSERT_FALSE(kind);
    EXPECT_EQ(kind.error().message, "kind: 'virtual' is not one of hosted, alias, mapped, relay");
}

TEST(Model, ServicesAreASet)
{
    auto const services = parse_services("imap, submission");
    ASSERT_TRUE(services);
    EXPECT_TRUE(services->has(Service::imap));
    EXPECT_FALSE(services->has(Service::pop3));
    EXPECT_EQ(words(*services), (std::vector<std::string>{"imap", "submission"}));
    EXPECT_EQ(parse_services("all"), Services::all());
    EXPECT_EQ(parse_services("none"), Services::none());
    EXPECT_FALSE(parse_services("imap,ftp"));
}
