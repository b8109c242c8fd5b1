// SPDX-License-Identifier: Apache-2.0
#include "provostd/cyrus_site.h"

#include <gtest/gtest.h>

namespace provost::daemon {
namespace {

using Tls = net::ImapServer::Tls;

TEST(CyrusSite, TheServerIsWhereTheSettingsSay)
{
    struct {
        char const *setting, *host;
        std::uint16_t port;
    } const cases[] = {
        {"127.0.0.1:143", "127.0.0.1", 143},
        {"imap.example.org:993", "imap.example.org", 993},
        {"[2001:db8::1]:1143", "2001:db8::1", 1143},
    };
    for (auto const& c : cases) {
        config::Cyrus settings;
        settings.server = c.setting;
        auto const server = cyrus_server(settings);
        EXPECT_EQ(server.host, c.host);
        EXPECT_EQ(server.port, c.port);
        EXPECT_EQ(server.unix_path, "");
    }
}

TEST(CyrusSite, TheConversationIsKeptSecretAsTheSettingsSay)
{
    std::pair<char const*, Tls> const cases[] = {
        {"starttls", Tls::starttls}, {"implicit", Tls::implicit}, {"none", Tls::none}};
    for (auto const& [word, tls] : cases) {
        config::Cyrus settings;
        settings.tls = word;
        EXPECT_EQ(cyrus_server(settings).tls, tls) << word;
    }
    EXPECT_EQ(cyrus_server({}).tls, Tls::starttls);
}

TEST(CyrusSite, OnLoopbackNoCertificateIsChecked)
{
    for (auto const* server : {"127.0.0.1:143", "127.1.2.3:143", "[::1]:143"}) {
        config::Cyrus settings;
        settings.server = server;
        auto const check = cyrus_server(settings).check;
        EXPECT_FALSE(check.is_on()) << server;
        EXPECT_NE(check.reason(), "");
    }
}

TEST(CyrusSite, AnotherHostProvesItsName)
{
    for (std::string const host : {"imap.example.org", "192.0.2.1"}) {
        config::Cyrus settings;
        settings.server = host + ":143";
        settings.ca_file = "/etc/ssl/site.pem";
        auto const check = cyrus_server(settings).check;
        EXPECT_TRUE(check.is_on()) << host;
        EXPECT_EQ(check.name(), host);
        EXPECT_EQ(check.ca_file(), "/etc/ssl/site.pem");
    }
}

TEST(CyrusSite, WithoutAPasswordOfItsAdministratorItIsUnavailable)
{
    config::Cyrus settings;
    settings.server = "127.0.0.1:1";
    Secret const nothing;
    targets::RootHelper const helper("/nonexistent/helper.sock");
    CyrusSite site(settings, nothing, helper, [](auto const&) { return false; });
    EXPECT_EQ(site.target.name(), "cyrus");
    EXPECT_EQ(site.target.usage("alice@example.org").error().fault, Fault::unavailable);
    EXPECT_EQ(site.target.sessions({"alice@example.org"}).error().fault, Fault::unavailable);
    EXPECT_EQ(site.target.end_sessions({"alice@example.org"}).error().fault, Fault::unavailable);
}

TEST(CyrusSite, TheAdministratorOfTheSettingsIsNobodyElse)
{
    config::Cyrus settings;
    settings.admin = "manager";
    Secret const nothing;
    targets::RootHelper const helper("/nonexistent/helper.sock");
    CyrusSite const site(settings, nothing, helper, [](auto const&) { return false; });
    mail::Mailbox mailbox;
    mailbox.kind = mail::MailboxKind::service;
    mailbox.name = "manager";
    EXPECT_EQ(site.target.place(mailbox).error().fault, Fault::conflict);
    mailbox.name = "cyrus";
    EXPECT_TRUE(site.target.place(mailbox));
}

}  // namespace
}  // namespace provost::daemon
