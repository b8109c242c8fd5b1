// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

class SetupCommand : public ::testing::Test {
protected:
    SetupCommand()
    {
        plan_.files.push_back({"/etc/postfix/main.cf", {true, "a = b\n", 0, 0, 0644}, {true, "a = c\n", 0, 0, 0644}});
        plan_.notes = {"mynetworks = 0.0.0.0/0 lets everybody relay"};
        plan_.postfix = "3.7.11";
        plan_.dovecot = "2.3.19.1";
        desk_.around.host_acts = [this](std::string const& file) -> Result<HostActs> {
            settings_file_ = file;
            return acts();
        };
    }

    HostActs acts()
    {
        HostActs acts;
        acts.plan = [this](host::SetupWishes const& wishes) -> Result<host::SetupPlan> {
            wishes_ = wishes;
            return plan_;
        };
        acts.apply = [this](host::SetupPlan const&) { return did("applied"); };
        acts.advice = [](host::SetupPlan const&) { return std::vector<std::string>{"open port 25"}; };
        acts.plan_undo = [this]() -> Result<host::WayBack> { return way_back_; };
        acts.undo = [this] { return did("undone"); };
        acts.plan_recovery = [this]() -> Result<host::WayBack> { return left_; };
        acts.recover = [this] { return did("recovered"); };
        return acts;
    }

    Result<host::Changes> did(std::string const& what)
    {
        done_.push_back(what);
        if (!error_.message.empty()) return tl::make_unexpected(error_);
        return host::Changes{what};
    }

    TestDesk desk_;
    host::SetupPlan plan_;
    host::SetupWishes wishes_;
    host::WayBack way_back_, left_;
    std::vector<std::string> done_;
    std::string settings_file_;
    Error error_{Fault::conflict, ""};
};

}  // namespace

TEST_F(SetupCommand, WhatWouldChangeIsShownAndThenDone)
{
    EXPECT_EQ(desk_.run({"setup", "--yes"}), 0);
    EXPECT_EQ(desk_.out.str(),
              "What will be different for those whom this host serves already:\n"
              "  mynetworks = 0.0.0.0/0 lets everybody relay\n"
              "--- /etc/postfix/main.cf\n+++ /etc/postfix/main.cf\n@@ -1 +1 @@\n-a = b\n+a = c\n"
              "applied\nLeft to do:\n  open port 25\n");
    EXPECT_EQ(desk_.asked, std::vector<std::string>{"GET /status"});  // and it need not run
}

TEST_F(SetupCommand, WhereNothingIsInTheDirectoryThatIsLeftToDo)
{
    desk_.answer(R"({"record":{"position":{"revision":0}}})");
    EXPECT_EQ(desk_.run({"setup", "--yes"}), 0);
    EXPECT_NE(desk_.out.str().find("Left to do:\n  Nothing is in the directory yet"), std::string::npos)
        << desk_.out.str();
}

TEST_F(SetupCommand, AnUndoTakesNoWishes)
{
    EXPECT_EQ(desk_.run({"setup", "--undo", "--networks", "192.0.2.0/24"}), 2);
    EXPECT_EQ(desk_.run({"setup", "--undo", "--certificate", "/c", "--key", "/k"}), 2);
    EXPECT_TRUE(done_.empty());
}

TEST_F(SetupCommand, InAFormForProgramsNothingIsAskedThatWasNotShown)
{
    desk_.around.can_ask = true;
    desk_.agrees = true;
    for (auto form : {"json", "csv"}) EXPECT_EQ(desk_.run({"setup", "-o", form}), 2) << form;
    EXPECT_EQ(desk_.prompts, "");
    EXPECT_EQ(desk_.run({"setup", "-o", "csv", "--dry-run"}), 0);
    EXPECT_EQ(desk_.out.str(), "change\nwould write /etc/postfix/main.cf\n");
    EXPECT_TRUE(done_.empty());
}

TEST_F(SetupCommand, ACommentInLatin1IsNoBrokenJson)
{
    plan_.files[0].next.content = "# gr\xfc\xdf dich\na = c\n";
    EXPECT_EQ(desk_.run({"setup", "-n", "-o", "json"}), 0);
    json::parse_options strict;
    strict.allow_invalid_utf8 = false;
    auto const diff = json::parse(desk_.out.str(), {}, strict).at("diff").as_string();
    EXPECT_NE(diff.find("+# gr\\xfc\\xdf dich\n"), std::string::npos) << diff;
}

TEST_F(SetupCommand, ItAsksFirst)
{
    desk_.around.can_ask = true;
    EXPECT_EQ(desk_.run({"setup"}), 1);
    EXPECT_EQ(desk_.prompts, "Change this for Postfix 3.7.11 and Dovecot 2.3.19.1, and let them read it if they run?");
    EXPECT_EQ(desk_.err.str(), "provost: nothing was done\n");
    EXPECT_TRUE(done_.empty());
    desk_.agrees = true;
    EXPECT_EQ(desk_.run({"setup"}), 0);
    EXPECT_EQ(done_, std::vector<std::string>{"applied"});
}

TEST_F(SetupCommand, WithNobodyToAskItWantsAWord)
{
    EXPECT_EQ(desk_.run({"setup"}), 2);
    EXPECT_NE(desk_.err.str().find("say --yes"), std::string::npos);
    EXPECT_TRUE(done_.empty());
}

TEST_F(SetupCommand, ADryRunOnlyShows)
{
    EXPECT_EQ(desk_.run({"setup", "-n"}), 0);
    EXPECT_NE(desk_.out.str().find("+a = c\n"), std::string::npos);
    EXPECT_EQ(desk_.out.str().find("nothing to change"), std::string::npos);
    EXPECT_TRUE(done_.empty());
}

