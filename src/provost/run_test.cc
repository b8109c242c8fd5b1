// SPDX-License-Identifier: Apache-2.0
#include "provost/run.h"

#include <set>

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

// As a shell would split it; examples use single quotes alone.
std::vector<std::string> words_of(std::string const& line)
{
    std::vector<std::string> words(1);
    auto quoted = false;
    for (char c : line) {
        if (c == '\'') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    return words;
}

TEST(Run, EveryVerbHasHelpAndAnExampleThatWorks)
{
    std::set<std::string> examples;
    for (auto const& group : groups()) {
        for (auto const& verb : group.verbs) {
            auto const name = group.name.empty() ? verb.names.front() : group.name + ' ' + verb.names.front();
            SCOPED_TRACE(name);
            EXPECT_FALSE(verb.summary.empty());
            EXPECT_TRUE(examples.insert(verb.example).second);
            EXPECT_EQ(verb.example.rfind("provost " + name, 0), 0U) << verb.example;
            auto words = words_of(verb.example);
            words.erase(words.begin());
            TestDesk desk;
            auto const parsed = parse(words, desk.around);
            EXPECT_FALSE(parsed.ended) << desk.err.str();
            EXPECT_TRUE(parsed.action);

            TestDesk helped;
            auto asking = words_of(name);
            asking.emplace_back("--help");
            EXPECT_EQ(parse(asking, helped.around).ended, Exit::done);
            EXPECT_NE(helped.out.str().find(verb.example), std::string::npos) << helped.out.str();
        }
    }
}

TEST(Run, OtherSystemsWordsAreUnderstood)
{
    for (std::vector<std::string> const& words :
         {std::vector<std::string>{"mailbox", "update", "a@b.test", "--quota", "1G"},
          {"mailbox", "view", "a@b.test"},
          {"mailbox", "del", "a@b.test"},
          {"domain", "del", "b.test"},
          {"alias", "view", "a@b.test"}}) {
        TestDesk desk;
        EXPECT_FALSE(parse(words, desk.around).ended) << words[1] << desk.err.str();
    }
}

TEST(Run, AWrongLineIsAUsageErrorThatNamesWhatIsMeant)
{
    struct {
        std::vector<std::string> words;
        char const* said;
    } const cases[] = {
        {{"malbox", "list"}, "'malbox' is not a command; did you mean mailbox?"},
        {{"mailbox", "lst"}, "'lst' is not a command; did you mean list?"},
        {{"-o", "json", "mailbox", "show"}, "NAME is required"},
        {{"--socket", "/run/x", "mailbox", "lst"}, "'lst' is not a command"},
        {{"mailbox", "list", "--bogus"}, "--bogus"},
        {{"mailbox"}, "A subcommand is required"},
        {{}, "A subcommand is required"},
        {{"mailbox", "list", "-o", "xml"}, "xml"},
        {{"mailbox", "show"}, "NAME is required"},
    };
    for (auto const& c : cases) {
        TestDesk desk;
        EXPECT_EQ(parse(c.words, desk.around).ended, Exit::usage);
        EXPECT_NE(desk.err.str().find(c.said), std::string::npos) << desk.err.str();
    }
}

TEST(Run, OptionsForAllMayStandAnywhere)
{
    TestDesk desk;
    desk.answer(R"({"items":[],"next":null})");
    EXPECT_EQ(desk.run({"-o", "json", "mailbox", "list"}), 0);
    EXPECT_EQ(desk.run({"mailbox", "-o", "json", "list"}), 0);
    EXPECT_EQ(desk.run({"mailbox", "list", "-o", "json"}), 0);
    EXPECT_EQ(desk.out.str(),
              "{\"items\":[],\"next\":null}\n{\"items\":[],\"next\":null}\n{\"items\":[],\"next\":null}\n");
}

TEST(Run, TheSocketComesFromTheSettings)
{
    TestDesk desk;
    desk.answer(R"({"items":[],"next":null})");
    auto const file = desk.socket + ".toml";
    std::ofstream(file) << "[sockets]\nadmin = \"" << desk.socket << "\"\n";
    EXPECT_EQ(static_cast<int>(run({"--config", file, "mailbox", "list"}, desk.around)), 0);
    std::ofstream(file) << "[sockets]\nadmim = \"x\"\n";
    EXPECT_EQ(static_cast<int>(run({"--config", file, "mailbox", "list"}, desk.around)), 2);
    EXPECT_NE(desk.err.str().find("admin"), std::string::npos);
    unlink(file.c_str());
    EXPECT_EQ(static_cast<int>(run({"--config", file, "mailbox", "list"}, desk.around)), 3);
}

}  // namespace
}  // namespace provost::cli
