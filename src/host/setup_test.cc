// SPDX-License-Identifier: Apache-2.0
#include "host/setup.h"

#include <gtest/gtest.h>

#include "host/test_servers.h"

using namespace provost;
using namespace provost::host;

namespace {

class Plan : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
        ASSERT_TRUE(init(servers_.root(), {}, run_));
        before_ = servers_.etc();
    }
    void TearDown() override
    {
        // Whatever comes of it, a plan changes nothing.
        EXPECT_EQ(servers_.etc(), before_);
    }

    Result<SetupPlan> plan() { return plan_setup(servers_.root(), Site{config::default_settings()}, wishes_, run_); }
    std::string text_of(std::string const& path)
    {
        auto const planned = plan();
        if (!planned) return planned.error().message;
        for (auto const& file : planned->files) {
            if (file.path == path) return file.next.content;
        }
        return "is as it was";
    }
    std::string main_cf() { return text_of("/etc/postfix/main.cf"); }
    std::string master_cf() { return text_of("/etc/postfix/master.cf"); }
    // main.cf beyond what names the host.
    void postfix_has(std::string const& text)
    {
        servers_.write("/etc/postfix/main.cf", "myhostname = mx.example.test\n" + text);
        before_ = servers_.etc();
    }
    void master_has(std::string const& text)
    {
        servers_.write("/etc/postfix/master.cf", text);
        before_ = servers_.etc();
    }
    std::string notes()
    {
        auto const planned = plan();
        return planned ? joined(planned->notes, "\n") : planned.error().message;
    }
    std::string field() { return plan().error().field; }

    TestServers servers_;
    SetupWishes wishes_;
    Runner run_ = servers_.runner();
    std::map<std::string, std::string> before_;
};

bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_F(Plan, AllOfItIsShownButTheKey)
{
    auto const planned = plan();
    ASSERT_TRUE(planned) << planned.error().message;
    std::vector<std::string> paths;
    for (auto const& file : planned->files) paths.push_back(file.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"/etc/dovecot/provost-secrets.conf", "/etc/dovecot/provost.conf",
                                               "/etc/dovecot/local.conf", "/etc/tmpfiles.d/provost.conf",
                                               "/etc/postfix/main.cf", "/etc/postfix/master.cf"}));
    auto const diff = diff_of(planned->files);
    auto key = *servers_.root().read("/etc/provost/doveadm.key");
    key.pop_back();
    EXPECT_FALSE(holds(diff, key));
    EXPECT_TRUE(holds(planned->files[0].next.content, key));
    EXPECT_FALSE(holds(planned->files[1].next.content, key));
    EXPECT_EQ(planned->files[0].next.mode, 0600U);
    EXPECT_TRUE(holds(
        diff, "+doveadm_api_key = (hidden)\n# /etc/dovecot/provost-secrets.conf: owner and mode absent -> 0:0 0600\n"));
    EXPECT_TRUE(holds(diff, "-mydestination = $myhostname, localhost\n"));
    EXPECT_TRUE(holds(diff, "+submission inet n - y - - smtpd"));
}

TEST_F(Plan, NothingIsSaidOfUsersWhereDebiansOwnFilesAreAllThereIs)
{
    EXPECT_EQ(notes(), "");
    servers_.dovecot_version_ = "2.4.1-4\n";
    EXPECT_EQ(notes(), "");
}

TEST_F(Plan, AnUnknownVersionOrAServerThatIsNotThereIsRefusedByName)
{
    servers_.postfix_version_ = "3.11.0\n";
    EXPECT_EQ(field(), "postfix");
    servers_.postfix_version_ = "3.10.1\n";
    servers_.dovecot_version_ = "2.2.36\n";
    EXPECT_EQ(field(), "dovecot");
    std::filesystem::remove(servers_.at("/usr/lib/dovecot/lmtp"));
    servers_.dovecot_version_ = "2.4.1\n";
    EXPECT_TRUE(holds(plan().error().message, "dovecot-lmtpd"));
}

