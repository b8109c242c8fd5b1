// SPDX-License-Identifier: Apache-2.0
#include "host/doctor.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/version.h"
#include "host/doctor_parts.h"
#include "host/setup.h"
#include "host/test_servers.h"

using namespace provost;
using namespace provost::host;

namespace json = boost::json;

namespace {

json::object healthy_status()
{
    return json::parse(R"({"version":")" + std::string(version) + R"(",
        "record":{"reachable":true,"writable":true,"trouble":null,"position":{"revision":7}},
        "replica":{"usable":true,"age_ms":300,"trouble":null,"position":{"revision":7}},
        "work":{"pending":0,"failing":0}})")
        .as_object();
}

// A host of files that setup has written, with what is found amiss in it.
class Doctor : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
        ASSERT_TRUE(init(servers_.root(), {}, run_));
        set_up();
    }
    void set_up()
    {
        auto const plan = plan_setup(servers_.root(), Site{settings_}, {}, run_);
        ASSERT_TRUE(plan) << plan.error().message;
        std::filesystem::create_directories(servers_.at("/etc/tmpfiles.d"));
        for (auto const& file : plan->files) ASSERT_TRUE(servers_.root().put(file.path, file.next));
    }

    using Part = void (*)(Examination const&);
    // "red postfix maps: what: cure", a line for each finding that is not green.
    std::string amiss(Part part)
    {
        std::string text;
        seen_ = 0;
        part({servers_.root(), {settings_, "/etc/provost/provost.toml"}, run_, ask_, [&](Finding const& finding) {
                  ++seen_;
                  if (finding.health == Health::green) return;
                  text += std::string(word(finding.health)) + " " + finding.check + ": " + finding.what + ": " +
                          finding.cure + "\n";
              }});
        return text;
    }
    // The same without what depends on servers that run, and on certificates that are real.
    std::string amiss_in_files()
    {
        std::string text;
        auto const all = amiss(examine_servers);
        for (auto const line : split(all, '\n')) {
            if (!line.empty() && line.find("certificate of") == std::string_view::npos &&
                line.find("lmtp socket") == std::string_view::npos) {
                text += std::string(line) + "\n";
            }
        }
        return text;
    }
    void append(std::string const& path, std::string const& text)
    {
        servers_.write(path, *servers_.root().read(path) + text);
    }
    void replace(std::string const& path, std::string const& old, std::string const& fresh)
    {
        auto all = *servers_.root().read(path);
        auto const at = all.find(old);
        ASSERT_NE(at, std::string::npos) << old;
        servers_.write(path, all.replace(at, old.size(), fresh));
    }

    TestServers servers_;
    config::Settings settings_ = config::default_settings();
    Runner run_ = servers_.runner();
    Result<json::object> status_ = healthy_status();
    Examination::Ask ask_ = [this](auto const&, auto const&, auto const&) { return status_; };
    int seen_ = 0;
};

TEST_F(Doctor, FindsNothingInFilesThatSetupWrote)
{
    EXPECT_EQ(amiss_in_files(), "");
    EXPECT_GT(seen_, 20);
}

TEST_F(Doctor, FindsNothingInThoseOfDovecot24Either)
{
    servers_.dovecot_version_ = "2.4.1-4\n";
    set_up();
    EXPECT_EQ(amiss_in_files(), "");
    append("/etc/dovecot/provost.conf", "mail_plugins {\n  quota = no\n}\n");
    EXPECT_TRUE(amiss_in_files().starts_with("red dovecot plugins: mail_plugins/quota is "));
}

TEST_F(Doctor, NamesAMapThatLeadsElsewhere)
{
    replace("/etc/postfix/main.cf", "virtual_mailbox_maps = ${provost}:mailboxes", "virtual_mailbox_maps = hash:/x");
    EXPECT_EQ(amiss_in_files(),
              "red postfix maps: virtual_mailbox_maps is \"hash:/x\" and not \"${provost}:mailboxes\": run `provost "
              "setup`\n");
}

TEST_F(Doctor, NamesSignInsThatLeadElsewhereAtSubmission)
{
    replace("/etc/postfix/master.cf", " -o smtpd_sasl_auth_enable=yes", " -o smtpd_sasl_auth_enable=no");
    auto const told = amiss_in_files();
    EXPECT_TRUE(told.starts_with("red postfix submission: master.cf: submission/inet/smtpd_sasl_auth_enable is \"no\""))
        << told;
}

