// SPDX-License-Identifier: Apache-2.0
#include "host/doctor_delivery.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;

namespace json = boost::json;

namespace {

// A daemon of canned answers, and doors at which nobody listens.
class Delivery : public ::testing::Test {
protected:
    void SetUp() override
    {
        settings_.doors.submission = settings_.doors.submissions = "127.0.0.1:1";
        settings_.doors.imap = settings_.doors.imaps = "127.0.0.1:1";
    }
    void run(std::string const& domain)
    {
        auto const ask = [this](std::string const& method, std::string const& path, json::object const& body) {
            asked_.push_back(method + " " + path);
            if (body.contains("password")) password_ = body.at("password").as_string();
            return method == "POST" && refuses_ ? Result<json::object>(fail(Fault::not_found, "no such domain"))
                                                : Result<json::object>(domains_);
        };
        try_delivery({Root(), {settings_, {}}, {}, ask, [this](Finding const& finding) { found_.push_back(finding); }},
                     domain);
    }

    config::Settings settings_ = config::default_settings();
    json::object domains_ = json::parse(R"({"items":[{"name":"a.test","kind":"alias","enabled":true},
        {"name":"b.test","kind":"hosted","enabled":false},{"name":"c.test","kind":"hosted","enabled":true}]})")
                                .as_object();
    bool refuses_ = false;
    std::string password_;
    std::vector<std::string> asked_;
    std::vector<Finding> found_;
};

TEST_F(Delivery, GoesToTheFirstDomainThatHasMailboxes)
{
    run("");
    ASSERT_GT(asked_.size(), 2U);
    EXPECT_EQ(asked_[0], "GET /domains");
    EXPECT_EQ(asked_[1], "POST /mailboxes");
    EXPECT_NE(found_[0].what.find("@c.test"), std::string::npos) << found_[0].what;
}

TEST_F(Delivery, IsSkippedWhereThereIsNoDomainYet)
{
    domains_ = {{"items", json::array()}};
    run("");
    ASSERT_EQ(found_.size(), 1U);
    EXPECT_EQ(found_[0].health, Health::skipped);
    EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(Delivery, EndsWhereItsMailboxCannotBeMade)
{
    refuses_ = true;
    run("nowhere.test");
    ASSERT_EQ(found_.size(), 1U);
    EXPECT_EQ(found_[0].health, Health::red);
    EXPECT_EQ(asked_, std::vector<std::string>{"POST /mailboxes"});
}

TEST_F(Delivery, DeletesItsMailboxWhateverCameBeforeAndLeavesNothingOfIt)
{
    run("c.test");
    auto const red = [&](std::string_view check) {
        for (auto const& each : found_) {
            if (each.check == check) return each.health == Health::red;
        }
        return false;
    };
    EXPECT_TRUE(red("submission"));
    EXPECT_TRUE(red("refused at imap"));
    ASSERT_GT(asked_.size(), 2U);
    auto const& deleted = asked_[asked_.size() - 2];
    EXPECT_TRUE(deleted.starts_with("DELETE /mailboxes/provost-doctor-")) << deleted;
    EXPECT_TRUE(deleted.ends_with("%40c.test")) << deleted;
    EXPECT_EQ(asked_.back(), "POST" + deleted.substr(6) + "/purge");
}

TEST_F(Delivery, NeverTellsThePassword)
{
    run("c.test");
    ASSERT_GE(password_.size(), 20U);
    for (auto const& each : found_) EXPECT_EQ((each.what + each.cure).find(password_), std::string::npos);
}

}  // namespace
