// SPDX-License-Identifier: Apache-2.0
#include "base/step.h"

#include <gtest/gtest.h>

namespace {

TEST(Step, IsPassedWhereNobodyLooks) { provost::step("a step"); }

}  // namespace