TEST_F(Doctor, FindsMapsThatAServiceOfPostfixOverrides)
{
    append("/etc/postfix/master.cf",
           "cleanup unix n - y - 0 cleanup -o virtual_alias_maps=hash:/x\n"
           "127.0.0.1:10025 inet n - y - - smtpd -o virtual_alias_maps=\n");
    auto const told = amiss_in_files();
    EXPECT_NE(told.find("red postfix overrides: "), std::string::npos) << told;
    EXPECT_NE(told.find("master.cf sets cleanup/unix/virtual_alias_maps to \"hash:/x\""), std::string::npos) << told;
}

TEST_F(Doctor, NamesOtherDoorsAtWhichTheDirectoryIsNotAsked)
{
    append("/etc/postfix/master.cf",
           "2525 inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_path=private/auth\n"
           "2526 inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes\n"
           "2527 inet n - y - - smtpd -o smtpd_relay_restrictions=permit\n"
           "127.0.0.1:10025 inet n - y - - smtpd -o mynetworks=127.0.0.0/8 -o smtpd_relay_restrictions=permit\n"
           "192.0.2.1:25 inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes\n");
    servers_.doveconf_extra_ =
        "service auth {\n  unix_listener /var/spool/postfix/private/auth {\n    mode = 0660\n  }\n}\n";
    auto const told = amiss_in_files();
    for (auto part :
         {"red postfix other doors: master.cf: 2525/inet lets people in by smtpd_sasl_path = private/auth",
          "yellow postfix other doors: master.cf: 2526/inet lets people sign in too",
          "yellow postfix other doors: master.cf: 2527/inet has smtpd_relay_restrictions = permit of its own",
          "red postfix port 25: master.cf sets 192.0.2.1:25/inet/smtpd_sasl_auth_enable to \"yes\"",
          "yellow dovecot other sign-ins: Dovecot's auth listener /var/spool/postfix/private/auth is open"}) {
        EXPECT_NE(told.find(part), std::string::npos) << part << " in\n" << told;
    }
    EXPECT_EQ(told.find("10025"), std::string::npos) << told;
}

TEST_F(Doctor, ManyThingsAmissAreCounted)
{
    for (std::string name : {"virtual_mailbox_maps", "virtual_alias_maps", "transport_maps", "relay_domains"}) {
        replace("/etc/postfix/main.cf", name + " = ", name + " = static:");
    }
    EXPECT_NE(amiss_in_files().find("; and 1 more: "), std::string::npos);
}

TEST_F(Doctor, NamesWhatDovecotGoesByInstead)
{
    append("/etc/dovecot/provost.conf", "service auth {\n  unix_listener login/login {\n    mode = 0666\n  }\n}\n");
    EXPECT_EQ(amiss_in_files(),
              "red dovecot auth: service auth/unix_listener login/login/mode is \"0666\" and not \"0\": run `provost "
              "setup`\n");
}

TEST_F(Doctor, MorePluginsThanOursAreWell)
{
    append("/etc/dovecot/provost.conf", "mail_plugins = quota acl notify quota_clone\n");
    EXPECT_EQ(amiss_in_files(), "");
    append("/etc/dovecot/provost.conf", "mail_plugins = acl notify quota_clone\n");
    EXPECT_TRUE(amiss_in_files().starts_with("red dovecot plugins: mail_plugins is "));
}

TEST_F(Doctor, UnknownVersionsEndThere)
{
    servers_.postfix_version_ = "2.11.1\n";
    servers_.broken_ = "dovecot --version";
    auto const told = amiss(examine_servers);
    EXPECT_NE(told.find("red postfix version: "), std::string::npos) << told;
    EXPECT_NE(told.find("red dovecot version: "), std::string::npos) << told;
    EXPECT_EQ(seen_, 2);
}

TEST_F(Doctor, AConfigurationThatDovecotCannotReadIsToldInItsWords)
{
    servers_.broken_ = "doveconf";
    EXPECT_NE(amiss(examine_servers).find("red dovecot files: Dovecot cannot read its configuration as it is"),
              std::string::npos);
}

TEST_F(Doctor, FindsRightsThatAreTooWide)
{
    std::filesystem::permissions(servers_.at("/var/lib/provost"), std::filesystem::perms::all);
    auto const told = amiss(examine_folders);
    EXPECT_NE(told.find("red rights: /var/lib/provost is 0:0 0777 and not provost:provost 0750: run `provost init`"),
              std::string::npos)
        << told;
    EXPECT_NE(told.find("red link: /run/dovecot/auth-master does not lead to /run/provost/dovecot-master"),
              std::string::npos)
        << told;
}

TEST_F(Doctor, SocketsThatAreNotThereAreNamed)
{
    auto const told = amiss(examine_sockets);
    EXPECT_NE(told.find("red socket map: /var/spool/postfix/provost/map is not there"), std::string::npos) << told;
    EXPECT_EQ(seen_, 11);
}

