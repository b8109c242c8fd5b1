// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/test_source.h"

std::string provost::in_source(std::string const& path) { return PROVOST_SOURCE_DIR "/" + path; }

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
