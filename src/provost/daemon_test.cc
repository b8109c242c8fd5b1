// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/version.h"
#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(DaemonCommand, StatusIsTemporaryWhileSomethingIsAway)
{
    struct {
        char const* answer;
        int code;
    } const cases[] = {
        {R"({"record":{"reachable":true,"writable":true},"replica":{"usable":true}})", 0},
        {R"({"record":{"reachable":true,"writable":false,"trouble":"locked"},"replica":{"usable":true}})", 75},
        {R"({"record":{"reachable":false,"writable":false,"trouble":"locked"},"replica":{"usable":true}})", 75},
        {R"({"record":{"reachable":true,"writable":true},"replica":{"usable":false}})", 75},
    };
    for (auto const& c : cases) {
        TestDesk desk;
        desk.answer(c.answer);
        EXPECT_EQ(desk.run({"status"}), c.code);
        EXPECT_NE(desk.out.str().find("record.reachable"), std::string::npos);
    }
}

TEST(DaemonCommand, StatusComparesWhereItIsAskedTo)
{
    std::string const well = R"({"record":{"reachable":true,"writable":true},"replica":{"usable":true},"verify":)";
    TestDesk same;
    same.answer(well + R"({"equal":true,"differences":[]}})");
    EXPECT_EQ(same.run({"status", "--verify"}), 0);
    EXPECT_EQ(same.asked, std::vector<std::string>{"GET /status?verify=true"});
    TestDesk differs;
    differs.answer(well + R"({"equal":false,"differences":["entry a is missing from the copy"]}})");
    EXPECT_EQ(differs.run({"status", "--verify"}), 5);
    EXPECT_NE(differs.out.str().find("entry a is missing from the copy"), std::string::npos) << differs.out.str();
}

TEST(DaemonCommand, VersionNeedsNoDaemonAndIsTheBuilds)
{
    TestDesk desk;
    EXPECT_EQ(desk.run({"version"}), 0);
    EXPECT_EQ(desk.out.str(), std::string("provost ") + version + "\n");
}

TEST(DaemonCommand, TheAuditIsLimited)
{
    TestDesk desk;
    desk.answer(R"({"items":[{"revision":9,"at":"2026-11-20T23:09:03Z","actor":"root","from":"local",)"
                R"("act":"mailbox.disable","subject":"bob@example.test","before":{"state":"active"},)"
                R"("after":{"state":"suspended"}}],"next":9})");
    EXPECT_EQ(desk.run({"audit", "list", "bob*", "--limit", "1"}), 0);
    EXPECT_EQ(desk.asked, std::vector<std::string>{"GET /audit?limit=1&mask=bob%2A"});
    EXPECT_NE(desk.out.str().find("mailbox.disable  bob@example.test  state=active  state=suspended"),
              std::string::npos)
        << desk.out.str();
    EXPECT_EQ(desk.run({"audit", "list", "--limit", "0"}), 2);
    EXPECT_EQ(desk.run({"audit", "list", "--before", "0"}), 2);
    TestDesk earlier;
    earlier.answer(R"({"items":[],"next":null})");
    EXPECT_EQ(earlier.run({"audit", "list", "--before", "9"}), 0);
    EXPECT_EQ(earlier.asked, std::vector<std::string>{"GET /audit?before=9&limit=100&mask=%2A"});
}

TEST(DaemonCommand, JobsAreListed)
{
    TestDesk desk;
    desk.answer(R"({"items":[{"due":"2026-11-20T23:09:03Z","target":"dovecot","verb":"end_sessions","subject":"m1",)"
                R"("attempts":2,"last_error":"no answer"}],"next":null})");
    EXPECT_EQ(desk.run({"job", "list"}), 0);
    EXPECT_NE(desk.out.str().find("end_sessions  m1       2         no answer"), std::string::npos) << desk.out.str();
}

TEST(JobCommand, OneOrAllAreTriedAgain)
{
    TestDesk desk;
    desk.answer(done_json("7"));
    EXPECT_EQ(desk.run({"job", "retry", "7"}), 0);
    EXPECT_EQ(desk.asked, std::vector<std::string>{"POST /jobs/7/retry"});
    EXPECT_EQ(desk.run({"job", "retry"}), 2);
    EXPECT_EQ(desk.run({"job", "retry", "7", "--all"}), 2);

    TestDesk all;
    all.answer(R"({"items":[{"id":"7"},{"id":"8"}],"next":null})");
    all.answer(done_json("7"));
    all.answer(R"({"detail":"id: '8' is no work","fault":"not_found"})", 404);
    EXPECT_EQ(all.run({"job", "retry", "--all"}), 6);
    EXPECT_EQ(all.asked, (std::vector<std::string>{"GET /jobs", "POST /jobs/7/retry", "POST /jobs/8/retry"}));
}

}  // namespace
}  // namespace provost::cli
