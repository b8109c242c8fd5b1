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
    log::start(log::Level::warning, file.string());
    log::warning("LOGIN_FAILED", {{"user", "eve\nerror FORGED"}});
    log::info("HIDDEN");
    log::start(log::Level::info);
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    EXPECT_NE(line.find(R"(warning LOGIN_FAILED user="eve\x0aerror FORGED")"), std::string::npos) << line;
    EXPECT_FALSE(std::getline(in, line));
    std::filesystem::remove(file);
}

TEST(Log, AFileThatCannotBeOpenedLeavesLinesWhereTheyWent)
{
    auto const folder = std::filesystem::temp_directory_path() / ("provost-log-test." + std::to_string(getpid()));
    auto const file = folder / "log";
    log::start(log::Level::info, file.string());
    std::filesystem::rename(file, folder / "rotated");
    std::filesystem::create_directory(file);
    log::reopen();
    log::info("STILL_WRITTEN");
    std::filesystem::remove(file);
    log::reopen();
    log::info("WRITTEN_ANEW");
    log::start(log::Level::info);
    auto const text_of = [](std::filesystem::path const& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    };
    EXPECT_NE(text_of(folder / "rotated").find("error LOG_NOT_OPENED file="), std::string::npos);
    EXPECT_NE(text_of(folder / "rotated").find("info STILL_WRITTEN"), std::string::npos);
    EXPECT_NE(text_of(file).find("info WRITTEN_ANEW"), std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST(Log, WithoutAFileLinesGoToStandardErrorAgain)
{
    auto const file = std::filesystem::temp_directory_path() / ("provost-log-test." + std::to_string(getpid()));
    log::start(log::Level::info, file.string());
    log::start(log::Level::info);
    log::info("NOT_IN_THE_FILE");
    EXPECT_EQ(std::filesystem::file_size(file), 0U);
    std::filesystem::remove(file);
}
