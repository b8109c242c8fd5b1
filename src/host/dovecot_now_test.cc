// SPDX-License-Identifier: Apache-2.0
#include "host/dovecot_now.h"

#include <gtest/gtest.h>

using namespace provost::host;

TEST(DovecotNow, ASettingIsFoundByTheBlocksItIsIn)
{
    auto const now = parse_doveconf(
        "listen = *, ::\nservice imap-login {\n  inet_listener imaps {\n    port = 993\n    ssl = yes\n  }\n"
        "  process_limit = 1000\n}\nssl = required\n");
    EXPECT_EQ(now.value("listen"), "*, ::");
    EXPECT_EQ(now.value("service imap-login/inet_listener imaps/port"), "993");
    EXPECT_EQ(now.value("service imap-login/process_limit"), "1000");
    EXPECT_EQ(now.value("ssl"), "required");
    EXPECT_EQ(now.value("port"), "");
}

TEST(DovecotNow, WhatWasQuotedToBeShownIsAsItWasWritten)
{
    auto const now = parse_doveconf(
        "namespace inbox {\n  mailbox Drafts {\n    special_use = \"\\\\Drafts\"\n  }\n}\n"
        "login_greeting = \"say \\\"friend\\\" # and enter\"\nmail_temp_dir = \\tmp\nrecipient_delimiter = \"\n");
    EXPECT_EQ(now.value("namespace inbox/mailbox Drafts/special_use"), "\\Drafts");
    EXPECT_EQ(now.value("login_greeting"), "say \"friend\" # and enter");
    EXPECT_EQ(now.value("mail_temp_dir"), "\\tmp");
    EXPECT_EQ(now.value("recipient_delimiter"), "\"");
}

TEST(DovecotNow, AListIsReadHoweverTheVersionWritesIt)
{
    EXPECT_EQ(parse_doveconf("protocols = imap lmtp\n").words("protocols"), (std::vector<std::string>{"imap", "lmtp"}));
    EXPECT_EQ(parse_doveconf("protocols {\n  imap = yes\n  lmtp = yes\n  pop3 = no\n}\n").words("protocols"),
              (std::vector<std::string>{"imap", "lmtp"}));
}

TEST(DovecotNow, ALookupHasItsDriverInItsNameOrInside)
{
    auto const old = parse_doveconf("passdb {\n  args = /etc/dovecot/users\n  driver = passwd-file\n}\n");
    auto const fresh = parse_doveconf("passdb passwd-file {\n  passwd_file_path = /etc/dovecot/users\n}\n");
    std::vector<DovecotLookup> const wanted{{"passdb", "passwd-file", "/etc/dovecot/users"}};
    EXPECT_EQ(old.lookups, wanted);
    EXPECT_EQ(fresh.lookups, wanted);
    EXPECT_TRUE(parse_doveconf("passdb_pam {\n  passdb_use_worker = yes\n}\n").lookups.empty());
}

TEST(DovecotNow, WhatAVersionLeavesOutIsAskedForOnceMore)
{
    std::vector<std::string> asked;
    std::string told = "libexec_dir = /usr/lib/dovecot\n";
    Runner const run = [&](std::vector<std::string> const& words) -> provost::Result<std::string> {
        asked.push_back(words.back());
        return words.back().empty() ? "listen = * ::\nlibexec_dir = /usr/lib/dovecot\n" : told;
    };
    EXPECT_EQ(read_dovecot(Root(), run)->value("libexec_dir"), "/usr/lib/dovecot");
    EXPECT_EQ(asked, std::vector<std::string>{"-a"});
    told = "listen = \n";
    EXPECT_EQ(read_dovecot(Root(), run)->value("listen"), "* ::");
    EXPECT_EQ(asked, (std::vector<std::string>{"-a", "-a", ""}));
}

TEST(DovecotNow, ListenersOfTheAuthServiceBesideItsOwnAreFoundUnlessTheyAreOff)
{
    auto const now = parse_doveconf(
        "service auth {\n  unix_listener login/login {\n    mode = 0\n  }\n  unix_listener auth-login {\n    mode = "
        "0600\n"
        "  }\n  unix_listener token-login/tokenlogin {\n    mode = 0666\n  }\n"
        "  unix_listener /var/spool/postfix/private/auth {\n    mode = 0660\n    user = postfix\n  }\n"
        "  unix_listener off {\n    mode = 00\n  }\n  inet_listener sasl {\n    port = 12345\n  }\n"
        "  inet_listener none {\n    port = 0\n  }\n}\nservice auth-worker {\n  unix_listener auth-worker {\n"
        "    mode = 0600\n  }\n}\n");
    EXPECT_EQ(other_auth_listeners(now), (std::vector<std::string>{"/var/spool/postfix/private/auth", "sasl"}));
}
