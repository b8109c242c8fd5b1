// SPDX-License-Identifier: Apache-2.0
// docs/commands.md is made from what the command line declares: PROVOST_ACCEPT=1 writes it anew. What each example
// prints is kept as it stands there; tests/end_to_end/docs_test.py runs the examples and knows whether that is still
// so.
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/test_source.h"
#include "base/text.h"
#include "provost/exit.h"
#include "provost/shape.h"

namespace provost::cli {
namespace {

constexpr std::string_view indent = "    ";
constexpr std::string_view prompt = "    $ ";

using Printed = std::map<std::string, std::string>;  // by the command

Printed printed_on(std::string const& page)
{
    Printed printed;
    std::string* of = nullptr;
    for (auto line : split(page, '\n')) {
        if (line.starts_with(prompt)) {
            of = &printed[std::string(line.substr(prompt.size()))];
        } else if (!line.starts_with(indent)) {
            of = nullptr;
        } else if (of != nullptr) {
            *of += std::string(line) + "\n";
        }
    }
    return printed;
}

std::string explained(std::string const& words, std::string const& help)
{
    return "- `" + words + "`" + (help.empty() ? "" : ": " + help) + "\n";
}

std::string options_of(Shape const& shape)
{
    std::string text;
    for (auto const& option : shape.options) {
        if (option.names.back() == "--help") continue;
        auto const takes = option.takes.empty() ? "" : " " + option.takes;
        text += explained(joined(option.names, ", ") + takes, option.help);
    }
    return text;
}

std::string verb_as_markdown(Shape const& verb, std::string const& path, std::string const& heading,
                             Printed const& printed)
{
    auto text = heading + " " + path;
    for (auto const& operand : verb.operands) {
        auto const name = operand.name + (operand.several ? "..." : "");
        text += " " + (operand.required ? name : "[" + name + "]");
    }
    text += "\n\n" + verb.help + ".";
    if (!verb.aliases.empty()) text += " Also: `" + joined(verb.aliases, "`, `") + "`.";
    std::string details;
    for (auto const& operand : verb.operands) {
        if (!operand.help.empty()) details += explained(operand.name, operand.help);
    }
    details += options_of(verb);
    text += "\n\n" + details + (details.empty() ? "" : "\n") + std::string(prompt) + verb.example + "\n";
    auto const output = printed.find(verb.example);
    return text + (output == printed.end() ? "" : output->second) + "\n";
}

std::string page_as_markdown(Printed const& printed)
{
    auto const command = command_shape();
    std::string text = R"(# Commands

This page is made from what the command declares; `man provost` and `provost NOUN VERB --help` say the same. Each example
is run by the tests at a terminal, where passwords are typed when they are asked for, on the site of
[first steps](first-steps.md), to which these have added what some examples need:

    provost domain add example.net
    provost mailbox add carol@example.test --no-password
    provost mailbox delete carol@example.test
    provost admin add jane --role domain-admin --domains example.test
    provost token add jane --label 'sign-up form' --secret-file form.token

Ids, times and revisions are others on your host; `...` stands for lines that are left out.

These may stand anywhere:

)" + options_of(command) +
                       "\nIt ends with one of these:\n\n| code | |\n|---|---|\n";
    for (auto const& [code, meaning] : exit_meanings()) {
        text += fmt::format("| {} | {} |\n", static_cast<int>(code), meaning);
    }
    text += "\n";
    for (auto const& part : command.parts) {
        auto const path = command.name + " " + part.name;
        if (part.parts.empty()) {
            text += verb_as_markdown(part, path, "##", printed);
            continue;
        }
        text += "## " + path + "\n\n" + part.help + ".\n\n";
        for (auto const& verb : part.parts) text += verb_as_markdown(verb, path + " " + verb.name, "###", printed);
    }
    text.pop_back();
    return text;
}

std::string contents(std::string const& path)
{
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(CommandsPage, TheManualSaysWhatTheCommandLineDeclares)
{
    auto const path = in_source("docs/commands.md");
    auto const text = page_as_markdown(printed_on(contents(path)));
    if (std::getenv("PROVOST_ACCEPT") != nullptr) std::ofstream(path) << text;
    EXPECT_EQ(contents(path), text);
}

TEST(CommandsPage, EveryExampleIsOfItsOwnVerb)
{
    auto const command = command_shape();
    for (auto const& part : command.parts) {
        EXPECT_TRUE(!part.parts.empty() || (part.example + " ").starts_with("provost " + part.name + " "));
        for (auto const& verb : part.parts) {
            EXPECT_TRUE((verb.example + " ").starts_with("provost " + part.name + " " + verb.name + " ")) << verb.name;
        }
    }
}

}  // namespace
}  // namespace provost::cli
