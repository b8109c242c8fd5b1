// SPDX-License-Identifier: Apache-2.0
#include "provost/doctor.h"

#include <gtest/gtest.h>

#include "provost/test_desk.h"

using namespace provost;
using namespace provost::cli;
using host::Health;

namespace {

class DoctorVerb : public ::testing::Test {
protected:
    void SetUp() override
    {
        desk_.around.examine = [this](std::string const&, DoctorWishes const& wishes, host::Examination::Ask const& ask,
                                      Say const& say) -> Result<void> {
            wishes_ = wishes;
            if (refused_) return fail(Fault::denied, "only root may look this host over");
            static_cast<void>(ask("POST", "/mailboxes", {{"name", "a"}}));
            static_cast<void>(ask("GET", "/status", {}));
            for (auto const& finding : findings_) say(finding);
            return {};
        };
        desk_.answer("{}");
    }
    std::string out() const { return desk_.out.str(); }

    TestDesk desk_;
    DoctorWishes wishes_;
    bool refused_ = false;
    std::vector<host::Finding> findings_{{"postfix maps", Health::green, "as Provost needs it"},
                                         {"door imap", Health::yellow, "odd\x1b[2J", "look"}};
};

TEST_F(DoctorVerb, PrintsALineForEachCheckAndWhatMendsIt)
{
    EXPECT_EQ(desk_.run({"doctor"}), 0);
    EXPECT_EQ(out(),
              "green   postfix maps             as Provost needs it\n"
              "yellow  door imap                odd\\x1b[2J: look\n"
              "1 green, 1 yellow\n");
    EXPECT_TRUE(wishes_.delivery);
}

TEST_F(DoctorVerb, EndsWithOneWhenSomethingIsRed)
{
    findings_.push_back({"disk", Health::red, "full", "make room"});
    EXPECT_EQ(desk_.run({"doctor", "--no-delivery"}), 1);
    EXPECT_FALSE(wishes_.delivery);
    EXPECT_EQ(desk_.run({"doctor", "--domain", "example.test"}), 1);
    EXPECT_TRUE(wishes_.delivery);
    EXPECT_EQ(wishes_.domain, "example.test");
}

TEST_F(DoctorVerb, ALetterThatIsNotSentNeedsNoDomain)
{
    EXPECT_EQ(desk_.run({"doctor", "--no-delivery", "--domain", "example.test"}), 2);
    EXPECT_EQ(out(), "");
}

TEST_F(DoctorVerb, TellsAllOfItAsOneObject)
{
    findings_.push_back({"disk", Health::red, "full", "make room"});
    EXPECT_EQ(desk_.run({"doctor", "-o", "json"}), 1);
    auto const told = json::parse(out()).as_object();
    EXPECT_EQ(told.at("well"), false);
    EXPECT_EQ(told.at("red"), 1);
    EXPECT_EQ(told.at("skipped"), 0);
    auto const& findings = told.at("findings").as_array();
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_TRUE(findings[0].at("cure").is_null());
    EXPECT_EQ(findings[2], json::parse(R"({"check":"disk","health":"red","what":"full","cure":"make room"})"));
}

TEST_F(DoctorVerb, TellsRowsForSpreadsheets)
{
    EXPECT_EQ(desk_.run({"doctor", "-o", "csv"}), 0);
    EXPECT_TRUE(out().starts_with("health,check,what,cure\ngreen,postfix maps,as Provost needs it,\n")) << out();
}

TEST_F(DoctorVerb, AsksTheDaemonByItsApi)
{
    EXPECT_EQ(desk_.run({"doctor"}), 0);
    EXPECT_EQ(desk_.asked, (std::vector<std::string>{R"(POST /mailboxes {"name":"a"})", "GET /status"}));
}

TEST_F(DoctorVerb, WhoIsNotRootIsToldSo)
{
    refused_ = true;
    EXPECT_EQ(desk_.run({"doctor"}), 77);
    EXPECT_EQ(out(), "");
    EXPECT_EQ(desk_.err.str(), "provost: only root may look this host over\n");
}

}  // namespace