TEST_F(Plan, BothVersionsGetTheirOwn)
{
    EXPECT_TRUE(holds(text_of("/etc/dovecot/provost.conf"), "for Dovecot 2.3"));
    EXPECT_TRUE(holds(main_cf(), "smtpd_forbid_bare_newline = yes"));
    servers_.postfix_version_ = "3.10.1\n";
    servers_.dovecot_version_ = "2.4.1-4\n";
    auto const fresh = text_of("/etc/dovecot/provost.conf");
    for (auto part :
         {"for Dovecot 2.4", "listen = * ::\n", "    port = 993\n", "    port = 110\n", "    port = 4190\n"}) {
        EXPECT_TRUE(holds(fresh, part)) << part;
    }
    EXPECT_FALSE(holds(main_cf(), "smtpd_forbid_bare_newline"));
    EXPECT_TRUE(holds(master_cf(), "smtpd_hide_client_session=yes"));
}

TEST_F(Plan, ForeignSettingsStay)
{
    postfix_has(
        "relayhost = [mx.isp.test]\nmynetworks = 10.0.0.0/8\nmessage_size_limit = 1000\n"
        "smtp_tls_security_level = dane\nsmtpd_milters = inet:localhost:8891\ninet_interfaces = 192.0.2.1\n"
        "smtpd_recipient_restrictions = reject_rbl_client rbl.test, permit\n");
    auto const text = main_cf();
    for (auto line :
         {"relayhost = [mx.isp.test]\n", "mynetworks = 10.0.0.0/8\n", "message_size_limit = 1000\n",
          "smtp_tls_security_level = dane\n", "smtpd_milters = inet:localhost:8891\n", "inet_interfaces = 192.0.2.1\n",
          "smtpd_recipient_restrictions = $provost_recipients, reject_rbl_client rbl.test, permit\n"}) {
        EXPECT_TRUE(holds(text, line)) << line;
    }
}

TEST_F(Plan, WhatWasAskedForHoldsOverWhatIsThere)
{
    postfix_has("mynetworks = 10.0.0.0/8\n");
    wishes_.networks = "";
    wishes_.host_name = "mail.example.org";
    wishes_.imap = 0;
    wishes_.imaps = 10993;
    wishes_.logs = "/var/log/mail";
    auto const text = main_cf();
    EXPECT_TRUE(holds(text, "mynetworks = \n"));
    EXPECT_TRUE(holds(text, "myhostname = mail.example.org\n"));
    EXPECT_TRUE(holds(text, "maillog_file = /var/log/mail/mail.log\n"));
    auto const dovecot = text_of("/etc/dovecot/provost.conf");
    EXPECT_TRUE(holds(dovecot, "inet_listener imap {\n    port = 0\n"));
    EXPECT_TRUE(holds(dovecot, "inet_listener imaps {\n    port = 10993\n"));
    EXPECT_TRUE(holds(dovecot, "log_path = /var/log/mail/dovecot.log\n"));
    EXPECT_TRUE(holds(dovecot, "postmaster_address = postmaster@mail.example.org\n"));
}

TEST_F(Plan, AHostsOwnNameIsItsDestinationUnlessItMayBeADomainOfMail)
{
    EXPECT_TRUE(holds(main_cf(), "mydestination = mx.example.test, localhost\n"));
    wishes_.host_name = "example.org";
    EXPECT_TRUE(holds(main_cf(), "mydestination = localhost\n"));
}

