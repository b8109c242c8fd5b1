// SPDX-License-Identifier: Apache-2.0
#include "mail/fullness.h"

#include <limits>

#include <gtest/gtest.h>

using namespace provost::mail;

namespace {

constexpr std::int64_t unlimited = -1;
constexpr auto most = std::numeric_limits<std::int64_t>::max();

bool no_room(std::int64_t quota_bytes, std::int64_t quota_messages, Fullness used, std::int64_t declared = 0)
{
    MailboxFacts mailbox;
    mailbox.quota_bytes = quota_bytes;
    mailbox.quota_messages = quota_messages;
    return has_no_room(mailbox, used, declared);
}

}  // namespace

TEST(AFullMailbox, IsOneWithNotAByteLeftOrAsManyMessagesAsItMayHave)
{
    struct {
        std::int64_t quota_bytes;
        std::int64_t quota_messages;
        Fullness used;
        bool full;
    } const cases[] = {
        {100'000, unlimited, {99'999, 5}, false},
        {100'000, unlimited, {100'000, 5}, true},
        {100'000, unlimited, {100'001, 5}, true},
        {100'000, unlimited, {most, 5}, true},
        {unlimited, 5, {1, 4}, false},
        {unlimited, 5, {1, 5}, true},
        {unlimited, 5, {1, 6}, true},
        {unlimited, unlimited, {most, most}, false},
        {100'000, 5, {1, 5}, true},
        {100'000, 5, {100'000, 1}, true},
        {0, unlimited, {0, 0}, true},
        {unlimited, 0, {0, 0}, true},
        {1, 1, {0, 0}, false},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(testing::Message() << c.quota_bytes << " " << c.quota_messages << " of " << c.used.bytes << " "
                                        << c.used.messages);
        EXPECT_EQ(no_room(c.quota_bytes, c.quota_messages, c.used), c.full);
    }
}

TEST(AFullMailbox, IsOneThatALetterIsTooLargeForWhateverItsSenderAddedToItsSize)
{
    constexpr std::int64_t of_40_000 = 41'675;  // the most that such a letter is taken to be declared as
    EXPECT_FALSE(no_room(100'000, unlimited, {60'000, 1}, of_40_000));
    EXPECT_TRUE(no_room(100'000, unlimited, {60'000, 1}, of_40_000 + 1));
    EXPECT_TRUE(no_room(100'000, unlimited, {60'001, 1}, of_40_000));
    EXPECT_FALSE(no_room(100'000, unlimited, {60'000, 1}, 0));
    EXPECT_FALSE(no_room(100'000, unlimited, {60'000, 1}, 900)) << "less than what is spared";
    EXPECT_TRUE(no_room(100'000, unlimited, {0, 0}, most));
    EXPECT_FALSE(no_room(unlimited, unlimited, {0, 0}, most));
}
