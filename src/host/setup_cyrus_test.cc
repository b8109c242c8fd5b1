// SPDX-License-Identifier: Apache-2.0
#include "host/setup_cyrus.h"

#include <memory>

#include <gtest/gtest.h>

#include "host/advice.h"
#include "host/test_cyrus.h"
#include "host/transaction.h"

using namespace provost;
using namespace provost::host;

namespace {

bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

class Cyrus : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
        ASSERT_TRUE(init(servers_.root(), {}, run_));
        give_cyrus(servers_);
        wishes_.imap_server = "cyrus";
    }

    Result<SetupPlan> plan() { return plan_setup(servers_.root(), site_, wishes_, run_); }
    std::string text_of(std::string const& path)
    {
        auto const planned = plan();
        if (!planned) return planned.error().message;
        for (auto const& file : planned->files) {
            if (file.path == path) return file.next.content;
        }
        return "is as it was";
    }
    std::string imapd() { return text_of("/etc/imapd.conf"); }
    std::string conf() { return text_of("/etc/cyrus.conf"); }
    std::string main_cf() { return text_of("/etc/postfix/main.cf"); }
    std::string notes()
    {
        auto const planned = plan();
        return planned ? joined(planned->notes, "\n") : planned.error().message;
    }
    void has_mail() { servers_.write("/var/spool/cyrus/mail/a/user/alice/cyrus.header", ""); }
    void has_key_of_a_group()
    {
        std::ofstream(servers_.at("/etc/group"), std::ios::app) << "ssl-cert:x:9104:\n";
        auto const key = servers_.at(snakeoil_key);
        ASSERT_EQ(::chown(key.c_str(), 0, 9104) + ::chmod(key.c_str(), 0640), 0);
        std::ofstream(servers_.at("/etc/passwd"), std::ios::app) << "";
        auto users = *servers_.root().read("/etc/passwd");
        users.replace(users.find("cyrus:x:0:0"), 11, "cyrus:x:9101:9108");
        servers_.write("/etc/passwd", users);
        auto groups = *servers_.root().read("/etc/group");
        groups.replace(groups.find("sasl:x:0:\n"), 10, "sasl:x:9145:cyrus\n");
        servers_.write("/etc/group", groups);
    }
    Result<Changes> apply(Step const& step = [](std::string const&) { return Result<void>(); })
    {
        auto const planned = plan();
        if (!planned) return tl::make_unexpected(planned.error());
        return apply_setup(servers_.root(), site_, *planned, run_, step);
    }
    // As the next run of the command has it.
    Site next() const
    {
        Site site = site_;
        site.settings.mail.target = "cyrus";
        return site;
    }

    TestServers servers_;
    Site site_{config::default_settings()};
    SetupWishes wishes_;
    Runner run_ = servers_.runner();
};

}  // namespace

TEST_F(Cyrus, OnAFreshHostAllIsChosenForASiteOfManyDomains)
{
    auto const text = imapd();
    for (auto line : {"# Debian's\n", "altnamespace: yes\n", "unixhierarchysep: yes\n", "virtdomains: userid\n",
                      "defaultdomain: internal\n", "admins: cyrus\n", "autocreate_quota: -1\n", "allowplaintext: no\n",
                      "sasl_pwcheck_method: saslauthd\n", "sasl_saslauthd_path: /run/provost/saslauthd/mux\n",
                      "tls_server_cert: /etc/ssl/certs/ssl-cert-snakeoil.pem\n", "delete_mode: delayed\n"}) {
        EXPECT_TRUE(holds(text, line)) << line << " in\n" << text;
    }
    EXPECT_FALSE(holds(text, "allowstarttls"));
    EXPECT_EQ(notes(), "");
    servers_.cyrus_version_ = "cyrus-imapd 3.10.2-Debian-3.10.2-1+deb13u2\n";
    EXPECT_TRUE(holds(imapd(), "allowstarttls: yes\n"));
}

TEST_F(Cyrus, ItsServersAreThoseThatAreInstalled)
{
    auto const text = conf();
    for (auto line : {"\t#nntp\t\tcmd=", "\timap\t\tcmd=\"imapd -U 30\" listen=\"imap\" prefork=0 maxchild=1000\n",
                      "listen=\"sieve\"", "cmd=\"imapd -s -U 30\" listen=\"imaps\"", "cmd=\"pop3d -s -U 30\"",
                      "provostlmtp  cmd=\"lmtpd\" listen=\"/var/spool/postfix/provost-lmtp/lmtp\""}) {
        EXPECT_TRUE(holds(text, line)) << line << " in\n" << text;
    }
    std::filesystem::remove(servers_.at(std::string(cyrus_programs) + "pop3d"));
    EXPECT_TRUE(holds(conf(), "\t#pop3\t\tcmd="));
    EXPECT_FALSE(holds(conf(), "pop3d -s"));
    wishes_.pop3 = 110;
    EXPECT_EQ(plan().error().field, "--pop3-port");
}

