// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(Questions, ALookupPrintsWhatPostmapWould)
{
    struct {
        char const* answer;
        char const* printed;
        int code;
    } const cases[] = {
        {R"({"map":"aliases","key":"k","outcome":"found","value":"a@b.test,c@d.test","reason":null})",
         "a@b.test,c@d.test\n", 0},
        {R"({"map":"aliases","key":"k","outcome":"not_found","value":null,"reason":null})", "", 1},
        {R"({"map":"aliases","key":"k","outcome":"cannot_tell","value":null,"reason":"no copy"})", "", 75},
    };
    for (auto const& c : cases) {
        TestDesk desk;
        desk.answer(c.answer);
        EXPECT_EQ(desk.run({"lookup", "aliases", "info@example.test"}), c.code);
        EXPECT_EQ(desk.out.str(), c.printed);
        EXPECT_EQ(desk.asked.at(0), "GET /lookup?key=info%40example.test&map=aliases");
    }
}

TEST(Questions, AVerdictHasItsCode)
{
    struct {
        char const* verdict;
        int code;
        char const* printed;
    } const cases[] = {
        {"accepted", 0, "imap sign-in of bob: accepted as bob@example.test, 13 ms\n"},
        {"wrong", 1, "imap sign-in of bob: wrong as bob@example.test, 13 ms\n"},
        {"off", 1, "imap sign-in of bob: off as bob@example.test, 13 ms\n"},
        {"not_allowed", 1, "imap sign-in of bob: not allowed as bob@example.test, 13 ms\n"},
        {"cannot_tell", 75, "imap sign-in of bob: cannot tell as bob@example.test, 13 ms\n"},
    };
    for (auto const& c : cases) {
        TestDesk desk;
        desk.answer(std::string(R"({"verdict":")") + c.verdict +
                    R"(","name":"bob@example.test","service":"imap","reason":null,"took_ms":13})");
        EXPECT_EQ(desk.run({"auth", "test", "bob", "--password-stdin", "--from", "192.0.2.1"}), c.code);
        EXPECT_EQ(desk.out.str(), c.printed);
        EXPECT_EQ(desk.asked.at(0),
                  R"(POST /auth/test {"login":"bob","service":"imap","password":"from stdin","from":"192.0.2.1"})");
    }
    TestDesk nobody;
    EXPECT_EQ(nobody.run({"auth", "test", "bob"}), 2);
}

TEST(Questions, AnExplanationShowsStepsMapsAndWhatIsTold)
{
    TestDesk desk;
    desk.answer(R"({"address":"info@example.test","is":"alias","extension":null,"mailbox":null,"condition":null,
        "steps":[{"subject":"info@example.test","what":"alias","leads_to":["bob@example.test"]},
                 {"subject":"bob@example.test","what":"mailbox, active","leads_to":[]}],
        "recipients":["bob@example.test"],"standing":"deliverable","too_large":false,"loop":null,
        "maps":[{"map":"aliases","key":"info@example.test","outcome":"found","value":"bob@example.test","reason":null}],
        "services":null})");
    EXPECT_EQ(desk.run({"explain", "info@example.test"}), 0);
    EXPECT_EQ(desk.out.str(),
              "info@example.test: alias, mail is deliverable\n"
              "  info@example.test: alias -> bob@example.test\n"
              "  bob@example.test: mailbox, active\n"
              "recipients: bob@example.test\n"
              "\n"
              "MAP      KEY                ANSWER  VALUE\n"
              "aliases  info@example.test  found   bob@example.test\n");
}

}  // namespace
}  // namespace provost::cli
