// SPDX-License-Identifier: Apache-2.0
#include "config/file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/text.h"

using namespace provost;
using namespace provost::config;
using namespace std::chrono_literals;

TEST(SettingsFile, ValuesAreTakenAndTheRestKeepsItsDefault)
{
    auto const settings = parse_settings(
        "[state]\nfolder = \"/srv/a\"\n[workers]\nloops = 3\n[passwords]\nfailure_delay = \"1s\"\n"
        "remember_for = 500\n[doors]\npop3s = \"\"\n",
        "p.toml");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->state.folder, "/srv/a");
    EXPECT_EQ(settings->database.url, "sqlite:/srv/a/provost.db");
    EXPECT_EQ(settings->workers.loops, 3);
    EXPECT_EQ(settings->passwords.failure_delay, 1s);
    EXPECT_EQ(settings->passwords.remember_for, 500ms);
    EXPECT_EQ(settings->doors.pop3s, "");
    EXPECT_EQ(settings->doors.imaps, "127.0.0.1:993");
}

TEST(SettingsFile, WhatIsWrongIsNamedWithItsPlace)
{
    struct Case {
        char const* text;
        char const* says;
        char const* also;
    };
    for (auto const& c : {
             Case{"[mail]\nrecipent_delimiter = \"-\"\n", "p.toml:2:1: ", "'mail.recipient_delimiter'"},
             Case{"\n[databse]\n", "p.toml:2:2: ", "'database'"},
             Case{"[xyzzyplugh]\n", "there is no section 'xyzzyplugh'", "state, database"},
             Case{"[workers]\nloops = \"3\"\n", "p.toml:2:9: workers.loops", "whole number"},
             Case{"[workers]\nloops = 300\n", "p.toml:2:9: workers.loops", "from 0 to 256"},
             Case{"[mail]\nuid = 5000.5\n", "mail.uid", "whole number"},
             Case{"[mail]\nuid = 0\n", "mail.uid", "from 1"},
             Case{"[mail]\nmail_root = 1\n", "mail.mail_root", "text in quotes"},
             Case{"[mail]\nmail_root = \"mail\"\n", "mail.mail_root", "absolute path"},
             Case{"[passwords]\nfailure_delay = \"6s\"\n", "passwords.failure_delay", "from 100ms to 5s"},
             Case{"[passwords]\nfailure_delay = -1\n", "passwords.failure_delay", "-1"},
             Case{"[passwords]\nshared_networks = \"192.0.2.0/33\"\n", "passwords.shared_networks", "192.0.2.0/24"},
             Case{"[log]\nlevel = \"waring\"\n", "log.level", "did you mean"},
             Case{"log = 1\n", "p.toml:1:1: ", "[log]"},
             Case{"[log]\nlevel = \"info\"\nlevel = \"info\"\n", "p.toml:3:", ""},
             Case{"[log\n", "p.toml:1:", ""},
             Case{"[log]\nfile = \"\xff\"\n", "p.toml:2:", ""},
         }) {
        auto const settings = parse_settings(c.text, "p.toml");
        ASSERT_FALSE(settings) << c.text;
        EXPECT_EQ(settings.error().fault, Fault::invalid);
        EXPECT_NE(settings.error().message.find(c.says), std::string::npos) << settings.error().message;
        EXPECT_NE(settings.error().message.find(c.also), std::string::npos) << settings.error().message;
    }
}

TEST(SettingsFile, ASocketThatFollowsALongFolderIsRefusedToo)
{
    auto const settings = parse_settings("[state]\nrun = \"/" + std::string(100, 'r') + "\"\n", "p.toml");
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().field, "sockets.dovecot_master");
}

TEST(SettingsFile, TheSampleReadsAsWhatItWasMadeFrom)
{
    EXPECT_TRUE(parse_settings(sample_file(), "sample"));
    auto chosen = default_settings();
    chosen.mail.recipient_delimiter = "-";
    chosen.passwords.failure_delay = 1500ms;
    chosen.doors.sieve = "";
    auto const text = sample_file(chosen);
    EXPECT_NE(text.find("\nrecipient_delimiter = \"-\"\n"), std::string::npos);
    EXPECT_NE(text.find("\n# mail_root = \"/var/vmail\"\n"), std::string::npos);
    auto const read = parse_settings(text, "sample");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(sample_file(*read), text);
    EXPECT_EQ(read->passwords.failure_delay, 1500ms);
}

TEST(SettingsFile, EverySampleLineTakenOutOfItsCommentStillReads)
{
    auto const sample = sample_file();
    std::string text;
    for (auto line : split(sample, '\n')) {
        auto const is_value = line.starts_with("# ") && line.find(" = ") != std::string_view::npos;
        text += std::string(is_value ? line.substr(2) : line) + "\n";
    }
    auto const read = parse_settings(text, "sample");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(sample_file(*read), sample_file());
}

TEST(SettingsFile, HelpNamesEverySettingWithItsDefault)
{
    auto const help = settings_help();
    EXPECT_NE(help.find("state.folder = \"/var/lib/provost\""), std::string::npos);
    EXPECT_NE(help.find("log.level = \"info\""), std::string::npos);
    EXPECT_NE(help.find("one of info, warning, error"), std::string::npos);
}

TEST(SettingsFile, ItsPathIsTheGivenOneThenTheEnvironmentsThenTheUsual)
{
    unsetenv("PROVOST_CONFIG");
    EXPECT_EQ(settings_path(std::nullopt), "/etc/provost/provost.toml");
    setenv("PROVOST_CONFIG", "/a.toml", 1);
    EXPECT_EQ(settings_path(std::nullopt), "/a.toml");
    EXPECT_EQ(settings_path("/b.toml"), "/b.toml");
    unsetenv("PROVOST_CONFIG");
}

TEST(SettingsFile, AMissingFileIsNotFoundAndAFolderCannotBeRead)
{
    EXPECT_EQ(read_settings("/nonexistent/p.toml").error().fault, Fault::not_found);
    EXPECT_EQ(read_settings("/tmp").error().fault, Fault::unavailable);
    auto const path = std::filesystem::path(::testing::TempDir()) / "provost_settings_test.toml";
    std::ofstream(path) << "[log]\nlevel = \"warning\"\n";
    EXPECT_EQ(read_settings(path)->log.level, "warning");
    std::filesystem::remove(path);
}