TEST_F(Cyrus, PortsAreThoseThatWereAskedForOrAreThere)
{
    wishes_.imap = 0;
    wishes_.imaps = 10993;
    wishes_.sieve = 14190;
    auto const text = conf();
    EXPECT_TRUE(holds(text, "\t#imap\t\tcmd="));
    EXPECT_TRUE(holds(text, "cmd=\"imapd -s -U 30\" listen=\"10993\""));
    EXPECT_TRUE(holds(text, "cmd=\"timsieved\" listen=\"14190\""));
}

TEST_F(Cyrus, ASiteWithMailKeepsWhatWouldRenameItsMailboxesAndItsServers)
{
    has_mail();
    servers_.write("/etc/imapd.conf", std::string(debians_imapd_conf) +
                                          "defaultdomain: example.test\nvirtdomains: on\nadmins: root\n"
                                          "imap_allowplaintext: yes\nsieve_maxscripts: 7\n");
    auto const text = imapd();
    for (auto line : {"altnamespace: no\n", "unixhierarchysep: no\n", "defaultdomain: example.test\n",
                      "virtdomains: userid\n", "admins: root cyrus\n", "sieve_maxscripts: 7\n"}) {
        EXPECT_TRUE(holds(text, line)) << line << " in\n" << text;
    }
    EXPECT_FALSE(holds(text, "imap_allowplaintext"));
    EXPECT_TRUE(holds(conf(), "listen=\"localhost:sieve\""));
    EXPECT_FALSE(holds(conf(), "imapd -s"));
    auto const said = notes();
    for (auto part : {"defaultdomain: example.test stays", "allowplaintext: yes becomes no",
                      "imap_allowplaintext: yes is taken out", "virtdomains: on becomes userid", "sessions end"}) {
        EXPECT_TRUE(holds(said, part)) << part << " in\n" << said;
    }
}

TEST_F(Cyrus, WhatAnIncludedFileSaysIsNotSaidASecondTime)
{
    servers_.write("/etc/cyrus-site.conf", "sasl_mech_list: CRAM-MD5\nadmins: cyrus\n");
    servers_.write("/etc/imapd.conf", std::string(debians_imapd_conf) + "@include: /etc/cyrus-site.conf\n");
    auto const refused = plan();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_TRUE(holds(refused.error().message, "/etc/cyrus-site.conf sets sasl_mech_list to 'CRAM-MD5'"));
    servers_.write("/etc/cyrus-site.conf", "sasl_mech_list: PLAIN\nadmins: cyrus\n");
    EXPECT_FALSE(holds(imapd(), "admins"));
}

TEST_F(Cyrus, PostfixHandsLettersToItInItsChroot)
{
    EXPECT_TRUE(holds(main_cf(), "virtual_transport = lmtp:unix:provost-lmtp/lmtp\n"));
    EXPECT_TRUE(holds(main_cf(), "smtpd_sasl_type = dovecot\n"));
    auto const tmpfiles = text_of("/etc/tmpfiles.d/provost.conf");
    EXPECT_TRUE(holds(tmpfiles, "d /var/spool/postfix/provost-lmtp 0750 cyrus postfix -\n"));
    EXPECT_FALSE(holds(tmpfiles, "dovecot"));
    EXPECT_FALSE(holds(text_of("/etc/provost/sockets"), "dovecot"));
}

TEST_F(Cyrus, PostfixMaySignInByCyrusSasl)
{
    wishes_.smtp_sasl = "cyrus";
    EXPECT_EQ(plan().error().field, "--smtp-sasl");  // without its plug-ins
    servers_.write("/usr/lib/x86_64-linux-gnu/sasl2/libplain.so", "");
    EXPECT_EQ(text_of("/etc/postfix/sasl/smtpd.conf"),
              "# Set by Provost.\npwcheck_method: saslauthd\nsaslauthd_path: /provost/saslauthd/mux\nmech_list: PLAIN "
              "LOGIN\n");
    EXPECT_TRUE(holds(main_cf(), "smtpd_sasl_type = cyrus\n"));
    EXPECT_TRUE(holds(main_cf(), "smtpd_sasl_path = smtpd\n"));
    servers_.write("/etc/postfix/master.cf", "submission inet n - n - - smtpd\n");
    EXPECT_TRUE(holds(plan().error().message, "is chrooted and the other is not"));
    servers_.write("/etc/postfix/master.cf", "submission inet n - n - - smtpd\nsubmissions inet n - n - - smtpd\n");
    EXPECT_TRUE(
        holds(text_of("/etc/postfix/sasl/smtpd.conf"), "saslauthd_path: /var/spool/postfix/provost/saslauthd/mux\n"));
}

