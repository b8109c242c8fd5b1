// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "host/doctor_parts.h"
#include "host/setup.h"
#include "host/test_cyrus.h"

using namespace provost;
using namespace provost::host;

namespace {

// A host of files that setup has written for Cyrus, with what is found amiss in it.
class CyrusDoctor : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
        ASSERT_TRUE(init(servers_.root(), {}, run_));
        give_cyrus(servers_);
        SetupWishes wishes;
        wishes.imap_server = "cyrus";
        auto const plan = plan_setup(servers_.root(), Site{config::default_settings()}, wishes, run_);
        ASSERT_TRUE(plan) << plan.error().message;
        std::filesystem::create_directories(servers_.at("/etc/tmpfiles.d"));
        for (auto const& file : plan->files) ASSERT_TRUE(servers_.root().put(file.path, file.next));
        settings_ = plan->settings;
    }

    // Without what depends on servers that run, and on certificates that are real.
    std::string amiss()
    {
        std::string text;
        auto const ask = [this](auto const&, std::string const& path, auto const&) -> Result<boost::json::object> {
            if (path == "/domains/" + hosted_) return boost::json::object();
            return fail(Fault::not_found, "no such domain");
        };
        examine_servers({servers_.root(), {settings_}, run_, ask, [&](Finding const& finding) {
                             if (finding.health == Health::green || finding.check == "cyrus lmtp socket" ||
                                 finding.check.starts_with("certificate")) {
                                 return;
                             }
                             text +=
                                 std::string(word(finding.health)) + " " + finding.check + ": " + finding.what + "\n";
                         }});
        return text;
    }
    void change(std::string const& path, std::string const& from, std::string const& to)
    {
        auto text = *servers_.root().read(path);
        auto const at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        servers_.write(path, text.replace(at, from.size(), to));
    }

    TestServers servers_;
    config::Settings settings_;
    Runner run_ = servers_.runner();
    std::string hosted_ = "example.test";
};

}  // namespace

TEST_F(CyrusDoctor, WhatSetupWroteIsWell) { EXPECT_EQ(amiss(), ""); }

TEST_F(CyrusDoctor, WhatSomebodyChangedIsNamedUnderItsSubject)
{
    struct {
        char const *path, *from, *to, *amiss;
    } const cases[] = {
        {"/etc/imapd.conf", "sasl_pwcheck_method: saslauthd", "sasl_pwcheck_method: auxprop",
         "red cyrus sign-ins: sasl_pwcheck_method is \"auxprop\" and not \"saslauthd\"\n"},
        {"/etc/imapd.conf", "allowplaintext: no", "allowplaintext: yes",
         "red cyrus sign-ins: allowplaintext is \"yes\" and not \"no\"\n"},
        {"/etc/imapd.conf", "admins: cyrus\n", "", "red cyrus mailboxes: admins does not name \"cyrus\"\n"},
        {"/etc/imapd.conf", "autocreate_quota: -1", "autocreate_quota: 0",
         "red cyrus mailboxes: autocreate_quota is \"0\" and not \"-1\"\n"},
        {"/etc/imapd.conf", "virtdomains: userid", "virtdomains: off\nimap_allowplaintext: yes",
         "red cyrus mailboxes: virtdomains is \"off\" and not \"userid\"\nred cyrus sign-ins: imapd.conf sets "
         "imap_allowplaintext to \"yes\"\n"},
        {"/etc/cyrus.conf", "\t#nntp", "\tnntp",
         "red cyrus services: cyrus.conf is not yet so that nntp is switched off: nntpd is not installed, and without "
         "it "
         "Cyrus does not start\n"},
        {"/etc/postfix/main.cf", "lmtp:unix:provost-lmtp/lmtp", "lmtp:unix:private/other",
         "red postfix delivery: virtual_transport is \"lmtp:unix:private/other\" and not "
         "\"lmtp:unix:provost-lmtp/lmtp\"\n"},
    };
    for (auto const& c : cases) {
        auto const before = *servers_.root().read(c.path);
        change(c.path, c.from, c.to);
        EXPECT_EQ(amiss(), c.amiss);
        servers_.write(c.path, before);
    }
}

TEST_F(CyrusDoctor, ADomainThatIsCutOffItsUsersNamesIsTold)
{
    change("/etc/imapd.conf", "defaultdomain: internal", "defaultdomain: example.test");
    EXPECT_EQ(amiss(), "red cyrus defaultdomain: example.test is cut off its users' names when they sign in\n");
    hosted_ = "example.org";
    EXPECT_EQ(amiss(), "");
}

TEST_F(CyrusDoctor, AFileThatItCannotStartWithIsSaid)
{
    servers_.write("/etc/cyrus.conf", "SERVICES {\n imap cmd=\"imapd\n}\n");
    EXPECT_EQ(
        amiss(),
        "red cyrus files: Cyrus cannot start with its configuration as it is: /etc/cyrus.conf:2: a \" is missing\n");
    servers_.cyrus_version_ = "cyrus-imapd 2.5.10\n";
    EXPECT_TRUE(amiss().starts_with("red cyrus version: "));
}
