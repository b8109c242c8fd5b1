// SPDX-License-Identifier: Apache-2.0
#include "provost/shape.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

Shape const& part(Shape const& shape, std::string const& name)
{
    auto const found =
        std::find_if(shape.parts.begin(), shape.parts.end(), [&](auto const& each) { return each.name == name; });
    if (found == shape.parts.end()) throw std::runtime_error("no part " + name);
    return *found;
}

ShapeOption const& option(Shape const& shape, std::string const& name)
{
    auto const found = std::find_if(shape.options.begin(), shape.options.end(),
                                    [&](auto const& each) { return each.names.back() == name; });
    if (found == shape.options.end()) throw std::runtime_error("no option " + name);
    return *found;
}

TEST(Shape, IsThatOfTheCommandLine)
{
    auto const command = command_shape();
    EXPECT_EQ(command.name, "provost");
    EXPECT_EQ(option(command, "--output").names, (std::vector<std::string>{"-o", "--output"}));
    auto const& add = part(part(command, "mailbox"), "add");
    ASSERT_EQ(add.operands.size(), 1U);
    EXPECT_EQ(add.operands[0].name, "ADDRESS");
    EXPECT_TRUE(add.operands[0].required);
    EXPECT_EQ(option(add, "--quota").takes, "SIZE");
    EXPECT_EQ(option(add, "--dry-run").takes, "");
    EXPECT_EQ(option(add, "--hash").takes, "FILE") << "options in a group are options too";
    auto const& retry = part(part(command, "job"), "retry");
    ASSERT_EQ(retry.operands.size(), 1U) << "operands in a group are operands too";
    EXPECT_EQ(retry.operands[0].name, "ID");
    EXPECT_FALSE(retry.operands[0].required);
    EXPECT_EQ(add.example.rfind("provost mailbox add ", 0), 0U);
    EXPECT_EQ(part(part(command, "mailbox"), "show").aliases, std::vector<std::string>{"view"});
    EXPECT_TRUE(part(part(command, "alias"), "add").operands.back().several);
    EXPECT_EQ(option(part(part(command, "audit"), "list"), "--limit").takes, "INT");
}

TEST(Shape, ChoicesAreWords)
{
    auto const command = command_shape();
    EXPECT_EQ(choices_of(option(command, "--output")), (std::vector<std::string>{"table", "json", "csv"}));
    auto const& add = part(part(command, "mailbox"), "add");
    EXPECT_EQ(choices_of(option(add, "--kind")), (std::vector<std::string>{"person", "shared", "service"}));
    EXPECT_TRUE(choices_of(option(add, "--quota")).empty());
}

TEST(Shape, WhatIsForPackagersIsHidden)
{
    for (auto const& each : command_shape().parts) EXPECT_TRUE(each.name != "units" && each.name != "manual");
    TestDesk desk;
    EXPECT_EQ(desk.run({"--help"}), 0);
    EXPECT_EQ(desk.out.str().find("completion"), std::string::npos);
}

}  // namespace
}  // namespace provost::cli