TEST_F(Plan, AWishThatCannotBeIsRefusedByName)
{
    wishes_.host_name = "mx";
    EXPECT_EQ(field(), "--host-name");
    wishes_ = {};
    wishes_.certificate = "/etc/c.pem";
    EXPECT_EQ(field(), "--certificate");
    wishes_.key = "/etc/k.pem";
    EXPECT_EQ(field(), "--certificate");  // it is not there
    wishes_ = {};
    wishes_.networks = "0.0.0.0/0";
    EXPECT_EQ(field(), "--networks");
    wishes_ = {};
    wishes_.logs = "/home/logs";
    EXPECT_EQ(field(), "--logs");
    wishes_ = {};
    std::filesystem::remove(servers_.at("/usr/lib/dovecot/pop3-login"));
    wishes_.pop3 = 110;
    EXPECT_EQ(field(), "--pop3-port");
}

TEST_F(Plan, WhatIsNotInstalledIsLeftOut)
{
    std::filesystem::remove(servers_.at("/usr/lib/dovecot/managesieve-login"));
    std::filesystem::remove(servers_.at("/usr/lib/dovecot/modules/lib90_sieve_plugin.so"));
    auto const text = text_of("/etc/dovecot/provost.conf");
    EXPECT_TRUE(holds(text, "protocols = imap pop3 lmtp\n"));
    EXPECT_FALSE(holds(text, "managesieve"));
    EXPECT_FALSE(holds(text, "protocol lmtp"));
}

TEST_F(Plan, TheSitesCertificateIsFoundInWhicheverServerHasIt)
{
    for (auto file : {"/etc/ssl/mx.pem", "/etc/ssl/mx.key", "/etc/dovecot/private/dovecot.key"})
        servers_.write(file, "");
    postfix_has("smtpd_tls_cert_file = /etc/ssl/mx.pem\nsmtpd_tls_key_file = /etc/ssl/mx.key\n");
    EXPECT_TRUE(holds(main_cf(), "smtpd_tls_chain_files = /etc/ssl/mx.key, /etc/ssl/mx.pem\n"));
    EXPECT_FALSE(holds(main_cf(), "smtpd_tls_cert_file"));
    EXPECT_TRUE(
        holds(text_of("/etc/dovecot/provost.conf"), "ssl_cert = </etc/ssl/mx.pem\nssl_key = </etc/ssl/mx.key\n"));
    postfix_has("");
    servers_.doveconf_extra_ = "ssl_cert = </etc/ssl/mx.pem\n";
    EXPECT_TRUE(holds(main_cf(), "smtpd_tls_chain_files = /etc/dovecot/private/dovecot.key, /etc/ssl/mx.pem\n"));
    servers_.dovecot_version_ = "2.4.1-4\n";
    servers_.doveconf_extra_ = "ssl_server {\n  cert_file = /etc/ssl/mx.pem\n  key_file = /etc/ssl/mx.key\n}\n";
    EXPECT_TRUE(holds(main_cf(), "smtpd_tls_chain_files = /etc/ssl/mx.key, /etc/ssl/mx.pem\n"));
}

TEST_F(Plan, WhereBothHaveACertificateEachKeepsItsOwn)
{
    for (auto file : {"/etc/ssl/mx.pem", "/etc/ssl/mx.key", "/etc/ssl/imap.pem", "/etc/dovecot/private/dovecot.key"})
        servers_.write(file, "");
    postfix_has("smtpd_tls_cert_file = /etc/ssl/mx.pem\nsmtpd_tls_key_file = /etc/ssl/mx.key\n");
    servers_.doveconf_extra_ = "ssl_cert = </etc/ssl/imap.pem\n";
    EXPECT_TRUE(holds(main_cf(), "smtpd_tls_chain_files = /etc/ssl/mx.key, /etc/ssl/mx.pem\n"));
    EXPECT_TRUE(holds(text_of("/etc/dovecot/provost.conf"),
                      "ssl_cert = </etc/ssl/imap.pem\nssl_key = </etc/dovecot/private/dovecot.key\n"));
}

