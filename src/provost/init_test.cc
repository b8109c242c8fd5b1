// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(InitCommand, WhatWasChangedIsPrinted)
{
    TestDesk desk;
    std::string file;
    desk.around.init = [&](std::string const& settings_file) -> Result<std::vector<std::string>> {
        file = settings_file;
        return std::vector<std::string>{"made /var/lib/provost"};
    };
    auto const settings = desk.socket + ".toml";
    EXPECT_EQ(desk.run({"init", "--config", settings}), 0);
    EXPECT_EQ(file, settings);
    EXPECT_EQ(desk.out.str(), "made /var/lib/provost\n");
    EXPECT_EQ(desk.run({"init", "-o", "json"}), 0);
    EXPECT_EQ(desk.run({"init", "-o", "csv"}), 0);
    EXPECT_EQ(desk.out.str(),
              "made /var/lib/provost\n{\"changes\":[\"made /var/lib/provost\"]}\nchange\nmade /var/lib/provost\n");
    EXPECT_TRUE(desk.asked.empty());
}

TEST(InitCommand, ASecondTimeThereIsNothingToChange)
{
    TestDesk desk;
    desk.around.init = [](std::string const&) { return Result<std::vector<std::string>>(); };
    EXPECT_EQ(desk.run({"init"}), 0);
    EXPECT_EQ(desk.out.str(), "nothing to change\n");
}

TEST(InitCommand, ARefusalHasItsCode)
{
    TestDesk desk;
    desk.around.init = [](std::string const&) -> Result<std::vector<std::string>> {
        return fail(Fault::denied, "only root may make this host ready: sudo provost init");
    };
    EXPECT_EQ(desk.run({"init"}), 77);
    EXPECT_EQ(desk.err.str(), "provost: only root may make this host ready: sudo provost init\n");
}

// The settings that init writes do not exist before it.
TEST(InitCommand, MissingSettingsDoNotStopIt)
{
    TestDesk desk;
    desk.around.init = [](std::string const&) { return Result<std::vector<std::string>>(); };
    EXPECT_EQ(static_cast<int>(run({"--config", "/nonexistent/provost.toml", "init"}, desk.around)), 0);
    EXPECT_EQ(static_cast<int>(run({"--config", "/nonexistent/provost.toml", "version"}, desk.around)), 0);
}

}  // namespace
}  // namespace provost::cli
