// SPDX-License-Identifier: Apache-2.0
#include "mail/facts.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost::mail;

TEST(Facts, AListIsReadBackAsItWasWritten)
{
    EXPECT_TRUE(rc::check([](std::vector<std::string> const& texts) {
        auto const bytes = TextList::encode(texts);
        std::vector<std::string> read;
        for (auto text : TextList(bytes)) read.emplace_back(text);
        RC_ASSERT(read == texts);
    }));
}

TEST(Facts, ATornListThrowsAndIsNeverReadPastItsEnd)
{
    EXPECT_TRUE(rc::check([](std::string const& bytes) {
        try {
            std::size_t total = 0;
            for (auto text : TextList(bytes)) total += text.size() + 2;
            RC_ASSERT(total == bytes.size());
        } catch (std::runtime_error const&) {
        }
    }));
}