TEST_F(Plan, ACertificatesPathMayReferToTheHostsName)
{
    servers_.write("/etc/live/mx.example.test/cert.pem", "");
    postfix_has("smtpd_tls_cert_file = /etc/live/$myhostname/cert.pem\n");
    EXPECT_TRUE(holds(main_cf(),
                      "smtpd_tls_chain_files = /etc/live/mx.example.test/cert.pem, "
                      "/etc/live/mx.example.test/cert.pem\n"))
        << main_cf();
}

TEST_F(Plan, NoLogsOfOursAreSyslogAgain)
{
    postfix_has("maillog_file = /var/log/mail.log\n");
    servers_.doveconf_extra_ = "log_path = /var/log/dovecot.log\n";
    wishes_.logs = "";
    EXPECT_FALSE(holds(main_cf(), "maillog_file"));
    EXPECT_TRUE(holds(text_of("/etc/dovecot/provost.conf"), "log_path = syslog\n"));
}

TEST_F(Plan, WhatWasWrittenAfterOurLineComesBeforeIt)
{
    servers_.write("/etc/dovecot/provost.conf", "");
    servers_.write("/etc/dovecot/local.conf",
                   "a = 1\n# Provost's settings; last, so that they hold.\n"
                   "!include /etc/dovecot/provost.conf\nmail_location = mbox:~/mail");
    before_ = servers_.etc();
    EXPECT_EQ(text_of("/etc/dovecot/local.conf"),
              "a = 1\nmail_location = mbox:~/mail\n# Provost's settings; last, so that they hold.\n"
              "!include /etc/dovecot/provost.conf\n");
    servers_.write("/etc/dovecot/local.conf", "!include /etc/dovecot/provost.conf\n# the end\n");
    before_ = servers_.etc();
    EXPECT_EQ(text_of("/etc/dovecot/local.conf"), "is as it was");
}

TEST_F(Plan, AServiceThatIsThereGoesOnUnderItsNameWithWhatElseItHas)
{
    master_has(
        "587 inet n - n - 20 smtpd\n  -o smtpd_milters=inet:localhost:8891\n  -o smtpd_sasl_path=private/auth\n"
        "smtps inet n - y - - smtpd\n");
    auto const text = master_cf();
    EXPECT_TRUE(holds(
        text, "587 inet n - n - 20 smtpd -o smtpd_milters=inet:localhost:8891 -o syslog_name=postfix/submission"));
    EXPECT_FALSE(holds(text, "smtpd_sasl_path"));
    EXPECT_FALSE(holds(text, "submissions inet"));
    EXPECT_TRUE(holds(text, "smtps inet n - y - - smtpd -o syslog_name=postfix/submissions"));
    EXPECT_TRUE(holds(notes(), "master.cf: 587/inet/smtpd_sasl_path = private/auth is taken out"));
}

TEST_F(Plan, ASecondServiceAtTheSamePortMakesRoom)
{
    master_has("submission inet n - y - - smtpd\n587 inet n - y - - smtpd\n10025 inet n - y - - smtpd\n");
    EXPECT_FALSE(holds(master_cf(), "587 inet"));
    EXPECT_TRUE(holds(master_cf(), "10025 inet"));
    EXPECT_TRUE(holds(notes(), "master.cf: 587 inet n - y - - smtpd makes room for ours"));
}

TEST_F(Plan, NobodySignsInAtPort25WhateverMasterCfSays)
{
    master_has(
        "smtp inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_relay_restrictions=permit\n"
        "  -o content_filter=amavis\n");
    EXPECT_TRUE(holds(master_cf(), "smtp inet n - y - - smtpd -o content_filter=amavis\n"));
}

TEST_F(Plan, AnotherPlaceWherePeopleSignInIsNamedAndStays)
{
    master_has("2525 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n");
    EXPECT_TRUE(holds(notes(), "master.cf: 2525/inet stays as it is, and lets people sign in too"));
    EXPECT_TRUE(holds(master_cf(), "2525 inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes\n"));
}

