// SPDX-License-Identifier: Apache-2.0
#include "provost/show.h"

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

json::object parsed(char const* text) { return json::parse(text).as_object(); }

TEST(Show, SizesAreWordsAndNothingIsADash)
{
    EXPECT_EQ(cell_of("quota", 10LL << 30U), "10G");
    EXPECT_EQ(cell_of("counts.quota_sum", 1024), "1K");
    EXPECT_EQ(cell_of("revision", 1024), "1024");
    EXPECT_EQ(cell_of("quota", "unlimited"), "unlimited");
    EXPECT_EQ(cell_of("expires", nullptr), "-");
    EXPECT_EQ(cell_of("expires", nullptr, Output::csv), "");
    EXPECT_EQ(cell_of("targets", json::array{"a", "b"}), "a, b");
    EXPECT_EQ(cell_of("keep_copy", true), "yes");
    EXPECT_EQ(cell_of("usage", parsed(R"({"bytes":2048,"messages":3,"at":null})")), "bytes=2K messages=3");
}

TEST(Show, AProofHasALineForEachDoor)
{
    auto const proof = parsed(R"({"complete":true,"sessions_ended":2,"sessions_took_ms":40,"sessions_trouble":null,
        "took_ms":143,"doors":[
        {"door":"imap","before":"let in","after":"refused","said":"NO","took_ms":12,"proved":true},
        {"door":"submission","before":"let in","after":"refused","said":"535","took_ms":9,"proved":true}]})");
    EXPECT_EQ(proof_text(proof, false),
              "  imap        refused in 12 ms  (let in before)\n"
              "  submission  refused in 9 ms  (let in before)\n"
              "  2 sessions ended in 40 ms\n"
              "  proved at 2 doors, 143 ms in all\n");
    EXPECT_NE(proof_text(proof, true).find("\x1b[32mrefused"), std::string::npos);
}

TEST(Show, ADoorThatCouldNotBeTriedIsNoProof)
{
    auto const proof = parsed(R"({"complete":false,"sessions_ended":1,"sessions_took_ms":4,
        "sessions_trouble":"doveadm does not answer","took_ms":5003,"doors":[
        {"door":"imap","before":"unreachable","after":"unreachable","said":"refused\u001b","took_ms":1,"proved":false}]})");
    EXPECT_EQ(proof_text(proof, false),
              "  imap  unreachable in 1 ms  (unreachable before)  NOT PROVED: refused\\x1b\n"
              "  1 session ended in 4 ms, NOT PROVED: doveadm does not answer\n"
              "  NOT PROVED in full, 5003 ms in all\n");
}

TEST(Show, WhatIsDoneButNotProvedOrNotAnsweredIsTemporary)
{
    struct {
        char const* done;
        Exit code;
    } const cases[] = {
        {R"({"dry_run":false,"answering":true,"proof":null})", Exit::done},
        {R"({"dry_run":false,"answering":true,"proof":{"complete":true}})", Exit::done},
        {R"({"dry_run":false,"answering":true,"proof":{"complete":false}})", Exit::temporary},
        {R"({"dry_run":false,"answering":false,"proof":null})", Exit::temporary},
        {R"({"dry_run":true,"answering":false,"proof":null})", Exit::done},
    };
    for (auto const& c : cases) EXPECT_EQ(exit_of_done(parsed(c.done)), c.code) << c.done;
}

TEST(Show, AnObjectHasARowForEachMemberHoweverDeepAndWide)
{
    TestDesk desk;
    desk.around.width = 20;
    desk.answer(R"({"name":"alice.liddell@example.test","usage":{"bytes":2048,"at":null},"logins":["a","b"]})");
    EXPECT_EQ(desk.run({"mailbox", "show", "alice.liddell@example.test"}), 0);
    EXPECT_EQ(desk.out.str(),
              "FIELD        VALUE\n"
              "name         alice.liddell@example.test\n"
              "usage.bytes  2K\n"
              "usage.at     -\n"
              "logins       a, b\n");
}

TEST(Show, ItemsAreATableJsonOrCsv)
{
    struct {
        char const* output;
        char const* text;
    } const cases[] = {
        {"table",
         "ALIAS              TARGETS          ENABLED  EXPIRES  DESCRIPTION\n"
         "info@example.test  a@b.test, c@d.t  yes      -        a, b\n"},
        {"csv", "address,targets,enabled,expires,description\ninfo@example.test,\"a@b.test, c@d.t\",yes,,\"a, b\"\n"},
        {"json", R"({"items":[{"address":"info@example.test","targets":["a@b.test","c@d.t"],"enabled":true,)"
                 R"("expires":null,"description":"a, b"}],"next":null})"
                 "\n"},
    };
    for (auto const& c : cases) {
        TestDesk desk;
        desk.answer(R"({"items":[{"address":"info@example.test","targets":["a@b.test","c@d.t"],"enabled":true,)"
                    R"("expires":null,"description":"a, b"}],"next":null})");
        EXPECT_EQ(desk.run({"alias", "list", "-o", c.output}), 0);
        EXPECT_EQ(desk.out.str(), c.text);
    }
}

}  // namespace
}  // namespace provost::cli
