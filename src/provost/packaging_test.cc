// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gtest/gtest.h>

#include "config/file.h"
#include "provost/manual.h"
#include "provost/test_desk.h"

namespace provost::cli {
namespace {

bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

std::string printed(std::vector<std::string> const& words)
{
    TestDesk desk;
    EXPECT_EQ(desk.run(words), 0) << desk.err.str();
    return desk.out.str();
}

TEST(Packaging, EachShellLearnsEveryCommandAndOption)
{
    for (auto const* shell : {"bash", "zsh"}) {
        auto const script = printed({"completion", shell});
        EXPECT_TRUE(holds(script, "[\"provost mailbox disable\"]='-h --help --hold -n --dry-run -y --yes'")) << script;
        EXPECT_TRUE(holds(script, "[\"provost mailbox del\"]=")) << "by its other name too";
        EXPECT_TRUE(holds(script, "[\"provost --output\"]='table json csv'"));
        EXPECT_TRUE(holds(script, "[\"provost mailbox add --hash\"]='FILE'"));
    }
    auto const fish = printed({"completion", "fish"});
    EXPECT_TRUE(holds(fish, "-a 'disable' -d 'Suspend mailboxes: no sign-in"));
    EXPECT_TRUE(holds(fish, "-l hold -d 'New mail waits at its sender instead of being refused'"));
    EXPECT_TRUE(holds(fish, "-s o -l output -x -a 'table json csv'"));
    TestDesk desk;
    EXPECT_EQ(desk.run({"completion", "tcsh"}), 2);
}

TEST(Packaging, ManualsTellEveryVerbSettingAndExitCode)
{
    auto const command = printed({"manual", "provost.1"});
    for (auto const& group : groups()) {
        for (auto const& verb : group.verbs) {
            auto const name = group.name.empty() ? verb.names.front() : group.name + ' ' + verb.names.front();
            EXPECT_EQ(holds(command, "\\fBprovost " + name + "\\fR"), !verb.is_hidden) << name;
        }
    }
    for (auto const& [code, meaning] : exit_meanings()) {
        EXPECT_TRUE(holds(command, ".TP\n\\fB" + std::to_string(static_cast<int>(code)) + "\\fR\n")) << meaning;
    }
    auto const settings = printed({"manual", "provost.toml.5"});
    for (auto const& each : config::every_setting()) EXPECT_TRUE(holds(settings, "\\fB" + each.name + "\\fR = "));
    EXPECT_TRUE(holds(printed({"manual", "provostd.8"}), "/var/spool/postfix/provost/map"));
    TestDesk desk;
    EXPECT_EQ(desk.run({"manual", "provost.9"}), 3);
    EXPECT_TRUE(holds(desk.err.str(), "provost.toml.5"));
}

// A line of text that begins like a request would be taken for one, and vanish.
TEST(Packaging, NoWordsOfOursAreRequestsToTroff)
{
    for (auto const& name : manual_pages()) {
        std::istringstream lines(printed({"manual", name}));
        for (std::string line; std::getline(lines, line);) {
            EXPECT_NE(line.front(), '\'') << line;
            if (line.front() != '.') continue;
            auto const request = line.substr(0, line.find(' '));
            EXPECT_TRUE(holds(" .\\\" .TH .SH .SS .PP .TP .EX .EE ", " " + request + " ")) << line;
        }
    }
}

TEST(Packaging, UnitsAreWrittenWhereSaidForTheSettingsSaid)
{
    TestDesk desk;
    std::string said;
    desk.around.write_units = [&](auto const& folder, auto const& programs,
                                  auto const& settings) -> Result<std::vector<std::string>> {
        said = folder + " " + programs + " " + settings;
        return std::vector<std::string>{folder + "/provostd.service"};
    };
    EXPECT_EQ(desk.run({"units", "/tmp/units", "--config", "/etc/other.toml"}), 0);
    EXPECT_EQ(said, "/tmp/units /usr/local/sbin /etc/other.toml");
    EXPECT_EQ(desk.out.str(), "/tmp/units/provostd.service\n");
}

}  // namespace
}  // namespace provost::cli
