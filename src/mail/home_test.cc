// SPDX-License-Identifier: Apache-2.0
#include "mail/home.h"

#include <gtest/gtest.h>

using namespace provost;

TEST(Home, LiesInTheFolderThatTheEndOfItsIdNames)
{
    EXPECT_EQ(mail::home_of(MailboxId("01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f")),
              "2f/01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f");
}
