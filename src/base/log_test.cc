// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace provost;

TEST(Log, AFieldCannotForgeALine)
{
    auto const file = std::filesystem::temp_directory_path() / ("provost-log-test." + std::to_string(getpid()));
    log::start(log::Level::info, file.string());
    log::info("LOGIN_FAILED", {{"user", "eve\nerror FORGED"}});
    log::debug("HIDDEN");
    log::start(log::Level::info);
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    EXPECT_NE(line.find(R"(info LOGIN_FAILED user="eve\x0aerror FORGED")"), std::string::npos) << line;
    EXPECT_FALSE(std::getline(in, line));
    std::filesystem::remove(file);
}
