// SPDX-License-Identifier: Apache-2.0
#include "net/fd.h"

#include <fcntl.h>

#include <gtest/gtest.h>

using namespace provost::net;

TEST(Fd, ClosesWhatItOwnsOnce)
{
    int const number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    {
        Fd first(number);
        Fd second = std::move(first);
        EXPECT_FALSE(first);
        EXPECT_NE(::fcntl(number, F_GETFD), -1);
    }
    EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}