TEST_F(Plan, NobodySignsInAtPort25OfAnAddressEither)
{
    master_has(
        "192.0.2.1:25 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o content_filter=amavis\n"
        "[::1]:smtp inet n - y - - smtpd\n  -o smtpd_relay_restrictions=permit\n");
    EXPECT_TRUE(holds(master_cf(), "192.0.2.1:25 inet n - y - - smtpd -o content_filter=amavis\n"));
    EXPECT_TRUE(holds(master_cf(), "[::1]:smtp inet n - y - - smtpd\n"));
    EXPECT_TRUE(holds(notes(), "192.0.2.1:25/inet/smtpd_sasl_auth_enable = yes is taken out"));
}

TEST_F(Plan, WhereTheDirectoryIsNotAskedAfterwardsIsSaid)
{
    // Until now main.cf says the same as the entry.
    postfix_has("smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth\n");
    master_has("2525 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_sasl_path=private/auth\n");
    servers_.doveconf_extra_ =
        "service auth {\n  unix_listener /var/spool/postfix/private/auth {\n    mode = 0660\n  }\n}\n";
    auto const said = notes();
    EXPECT_TRUE(holds(said,
                      "master.cf: 2525/inet stays as it is, and lets people in by smtpd_sasl_path = private/auth: the "
                      "directory is not asked there"))
        << said;
    EXPECT_TRUE(holds(said, "Dovecot's auth listener /var/spool/postfix/private/auth stays")) << said;
}

TEST_F(Plan, WhatAnEntryForSubmissionHadIsSaidWhereOursTakesItsPlace)
{
    postfix_has("smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023\n");
    master_has(
        "submission inet n - y - - smtpd\n  -o smtpd_client_restrictions=check_client_access,hash:/x\n"
        "  -o smtpd_helo_restrictions=$mua_helo_restrictions\n"
        "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n  -o smtpd_tls_security_level=may\n");
    EXPECT_EQ(
        notes(),
        "master.cf: submission/inet/smtpd_tls_security_level = may becomes encrypt\n"
        "master.cf: submission/inet/smtpd_client_restrictions = check_client_access,hash:/x becomes empty\n"
        "submission/inet: main.cf's smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023 is not "
        "asked there; ours is");
}

TEST_F(Plan, WhatUsersFeelMostIsSaid)
{
    postfix_has(
        "smtpd_sasl_auth_enable = yes\nrecipient_delimiter = -\nmynetworks_style = subnet\n"
        "notify_classes = bounce\nmailbox_size_limit = 1000000\n");
    servers_.doveconf_extra_ = "disable_plaintext_auth = no\n";
    auto const said = notes();
    for (auto part :
         {"smtpd_sasl_auth_enable = yes becomes no: who signs in at port 25", "recipient_delimiter = - becomes +",
          "mynetworks_style = subnet: the networks of this host relay no longer", "notify_classes = bounce",
          "mailbox_size_limit = 1000000 becomes 0", "Dovecot lets people sign in without TLS now"}) {
        EXPECT_TRUE(holds(said, part)) << part << " in\n" << said;
    }
}

TEST_F(Plan, NotesShowNoPasswords)
{
    postfix_has("transport_maps = inline:{ example.org=smtp:user:abc }\n");
    EXPECT_TRUE(holds(notes(), "transport_maps = inline:(hidden) is no longer asked")) << notes();
}

TEST_F(Plan, MailToEverybodyIsNotTakenToBeBounced)
{
    postfix_has("local_recipient_maps =\n");
    EXPECT_FALSE(holds(main_cf(), "local_recipient_maps"));
    EXPECT_TRUE(holds(notes(), "local_recipient_maps, which was empty, is taken out"));
    postfix_has("local_recipient_maps = hash:/etc/postfix/local\n");
    EXPECT_TRUE(holds(main_cf(), "local_recipient_maps = hash:/etc/postfix/local\n"));
}