TEST_F(Cyrus, ItsUserJoinsTheGroupThatItsKeyIsFor)
{
    has_key_of_a_group();
    auto const planned = plan();
    ASSERT_TRUE(planned) << planned.error().message;
    EXPECT_EQ(planned->members, (std::vector<Membership>{{"cyrus", "ssl-cert"}}));
    ASSERT_EQ(::chmod(servers_.at(snakeoil_key).c_str(), 0600), 0);
    EXPECT_EQ(plan().error().field, "--key");
}

TEST_F(Cyrus, WhatIsOnAnotherHostIsLeftToIt)
{
    site_.settings.cyrus.imapd_conf = "";
    site_.settings.cyrus.server = "imap.example.org:993";
    EXPECT_EQ(imapd(), "is as it was");
    EXPECT_TRUE(holds(main_cf(), "virtual_transport = lmtp:inet:imap.example.org:24\n"));
    site_.settings.cyrus.server = "192.0.2.7:993";
    EXPECT_TRUE(holds(main_cf(), "virtual_transport = lmtp:inet:[192.0.2.7]:24\n"));
    auto const planned = plan();
    EXPECT_TRUE(
        holds(joined(advice(servers_.root(), planned->settings, planned->options), "\n"), "\"lmtpd -a\" at port 24"));
}

TEST_F(Cyrus, WhatItDoesNotKnowIsRefusedByName)
{
    site_.settings.mail.recipient_delimiter = "-";
    EXPECT_EQ(plan().error().field, "mail.recipient_delimiter");
    site_ = {config::default_settings()};
    site_.settings.cyrus.partition = "fast";
    EXPECT_EQ(plan().error().field, "cyrus.partition");
    site_ = {config::default_settings()};
    servers_.write("/etc/imapd.conf", "admins: a\nadmins: b\n");
    EXPECT_TRUE(holds(plan().error().message, "as it is: /etc/imapd.conf:2: admins is set a second time"));
    servers_.cyrus_version_ = "cyrus-imapd 2.5.10\n";
    EXPECT_EQ(plan().error().field, "cyrus-imapd");
}

TEST_F(Cyrus, WhoForgetsToNameItIsTold)
{
    run_ = [this](std::vector<std::string> const& words) -> Result<std::string> {
        if (words.front() == "dovecot") return fail(Fault::not_found, "is not installed");
        return servers_.runner()(words);
    };
    wishes_ = {};
    EXPECT_TRUE(holds(plan().error().message, "provost setup --imap cyrus"));
}

TEST_F(Cyrus, AllOfItIsDoneOnceAndTakenBack)
{
    has_key_of_a_group();
    auto const before = servers_.etc();
    auto const done = apply();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(holds(*servers_.root().read("/etc/provost/provost.toml"), "\ntarget = \"cyrus\"\n"));
    EXPECT_EQ(servers_.root().read("/etc/provost/cyrus.password")->size(), 44U);
    EXPECT_TRUE(*is_member(servers_.root(), {"cyrus", "ssl-cert"}));
    EXPECT_TRUE(std::filesystem::is_directory(servers_.at("/var/spool/postfix/provost-lmtp")));
    auto const again = plan_setup(servers_.root(), next(), {}, run_);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->is_empty()) << diff_of(again->files) << joined(again->places, "\n");
    SetupWishes other;
    other.imap_server = "dovecot";
    EXPECT_EQ(plan_setup(servers_.root(), next(), other, run_).error().field, "--imap");
    ASSERT_TRUE(undo_setup(servers_.root(), next(), run_, [](std::string const&) { return Result<void>(); }));
    auto after = servers_.etc();
    after.erase("/etc/provost/cyrus.password");
    EXPECT_EQ(after, before);
}

TEST_F(Cyrus, WhateverStepFailsNothingIsChanged)
{
    has_key_of_a_group();
    auto const before = servers_.etc();
    for (std::size_t number = 0;; ++number) {
        auto const count = std::make_shared<std::size_t>(0);
        auto const done = apply([&, count](std::string const& what) -> Result<void> {
            return (*count)++ == number ? Result<void>(fail(Fault::unavailable, what)) : Result<void>();
        });
        if (done) return;
        auto after = servers_.etc();
        after.erase("/etc/provost/cyrus.password");
        EXPECT_EQ(after, before) << done.error().message;
    }
}

TEST_F(Cyrus, WhatItCannotStartWithIsPutBack)
{
    servers_.broken_ = "/usr/lib/cyrus/bin/cyr_info -C";
    auto const before = *servers_.root().read("/etc/imapd.conf");
    auto const refused = apply();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(holds(refused.error().message, "Cyrus does not take what was written"));
    EXPECT_EQ(*servers_.root().read("/etc/imapd.conf"), before);
}
