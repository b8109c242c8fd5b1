// SPDX-License-Identifier: Apache-2.0
#include "host/dovecot.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;

namespace {

bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

std::string conf(DovecotFamily family, DovecotOptions const& options = {},
                 config::Settings const& settings = config::default_settings())
{
    auto const text = dovecot_conf(family, settings, options);
    return text ? *text : text.error().message;
}

}  // namespace

TEST(Dovecot, InBothFamiliesItsOwnAuthSocketsAreOffAndLoginsComeToUs)
{
    for (auto family : {DovecotFamily::v2_3, DovecotFamily::v2_4}) {
        auto const text = conf(family);
        for (auto name : {"login/login", "auth-userdb", "auth-client", "auth-master"}) {
            EXPECT_TRUE(holds(text, std::string("  unix_listener ") + name + " {\n    mode = 0\n  }\n")) << name;
        }
        for (auto name : {"imap-login", "pop3-login", "managesieve-login"}) {
            EXPECT_TRUE(holds(text, std::string("executable = ") + name + " provost/auth\n")) << name;
        }
        EXPECT_TRUE(holds(text, "protocols = imap pop3 lmtp sieve\n"));
        EXPECT_TRUE(holds(text, "first_valid_uid = 5000\n"));
        EXPECT_TRUE(holds(text, "recipient_delimiter = +\n"));
        EXPECT_TRUE(holds(text, "!include_try /etc/dovecot/provost-secrets.conf\n"));
        EXPECT_TRUE(holds(text, "unix_listener /var/spool/postfix/private/dovecot-lmtp {\n    mode = 0600\n"));
        EXPECT_TRUE(holds(text, "log_path = syslog\n"));
        EXPECT_FALSE(holds(text, "base_dir"));
    }
}

TEST(Dovecot, WhatAnswersAtAListenerOfTheSitesOwnHasNoPasswordThatAnybodyCouldSay)
{
    for (auto family : {DovecotFamily::v2_3, DovecotFamily::v2_4}) {
        auto const text = conf(family);
        EXPECT_TRUE(holds(text, "{CRYPT}!\n"));
        EXPECT_FALSE(holds(text, "{PLAIN}"));
    }
}

TEST(Dovecot, EachFamilySpeaksItsOwnSyntax)
{
    auto const old = conf(DovecotFamily::v2_3);
    EXPECT_TRUE(holds(old, "ssl_cert = </etc/ssl/certs/ssl-cert-snakeoil.pem\n"));
    EXPECT_TRUE(holds(old, "quota_clone_dict = proxy:/run/provost/dovecot-dict:quota\n"));
    EXPECT_TRUE(holds(old, "last_login_key = last-login/%s/%u\n"));
    EXPECT_TRUE(holds(old, "service lmtp {\n  service_count = 1\n"));
    EXPECT_FALSE(holds(old, "dovecot_config_version"));
    auto const fresh = conf(DovecotFamily::v2_4);
    EXPECT_TRUE(holds(fresh, "ssl_server {\n  cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem\n"));
    EXPECT_TRUE(holds(fresh, "last_login {\n  key = last-login/%{protocol}/%{user}\n"));
    EXPECT_TRUE(holds(fresh, "mail_inbox_path = ~/Maildir\n"));
    EXPECT_TRUE(holds(fresh, "service lmtp {\n  restart_request_count = 1\n"));
    EXPECT_FALSE(holds(fresh, "plugin {"));
    EXPECT_FALSE(holds(fresh, "dovecot_config_version"));
}

TEST(Dovecot, OptionsArriveWhereTheyBelong)
{
    DovecotOptions options;
    options.imaps = 10993;
    options.pop3 = 0;
    options.pop3s = 0;
    options.sieve = 0;
    options.log_path = "/var/log/dovecot.log";
    auto settings = config::default_settings();
    settings.dovecot.doveadm_url = "http://127.0.0.1:18080/doveadm/v1";
    settings.sockets.dovecot_auth = "/run/dovecot2/login/p/auth";
    for (auto family : {DovecotFamily::v2_3, DovecotFamily::v2_4}) {
        auto const text = conf(family, options, settings);
        EXPECT_TRUE(holds(text, "port = 10993\n"));
        EXPECT_TRUE(holds(text, "protocols = imap lmtp\n"));
        EXPECT_FALSE(holds(text, "managesieve"));
        EXPECT_TRUE(holds(text, "log_path = /var/log/dovecot.log\n"));
        EXPECT_TRUE(holds(text, "port = 18080\n"));
        EXPECT_TRUE(holds(text, "base_dir = /run/dovecot2\n"));
        EXPECT_TRUE(holds(text, "executable = imap-login p/auth\n"));
    }
}

TEST(Dovecot, WhatCouldBreakOutOfItsPlaceIsRefusedByName)
{
    struct Case {
        char const* field;
        DovecotOptions options;
    };
    std::vector<Case> cases(4);
    cases[0].field = "certificate", cases[0].options.certificate = "/a b\nssl = no";
    cases[1].field = "postmaster", cases[1].options.postmaster = "a@b\n!include /etc/shadow";
    cases[2].field = "listen", cases[2].options.listen = "";
    cases[3].field = "sign_ins", cases[3].options.sign_ins = 0;
    for (auto const& c : cases) {
        auto const text = dovecot_conf(DovecotFamily::v2_3, config::default_settings(), c.options);
        ASSERT_FALSE(text) << c.field;
        EXPECT_EQ(text.error().field, c.field);
    }
}

TEST(Dovecot, TheKeyIsInItsOwnFileAndNeverInAnError)
{
    EXPECT_EQ(dovecot_secrets(Secret("key123"))->reveal(), "doveadm_api_key = key123\n");
    auto const broken = dovecot_secrets(Secret("key\n123"));
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().message.find("123"), std::string::npos);
}