TEST_F(Plan, AMachineThatServesMailIsToldWhatBecomesOfItsUsers)
{
    postfix_has(
        "virtual_mailbox_domains = example.org\nvirtual_mailbox_maps = hash:/etc/postfix/vmailbox\n"
        "mydestination = $myhostname, example.com, localhost\n"
        "smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, reject\n"
        "mynetworks = 0.0.0.0/0\n");
    servers_.doveconf_extra_ =
        "passdb {\n  driver = sql\n  args = /etc/dovecot/dovecot-sql.conf.ext\n}\n"
        "mail_location = maildir:/var/mail/vhosts/%d/%n\n";
    std::ofstream(servers_.at("/etc/passwd"), std::ios::app) << "carol:x:1000:1000::/home/carol:/bin/bash\n";
    servers_.write("/var/mail/carol", "From x\n");
    before_ = servers_.etc();
    auto const said = notes();
    for (auto part : {"virtual_mailbox_domains = example.org is no longer asked", "hash:/etc/postfix/vmailbox",
                      "mail to example.com goes to the users of this host now", "Users with mail here: carol",
                      "permit_tls_clientcerts", "mynetworks = 0.0.0.0/0 lets everybody relay",
                      "passdb sql /etc/dovecot/dovecot-sql.conf.ext is no longer asked",
                      "maildir:/var/mail/vhosts/%d/%n: mail that is stored there stays"}) {
        EXPECT_TRUE(holds(said, part)) << part << " in\n" << said;
    }
    EXPECT_TRUE(holds(main_cf(), "mynetworks = 127.0.0.0/8, [::1]/128\n"));
}

TEST_F(Plan, TheInboxStaysInItsNamespace)
{
    servers_.doveconf_extra_ = "namespace inbox {\n  inbox = no\n}\nnamespace private {\n  inbox = yes\n}\n";
    EXPECT_TRUE(holds(text_of("/etc/dovecot/provost.conf"), "namespace inbox {\n  inbox = yes\n"));
}

TEST_F(Plan, WithoutLocalConfOursIsReadFromDovecotConf)
{
    servers_.write("/etc/dovecot/dovecot.conf", "protocols = imap\nssl = no");
    before_ = servers_.etc();
    EXPECT_EQ(text_of("/etc/dovecot/dovecot.conf"),
              "protocols = imap\nssl = no\n# Provost's settings; last, so that they hold.\n"
              "!include /etc/dovecot/provost.conf\n");
}

TEST_F(Plan, AConfigurationThatIsBrokenAlreadyIsSaidToBe)
{
    servers_.broken_ = "doveconf -a";
    auto const refused = plan();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_TRUE(holds(refused.error().message, "as it is"));
}

TEST_F(Plan, AFolderInsideOneOfOursIsTakenHoweverItWasMade)
{
    std::filesystem::create_directories(servers_.at("/run/provost/saslauthd/something"));
    auto const planned = plan_setup(servers_.root(), Site{config::default_settings()}, {}, run_);
    EXPECT_TRUE(planned) << planned.error().message;
}

TEST_F(Plan, AFolderOfPostfixIsNotTakenForOurSockets)
{
    auto const folder = servers_.at("/var/spool/postfix/private");
    std::filesystem::create_directories(folder);
    auto settings = config::default_settings();
    settings.sockets.postfix_dir = "/var/spool/postfix/private";
    settings.sockets.map.clear();
    settings.sockets.policy.clear();
    settings.sockets.postfix_auth.clear();
    config::settle(settings);
    auto const refused = plan_setup(servers_.root(), Site{settings}, {}, run_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_TRUE(holds(refused.error().message, "/var/spool/postfix/private is there and is not Provost's"));
}

TEST_F(Plan, WithoutInitThereIsNoKeyAndThatIsSaid)
{
    std::filesystem::remove(servers_.at("/etc/provost/doveadm.key"));
    before_ = servers_.etc();
    EXPECT_TRUE(holds(plan().error().message, "run `provost init` first"));
}
