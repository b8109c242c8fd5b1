// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <set>

#include <gtest/gtest.h>

using namespace provost::config;

TEST(Settings, PathsFollowTheirFoldersUnlessTheyAreSaid)
{
    Settings settings;
    settings.state.folder = "/srv/a";
    settings.state.run = "/run/a";
    settings.sockets.admin = "/run/b.sock";
    settle(settings);
    EXPECT_EQ(settings.database.url, "sqlite:/srv/a/provost.db");
    EXPECT_EQ(settings.sockets.dovecot_master, "/run/a/dovecot-master");
    EXPECT_EQ(settings.sockets.map, "/var/spool/postfix/provost/map");
    EXPECT_EQ(settings.sockets.admin, "/run/b.sock");
}

TEST(Settings, TheDefaultsKeepTheirRules)
{
    auto const outcome = check(default_settings());
    EXPECT_TRUE(outcome) << outcome.error().message;
}

TEST(Settings, ABrokenRuleNamesSectionAndKey)
{
    auto settings = default_settings();
    settings.workers.database = 0;
    auto const outcome = check(settings);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().field, "workers.database");
}

TEST(Settings, TheApiIsReachedFromElsewhereWithACertificateOnly)
{
    auto const outcome = [](char const* listen, char const* certificate, char const* key) {
        auto settings = default_settings();
        settings.api.listen = listen;
        settings.api.certificate = certificate;
        settings.api.key = key;
        auto const checked = check(settings);
        return checked ? std::string() : checked.error().message;
    };
    for (auto listen : {"127.0.0.1:8420", "127.7.0.1:1", "[::1]:8420", ""}) EXPECT_EQ(outcome(listen, "", ""), "");
    for (std::string const listen : {"0.0.0.0:8420", "[::]:8420", "192.0.2.1:8420"}) {
        EXPECT_EQ(
            outcome(listen.c_str(), "", ""),
            "api.listen: '" + listen + "' can be reached from other hosts, so it needs api.certificate and api.key");
        EXPECT_EQ(outcome(listen.c_str(), "/c.pem", "/k.pem"), "");
    }
    EXPECT_EQ(outcome("127.0.0.1:8420", "/c.pem", ""),
              "api.key: a certificate and its key are said together, or neither is");
    EXPECT_EQ(outcome("localhost:8420", "", ""),
              "api.listen: 'localhost:8420' must be ADDRESS:PORT or [IPV6]:PORT in numbers, or empty");
}

TEST(Settings, EveryKeyIsThereOnceAndExplained)
{
    std::set<std::string> names;
    auto const settings = default_settings();
    for_each_section(settings, [&](std::string const& name, auto const& section) {
        for_each_setting(section, [&](auto const& setting, auto const&) {
            EXPECT_TRUE(names.insert(name + "." + setting.name).second) << name << "." << setting.name;
            EXPECT_NE(std::string(setting.help), "");
        });
    });
    EXPECT_GT(names.size(), 30U);
}
