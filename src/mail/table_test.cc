// SPDX-License-Identifier: Apache-2.0
// docs/who-is-told-what.md is made from the table in answers.cc: PROVOST_ACCEPT=1 writes it anew.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/test_source.h"
#include "mail/answers.h"

using namespace provost::mail;

namespace {

std::string table_as_markdown()
{
    std::string text =
        "# Who is told what\n\n"
        "One table in `src/mail/answers.cc` decides what the mail servers are told of a mailbox in each state; this "
        "page is\n"
        "made from it. A mailbox that has expired, and one whose domain is off, counts as `suspended (refuse)`. Of one "
        "address,\n"
        "what is told of it now:\n\n"
        "    provost explain alice@example.test\n\n"
        "| question |";
    for (auto condition : all_conditions) text += std::string(" ") + word(condition) + " |";
    text += "\n|---|";
    for (std::size_t i = 0; i < all_conditions.size(); ++i) text += "---|";
    text += "\n";
    for (auto question : all_questions) {
        text += std::string("| ") + word(question) + " |";
        for (auto condition : all_conditions)
            text += std::string(" ") + word(who_is_told_what(question, condition)) + " |";
        text += "\n";
    }
    text +=
        "\n- By a former name, after a rename, a mailbox is found by USER alone: mail that was accepted for it is "
        "delivered.\n"
        "  Nobody signs in by it, and a session that did is refused like one of a deleted mailbox.\n"
        "- A deleted mailbox that was given up is not found by USER: its home must not be made again while it is "
        "removed.\n"
        "- `aliases` is one step: Postfix asks again for every result.\n"
        "- `access` is asked at RCPT; 550 is 5.2.1, 450 is 4.2.1.\n"
        "- `transport`: the mailbox's own, or nothing, which leaves it to `virtual_transport`. While its store is "
        "being\n"
        "  prepared the answer is `retry:4.3.0`, so mail waits and never bounces.\n"
        "- `sasl_access` is asked for a session that has signed in already: Postfix sessions cannot be ended from "
        "outside,\n"
        "  so an open one is refused (550 5.7.1) at its next RCPT.\n"
        "- Left out as a target: an alias whose targets are all off answers as they do: 550 5.2.1 at RCPT, or 5.1.1\n"
        "  when all of them were deleted. So does a mailbox that only forwards.\n";
    return text;
}

}  // namespace

TEST(Table, TheManualSaysWhatTheCodeDoes)
{
    auto const path = provost::in_source("docs/who-is-told-what.md");
    auto const text = table_as_markdown();
    if (std::getenv("PROVOST_ACCEPT") != nullptr) std::ofstream(path) << text;
    std::ifstream in(path);
    std::stringstream kept;
    kept << in.rdbuf();
    EXPECT_EQ(kept.str(), text);
}
