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
