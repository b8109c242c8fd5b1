// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

store::Manifest manifest(store::Revision revision)
{
    return {2, {"before", revision, "nonce"}, from_millis(0), from_millis(60'000), 4096};
}

RestoreReport report()
{
    RestoreReport report;
    report.restored.backup = manifest(41);
    report.restored.before = store::Standing{{"before", 60, "later"}, from_millis(120'000)};
    report.restored.position = {"after", 61, "new"};
    report.restored.aside = "/var/lib/provost/provost.db.before-restore-1";
    report.restored.back_again = {"purged@example.test"};
    report.homes = {"/var/vmail/2f/1"};
    return report;
}

TEST(BackupCommand, SaysWhatIsInItAndWhatIsNot)
{
    TestDesk desk;
    desk.around.back_up = [](std::string const&, std::string const& file, bool overwrite) -> Result<store::Manifest> {
        EXPECT_EQ(file, "/tmp/b");
        EXPECT_TRUE(overwrite);
        return manifest(41);
    };
    EXPECT_EQ(desk.run({"backup", "/tmp/b", "--force"}), 0);
    EXPECT_EQ(desk.out.str(),
              "backed up to /tmp/b: revision 41 of 1970-01-01T00:00:00Z, 4096 bytes\n"
              "mail is not in it: back that up too\n");
    EXPECT_TRUE(desk.asked.empty());
}

TEST(BackupCommand, ARefusalHasItsCode)
{
    TestDesk desk;
    desk.around.back_up = [](std::string const&, std::string const&, bool) -> Result<store::Manifest> {
        return fail(Fault::conflict, "FILE: '/tmp/b' exists");
    };
    EXPECT_EQ(desk.run({"backup", "/tmp/b"}), 4);
}

TEST(RestoreCommand, ShowsBothAndWaitsUntilTheDaemonAnswersFromIt)
{
    TestDesk desk;
    desk.around.restore = [](std::string const&, std::string const&, RestoreWish wish) -> Result<RestoreReport> {
        EXPECT_TRUE(wish.may_lose);
        return report();
    };
    int pauses = 0;
    desk.around.pause = [&] { ++pauses; };
    desk.answer(R"({"replica":{"position":{"epoch":"before","revision":60}}})");
    desk.answer(R"({"replica":{"position":{"epoch":"after","revision":61}}})");
    EXPECT_EQ(desk.run({"restore", "/tmp/b", "--yes"}), 0);
    EXPECT_EQ(pauses, 1);
    EXPECT_EQ(desk.out.str(),
              "the backup:   revision 41 of 1970-01-01T00:00:00Z, made 1970-01-01T00:01:00Z\n"
              "the database: revision 60 of 1970-01-01T00:02:00Z\n"
              "restored, as revision 61\n"
              "the old database is kept: /var/lib/provost/provost.db.before-restore-1\n"
              "mail is not in a backup: it is as it was\n"
              "purged since the backup, so they come back without mail:\n"
              "  purged@example.test\n"
              "homes of no mailbox:\n"
              "  /var/vmail/2f/1\n");
}

TEST(RestoreCommand, ADaemonThatDoesNotFollowIsTold)
{
    TestDesk desk;
    desk.around.restore = [](auto&&...) -> Result<RestoreReport> { return report(); };
    desk.around.patience = std::chrono::milliseconds(0);
    desk.around.pause = [] {};
    desk.answer(R"({"replica":{"position":{"epoch":"before","revision":60}}})");
    EXPECT_EQ(desk.run({"restore", "/tmp/b", "--yes"}), 75);
}

TEST(RestoreCommand, ADaemonThatIsDownIsNoFailure)
{
    TestDesk desk;
    desk.around.restore = [](auto&&...) -> Result<RestoreReport> { return report(); };
    EXPECT_EQ(desk.run({"restore", "/tmp/b", "--yes", "-o", "json"}), 0);
    EXPECT_NE(desk.err.str().find("provostd does not answer"), std::string::npos);
    EXPECT_NE(desk.out.str().find(R"("without_mail":["purged@example.test"])"), std::string::npos);
}

TEST(RestoreCommand, ADryRunAsksNobody)
{
    TestDesk desk;
    desk.around.restore = [](std::string const&, std::string const&, RestoreWish wish) -> Result<RestoreReport> {
        EXPECT_TRUE(wish.dry_run);
        return report();
    };
    EXPECT_EQ(desk.run({"restore", "/tmp/b", "-n"}), 0);
    EXPECT_TRUE(desk.asked.empty());
    EXPECT_NE(desk.out.str().find("nothing is changed"), std::string::npos);
}

}  // namespace
}  // namespace provost::cli