TEST_F(Doctor, AnEmptyDirectoryIsSaidToBeEmpty)
{
    Examination const exam{servers_.root(), {settings_, ""}, run_, ask_, [](auto const&) {}};
    EXPECT_FALSE(has_nothing_in_it(exam));
    status_->at("record").at("position").as_object()["revision"] = 0;
    EXPECT_TRUE(has_nothing_in_it(exam));
    status_ = fail(Fault::unavailable, "provostd is not running");
    EXPECT_FALSE(has_nothing_in_it(exam));
}

TEST_F(Doctor, TellsWhatTheDaemonSaysOfItself)
{
    EXPECT_EQ(amiss(examine_daemon), "");
    auto& status = *status_;
    status["record"].as_object()["reachable"] = false;
    status["record"].as_object()["trouble"] = "no such host";
    status["replica"].as_object()["age_ms"] = 600'000;
    status["work"].as_object()["failing"] = 2;
    status["version"] = "0.0.9";
    EXPECT_EQ(amiss(examine_daemon),
              "yellow provostd: version 0.0.9 runs, but " + std::string(version) +
                  " is installed: restart provostd\n"
                  "red record: the database cannot be reached: no such host: see to the database that [database] url "
                  "names; mail goes on from the local copy meanwhile\n"
                  "yellow replica: revision 7, 600.0 s old: see to the database: changes do not reach the servers\n"
                  "yellow work: 2 jobs fail again and again: see why with `provost job list`\n");
}

TEST_F(Doctor, ADaemonThatDoesNotAnswerIsRed)
{
    status_ = fail(Fault::unavailable, "provostd is not running");
    EXPECT_EQ(amiss(examine_daemon), "red provostd: provostd is not running: start it, and look at its log\n");
    EXPECT_EQ(seen_, 1);
}

TEST_F(Doctor, ServersThatDoNotRunAreRed)
{
    EXPECT_NE(amiss(examine_services).find("red service postfix: does not run"), std::string::npos);
    servers_.runs_ = true;
    EXPECT_EQ(amiss(examine_services), "");
}

TEST_F(Doctor, APostfixThatEndedIsRedWhateverSystemdCallsIt)
{
    servers_.write("/run/systemd/system/x", "");
    servers_.runs_ = true;
    ASSERT_TRUE(run_({"postfix", "stop"}));
    EXPECT_TRUE(amiss(examine_services).starts_with("red service postfix: does not run")) << amiss(examine_services);
}

TEST_F(Doctor, AsksAtPort25WherePostfixListens)
{
    constexpr auto usual =
        "smtp       inet  n       -       y       -       -       smtpd\npickup unix n - y 60 1 pickup\n";
    EXPECT_EQ(address_of_port_25(usual, "all\n"), "127.0.0.1");
    EXPECT_EQ(address_of_port_25(usual, ""), "127.0.0.1");
    EXPECT_EQ(address_of_port_25(usual, "192.0.2.10, 127.0.0.1\n"), "127.0.0.1");
    EXPECT_EQ(address_of_port_25(usual, "192.0.2.10\n"), "192.0.2.10");
    EXPECT_EQ(address_of_port_25("[2001:db8::1]:smtp inet n - y - - smtpd\n2525 inet n - y - - smtpd\n", "all\n"),
              "2001:db8::1");
}

TEST_F(Doctor, AQueueThatCannotBeListedIsNotSaidToBeStopped)
{
    run_ = [](auto const&) -> Result<std::string> { return fail(Fault::conflict, "postqueue wrote more than 4 MiB"); };
    auto const told = amiss(examine_queue);
    EXPECT_TRUE(told.starts_with("yellow postfix queue: 0 letters, for so many recipients")) << told;
}

TEST_F(Doctor, ALetterThatWaitsForHoursIsYellow)
{
    run_ = [](auto const&) -> Result<std::string> {
        return std::string(R"({"queue_name": "deferred", "queue_id": "A", "arrival_time": 1000000000})") + "\n" +
               R"({"queue_name": "active", "queue_id": "B", "arrival_time": 900000000})" + "\n";
    };
    auto const told = amiss(examine_queue);
    EXPECT_TRUE(told.starts_with("yellow postfix queue: 0 letters, one of them put off for ")) << told;
    run_ = [](auto const&) -> Result<std::string> { return std::string(); };
    EXPECT_EQ(amiss(examine_queue), "");
}

TEST_F(Doctor, DisksAreMeasuredWhereTheFoldersAre)
{
    EXPECT_EQ(amiss(examine_disks), "");
    EXPECT_EQ(seen_, 3);
}

}  // namespace
