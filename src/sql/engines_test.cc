// SPDX-License-Identifier: Apache-2.0
#include "sql/engines.h"

#include <gtest/gtest.h>

#include "sql/test_database.h"

namespace provost::sql {
namespace {

TEST(Engines, AnEngineIsChosenByTheSchemeOfTheUrl)
{
    TestFolder const folder;
    auto const connect = engine_for("sqlite:" + folder.file("a.db"), {.create = true});
    ASSERT_TRUE(connect);
    EXPECT_EQ((*connect)()->query("SELECT 1").at(0).integer(0), 1);
}

TEST(Engines, WhatIsNoEngineIsRefusedWithoutShowingAPassword)
{
    for (auto const* url : {"", "sqlite", "sqlite:", "oracle://provost:hunter2@db/provost", "/var/lib/provost.db"}) {
        SCOPED_TRACE(url);
        auto const connect = engine_for(url);
        ASSERT_FALSE(connect);
        EXPECT_EQ(connect.error().fault, Fault::invalid);
        EXPECT_EQ(connect.error().message.find("hunter2"), std::string::npos);
        EXPECT_NE(connect.error().message.find("sqlite:"), std::string::npos);
    }
}

}  // namespace
}  // namespace provost::sql
