// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

constexpr char const* made =
    R"({"subject":"t1","revision":7,"dry_run":false,"answering":true,"notes":[],"proof":null,"secret":"prv_x"})";

std::string text_in(std::string const& path)
{
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(AdminCommand, AnAdminIsAddedWithItsRoleAndDomains)
{
    TestDesk desk;
    desk.answer(done_json("jane"));
    EXPECT_EQ(desk.run({"admin", "add", "jane", "--role", "domain-admin", "--domains", "a.test,b.test", "--mailbox",
                        "jane@a.test"}),
              0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /admins {"role":"domain-admin","domains":["a.test","b.test"],)"
                                R"("mailbox":"jane@a.test","name":"jane"})");
    EXPECT_EQ(desk.run({"admin", "set", "ted", "--role", "help-desk", "--domains", "all"}), 0);
    EXPECT_EQ(desk.asked.at(1), R"(PATCH /admins/ted {"role":"help-desk","domains":"all"})");
    EXPECT_EQ(desk.run({"admin", "set", "ted", "--role", "boss"}), 2);
    EXPECT_EQ(desk.run({"admin", "disable", "jane"}), 0);
    EXPECT_EQ(desk.asked.at(2), "POST /admins/jane/disable");
    EXPECT_EQ(desk.run({"admin", "delete", "jane"}), 0);
    EXPECT_EQ(desk.asked.at(3), "DELETE /admins/jane");
}

TEST(TokenCommand, ASecretIsShownOnceOnALineOfItsOwn)
{
    TestDesk desk;
    desk.answer(made);
    EXPECT_EQ(
        desk.run({"token", "add", "jane", "--label", "job", "--networks", "192.0.2.0/24,::1", "--read-only", "yes"}),
        0);
    EXPECT_EQ(desk.asked.at(0),
              R"(POST /tokens {"label":"job","read_only":true,"networks":["192.0.2.0/24","::1"],"admin":"jane"})");
    EXPECT_EQ(desk.out.str(), "token t1 added, revision 7\nprv_x\n  note: this is its secret, shown this once\n");
}

TEST(TokenCommand, ASecretCanGoIntoANewFileOfItsOwnersAlone)
{
    TestDesk desk;
    auto const file = desk.socket + ".token";
    desk.answer(made);
    EXPECT_EQ(desk.run({"token", "add", "jane", "--label", "job", "--secret-file", file}), 0);
    EXPECT_EQ(desk.out.str(), "token t1 added, revision 7\n");
    EXPECT_EQ(text_in(file), "prv_x\n");
    struct stat found {};
    ASSERT_EQ(stat(file.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    // One that is there already is left alone, and nothing is made.
    EXPECT_EQ(desk.run({"token", "add", "jane", "--label", "job", "--secret-file", file}), 2);
    EXPECT_EQ(desk.asked.size(), 1U);
    EXPECT_EQ(text_in(file), "prv_x\n");
    std::filesystem::remove(file);
    desk.answers.clear();
    desk.answer(R"({"fault":"conflict","detail":"no"})", 409);
    EXPECT_EQ(desk.run({"token", "add", "jane", "--label", "job", "--secret-file", file}), 4);
    EXPECT_FALSE(std::filesystem::exists(file)) << "nothing was made, so there is no file either";
}

TEST(TokenCommand, TokensAreListedAndRevoked)
{
    TestDesk desk;
    desk.answer(
        R"({"items":[{"id":"t1","admin":"jane","label":"job","domains":"all","read_only":false}],"next":null})");
    EXPECT_EQ(desk.run({"token", "list", "jane"}), 0);
    EXPECT_NE(desk.out.str().find("jane"), std::string::npos) << desk.out.str();
    desk.answers.clear();
    desk.answer(done_json("t1"));
    EXPECT_EQ(desk.run({"token", "revoke", "t1"}), 0);
    EXPECT_EQ(desk.asked, (std::vector<std::string>{"GET /tokens?mask=jane", "DELETE /tokens/t1"}));
}

}  // namespace
}  // namespace provost::cli
