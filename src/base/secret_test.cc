// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <type_traits>

#include <gtest/gtest.h>

using namespace provost;

TEST(Secret, IsMovedAndNotCopied)
{
    static_assert(!std::is_copy_constructible_v<Secret>);
    Secret first("correct horse");
    Secret second(std::move(first));
    EXPECT_EQ(second.reveal(), "correct horse");
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
    first = std::move(second);
    EXPECT_EQ(first.reveal(), "correct horse");
}

TEST(Secret, WhatItWasMadeFromIsWiped)
{
    std::string text("hunter2");  // short enough to lie in the string itself
    char const* const bytes = text.data();
    Secret const secret(std::move(text));
    EXPECT_EQ(secret.reveal(), "hunter2");
    for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(bytes[i], '\0') << i;  // NOLINT(bugprone-use-after-move)
}
