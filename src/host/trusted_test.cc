// SPDX-License-Identifier: Apache-2.0
#include "host/trusted.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "net/test_peer.h"

using namespace provost;
using namespace provost::host;

namespace {

struct Trusted : testing::Test {
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: what is trusted belongs to it";
        std::filesystem::create_directory(folder);
        std::ofstream(file) << "text";
        ::chmod(file.c_str(), 0640);
    }
    void expect_refused()
    {
        auto const text = read_trusted(file);
        ASSERT_FALSE(text);
        EXPECT_EQ(text.error().fault, Fault::denied) << text.error().message;
    }

    net::TestDirectory top;
    std::string folder = top.file("etc");
    std::string file = folder + "/settings";
};

}  // namespace

TEST_F(Trusted, AFileOfRootsAloneIsRead)
{
    EXPECT_EQ(read_trusted(file).value(), "text");
    std::filesystem::create_symlink(file, top.file("link"));
    EXPECT_EQ(read_trusted(top.file("link")).value(), "text");
}

TEST_F(Trusted, AFileThatOthersMayWriteIsRefused)
{
    for (auto mode : {0660U, 0642U}) {
        ::chmod(file.c_str(), mode);
        expect_refused();
    }
    ::chmod(file.c_str(), 0640);
    ASSERT_EQ(::chown(file.c_str(), 12345, 0), 0);
    expect_refused();
}

TEST_F(Trusted, AFileThatOthersMayReplaceIsRefused)
{
    ::chmod(folder.c_str(), 0775);
    expect_refused();
    ::chmod(folder.c_str(), 01777);  // sticky: only root may replace what is root's
    EXPECT_TRUE(read_trusted(file));
    ::chmod(folder.c_str(), 0755);
    ASSERT_EQ(::chown(folder.c_str(), 12345, 0), 0);
    expect_refused();
    ASSERT_EQ(::chown(folder.c_str(), 0, 0), 0);
    ASSERT_EQ(::chown(top.file("").c_str(), 12345, 0), 0);
    expect_refused();
}

TEST_F(Trusted, WhatIsNoFileIsNotRead)
{
    EXPECT_EQ(read_trusted(folder).error().fault, Fault::invalid);
    EXPECT_EQ(read_trusted(top.file("absent")).error().fault, Fault::not_found);
}
