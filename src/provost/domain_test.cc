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
