// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(DomainCommand, AddSendsWhatWasSaid)
{
    TestDesk desk;
    desk.answer(done_json("example.test"));
    EXPECT_EQ(desk.run({"domain", "add", "example.test", "--kind", "mapped", "--maps-to", "example.org",
                        "--max-mailboxes", "0", "--total-quota", "unlimited"}),
              0);
    EXPECT_EQ(desk.asked.at(0), R"(POST /domains {"kind":"mapped","maps_to":"example.org","max_mailboxes":"0",)"
                                R"("total_quota":"unlimited","name":"example.test"})");
    EXPECT_EQ(desk.out.str(), "domain example.test added, revision 7\n");
}

TEST(DomainCommand, RenameSaysWhetherAddressesAreKept)
{
    TestDesk desk;
    desk.answer(done_json("new.test"));
    EXPECT_EQ(desk.run({"domain", "rename", "old.test", "new.test"}), 0);
    EXPECT_EQ(desk.run({"domain", "rename", "old.test", "new.test", "--keep-addresses"}), 0);
    EXPECT_EQ(desk.asked,
              (std::vector<std::string>{R"(POST /domains/old.test/rename {"to":"new.test"})",
                                        R"(POST /domains/old.test/rename {"to":"new.test","keep_addresses":true})"}));
}

TEST(DomainCommand, ContentsGoOnlyAfterAYes)
{
    TestDesk desk;
    desk.answer(done_json("old.test"));
    EXPECT_EQ(desk.run({"domain", "delete", "old.test"}), 0);
    EXPECT_EQ(desk.run({"domain", "delete", "old.test", "--with-contents"}), 2);
    EXPECT_EQ(desk.run({"domain", "delete", "old.test", "--with-contents", "--yes"}), 0);
    EXPECT_EQ(desk.asked,
              (std::vector<std::string>{"DELETE /domains/old.test", "DELETE /domains/old.test?with_contents=true"}));
}

TEST(DomainCommand, TheListShowsCountsBesideTheirLimits)
{
    TestDesk desk;
    desk.answer(R"({"items":[{"name":"example.test","kind":"hosted","enabled":true,"max_mailboxes":200,
        "counts":{"mailboxes":3,"aliases":1,"external_aliases":0,"quota_sum":1073741824}}],"next":null})");
    EXPECT_EQ(desk.run({"domain", "list"}), 0);
    EXPECT_EQ(desk.out.str(),
              "DOMAIN        KIND    ENABLED  MAILBOXES  OF   ALIASES  OF  QUOTA  OF  DESCRIPTION\n"
              "example.test  hosted  yes      3          200  1        -   1G     -   -\n");
}

}  // namespace
}  // namespace provost::cli