TEST_F(SetupCommand, ASecondTimeThereIsNothingToChange)
{
    plan_ = {};
    EXPECT_EQ(desk_.run({"setup"}), 0);
    EXPECT_EQ(desk_.out.str(), "nothing to change\n");
    EXPECT_TRUE(done_.empty());
}

TEST_F(SetupCommand, AFailureHasItsCodeAndItsWords)
{
    error_ = {Fault::conflict, "Postfix does not take what was written. Everything was put back as it was"};
    EXPECT_EQ(desk_.run({"setup", "--yes"}), 4);
    EXPECT_NE(desk_.err.str().find("Everything was put back"), std::string::npos);
}

TEST_F(SetupCommand, WhatAnEarlierRunLeftIsBroughtBackFirst)
{
    left_.is_needed = true;
    left_.files = plan_.files;
    EXPECT_EQ(desk_.run({"setup", "--dry-run"}), 0);
    EXPECT_NE(desk_.out.str().find("An earlier run was interrupted"), std::string::npos);
    EXPECT_EQ(desk_.run({"setup"}), 2);
    EXPECT_TRUE(done_.empty());
    EXPECT_EQ(desk_.run({"setup", "--yes"}), 0);
    EXPECT_EQ(done_, (std::vector<std::string>{"recovered", "applied"}));
}

TEST_F(SetupCommand, UndoAsksOnlyWhereSomebodysOwnChangesGo)
{
    EXPECT_EQ(desk_.run({"setup", "--undo"}), 0);
    EXPECT_EQ(desk_.out.str(), "nothing to change\n");
    way_back_.is_needed = true;
    way_back_.files = plan_.files;
    EXPECT_EQ(desk_.run({"setup", "--undo", "-n"}), 0);
    EXPECT_TRUE(done_.empty());
    EXPECT_EQ(desk_.run({"setup", "--undo"}), 0);
    EXPECT_EQ(done_, std::vector<std::string>{"undone"});
    way_back_.by_hand = {"/etc/postfix/main.cf"};
    EXPECT_EQ(desk_.run({"setup", "--undo"}), 2);
    EXPECT_NE(desk_.out.str().find("Changed by hand since:\n  /etc/postfix/main.cf"), std::string::npos);
    EXPECT_EQ(desk_.run({"setup", "--undo", "--yes"}), 0);
    EXPECT_EQ(done_.size(), 2U);
}

TEST_F(SetupCommand, WhatWasAskedForArrives)
{
    std::vector<std::string> line{"setup", "--yes"};
    for (auto const& [option, value] : std::map<std::string, std::string>{{"--smtp", "postfix"},
                                                                          {"--imap", "dovecot"},
                                                                          {"--lookups", "native"},
                                                                          {"--host-name", "mx.example.org"},
                                                                          {"--networks", ""},
                                                                          {"--certificate", "/c"},
                                                                          {"--key", "/k"},
                                                                          {"--logs", "/var/log"},
                                                                          {"--submission", "2587"},
                                                                          {"--submissions", "127.0.0.1:2465"},
                                                                          {"--imap-port", "0"},
                                                                          {"--imaps-port", "10993"},
                                                                          {"--pop3-port", "1"},
                                                                          {"--pop3s-port", "2"},
                                                                          {"--sieve-port", "3"}}) {
        line.insert(line.end(), {option, value});
    }
    EXPECT_EQ(desk_.run(line), 0) << desk_.err.str();
    EXPECT_EQ(wishes_.host_name, "mx.example.org");
    EXPECT_EQ(wishes_.networks, "");
    EXPECT_EQ(wishes_.certificate, "/c");
    EXPECT_EQ(wishes_.key, "/k");
    EXPECT_EQ(wishes_.logs, "/var/log");
    EXPECT_EQ(wishes_.submission, "2587");
    EXPECT_EQ(wishes_.submissions, "127.0.0.1:2465");
    EXPECT_EQ(wishes_.imap, 0);
    EXPECT_EQ(wishes_.imaps, 10993);
    EXPECT_EQ(wishes_.pop3, 1);
    EXPECT_EQ(wishes_.pop3s, 2);
    EXPECT_EQ(wishes_.sieve, 3);
    EXPECT_EQ(desk_.run({"setup", "--yes"}), 0);
    EXPECT_FALSE(wishes_.networks || wishes_.imap);
}

TEST_F(SetupCommand, OtherServersAndPortsThatAreNoneAreRefused)
{
    EXPECT_EQ(desk_.run({"setup", "--smtp", "exim"}), 2);
    EXPECT_EQ(desk_.run({"setup", "--imap-port", "70000"}), 2);
    EXPECT_EQ(desk_.run({"setup", "--imap-port", "-1"}), 2);
    EXPECT_TRUE(settings_file_.empty());
}

TEST_F(SetupCommand, ForProgramsItIsOneObject)
{
    EXPECT_EQ(desk_.run({"setup", "--yes", "-o", "json"}), 0);
    auto const object = json::parse(desk_.out.str()).as_object();
    EXPECT_EQ(object.at("files").as_array().size(), 1U);
    EXPECT_EQ(object.at("changes").as_array().size(), 1U);
    EXPECT_EQ(object.at("left_to_do").as_array().size(), 1U);
    EXPECT_NE(object.at("diff").as_string().find("+a = c"), std::string::npos);
}

TEST_F(SetupCommand, WhatIsInAFileDoesNotDriveTheTerminal)
{
    plan_.files[0].next.content = "a =\t\x1b[31mred\n";
    EXPECT_EQ(desk_.run({"setup", "-n"}), 0);
    EXPECT_NE(desk_.out.str().find("+a =\t\\x1b[31mred\n"), std::string::npos) << desk_.out.str();
}

}  // namespace provost::cli
