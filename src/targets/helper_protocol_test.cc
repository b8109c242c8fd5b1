// SPDX-License-Identifier: Apache-2.0
#include "targets/helper_protocol.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost;
using namespace provost::targets;

namespace {

constexpr auto some_id = "01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f";

}  // namespace

TEST(HelperProtocol, RemovingAHomeIsReadAsItIsWritten)
{
    EXPECT_EQ(helper_line(RemoveHome{MailboxId(some_id)}), "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\n");
    auto const home = parse_helper_line("remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f");
    ASSERT_TRUE(home);
    EXPECT_EQ(std::get<RemoveHome>(*home).mailbox, MailboxId(some_id));
}

TEST(HelperProtocol, SessionsOfCyrusAreAskedForByTheirUser)
{
    for (bool const end : {false, true}) {
        auto const line = helper_line(CyrusSessions{"john.doe@example.org", end});
        EXPECT_EQ(line, end ? "end-cyrus-sessions john.doe@example.org\n" : "cyrus-sessions john.doe@example.org\n");
        auto const read = parse_helper_line(std::string_view(line).substr(0, line.size() - 1));
        ASSERT_TRUE(read);
        EXPECT_EQ(std::get<CyrusSessions>(*read).user, "john.doe@example.org");
        EXPECT_EQ(std::get<CyrusSessions>(*read).end, end);
    }
    for (char const* line :
         {"cyrus-sessions ", "cyrus-sessions", "cyrus-sessions *@example.org", "cyrus-sessions a/b@x.org",
          "end-cyrus-sessions ../1", "end-cyrus-sessions a@x.org\r", "end-cyrus-sessions a@\tx"})
        EXPECT_FALSE(parse_helper_line(line)) << line;
}

TEST(HelperProtocol, SessionsAreReadAsTheyAreWritten)
{
    auto const read =
        parse_sessions(sessions_text({{"alice", "imap", "", "47"}, {"alice", "pop3", "", "50"}}), "alice");
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[1].service, "pop3");
    EXPECT_EQ((*read)[1].id, "50");
    EXPECT_EQ((*read)[1].name, "alice");
    EXPECT_TRUE(parse_sessions("", "alice")->empty());
    for (char const* text : {"imap", ":47", "imap:", "imap:x", "imap:47 ", " imap:47"})
        EXPECT_FALSE(parse_sessions(text, "alice")) << text;
    std::vector<OpenSession> const many(5'000, {"alice", "imap", "", "12345"});
    auto const answer = helper_answer(sessions_text(many));
    EXPECT_LE(answer.size(), longest_helper_answer);
    EXPECT_TRUE(parse_sessions(*parse_helper_answer(answer.substr(0, answer.size() - 1)), "alice"));
}

TEST(HelperProtocol, TakesNothingElse)
{
    using namespace std::string_view_literals;
    for (auto const line : {
             ""sv,
             " "sv,
             "help"sv,
             "reload postfix"sv,
             "REMOVE-HOME 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f"sv,
             "remove-home  01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f"sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f "sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f; id"sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\r"sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\0"sv,
             "remove-home"sv,
             "remove-home "sv,
             "remove-home /"sv,
             "remove-home ../../etc"sv,
             "remove-home 2f/01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f"sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2"sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f/"sv,
             "remove-home 01989D0E-AAAA-7BBB-8CCC-DDDDEEEEFF2F"sv,
             "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f"sv,
         }) {
        auto const request = parse_helper_line(line);
        ASSERT_FALSE(request) << "'" << line << "'";
        EXPECT_EQ(request.error().fault, Fault::invalid);
    }
}

TEST(HelperProtocol, AnyTroubleIsOneLineThatTheOtherSideUnderstands)
{
    EXPECT_TRUE(rc::check([](std::string const& words, bool may_help) {
        auto const fault = may_help ? Fault::unavailable : *rc::gen::element(Fault::invalid, Fault::denied);
        auto const answer = helper_answer(fail(fault, words));
        RC_ASSERT(answer.find('\n') == answer.size() - 1);
        RC_ASSERT(answer.size() <= longest_helper_answer);
        auto const understood = parse_helper_answer(std::string_view(answer).substr(0, answer.size() - 1));
        RC_ASSERT(!understood);
        RC_ASSERT(understood.error().fault == (may_help ? Fault::unavailable : Fault::denied));
    }));
    auto const long_answer = helper_answer(fail(Fault::denied, std::string(2000, 'x')));
    EXPECT_LE(long_answer.size(), longest_helper_answer);
    EXPECT_EQ(helper_answer(fail(Fault::denied, "never\nOK")), "NO never OK\n");
}

TEST(HelperProtocol, OnlyAWholeWordIsUnderstood)
{
    EXPECT_EQ(helper_answer({}), "OK\n");
    EXPECT_TRUE(parse_helper_answer("OK"));
    for (auto const* line : {"", "OKAY", "ok", " OK", "NO", "TEMP", "NOT"}) {
        auto const outcome = parse_helper_answer(line);
        ASSERT_FALSE(outcome) << line;
        EXPECT_EQ(outcome.error().fault, Fault::unavailable) << line;
    }
    EXPECT_NE(parse_helper_answer("TEMP \x1b[2J").error().message.find("\\x1b[2J"), std::string::npos);
}
