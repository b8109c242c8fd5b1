// SPDX-License-Identifier: Apache-2.0
#include "provost/exit.h"

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

TEST(Exit, EveryFaultHasItsCode)
{
    struct {
        Fault fault;
        int code;
    } const cases[] = {{Fault::invalid, 2},
                       {Fault::not_found, 3},
                       {Fault::conflict, 4},
                       {Fault::unavailable, 75},
                       {Fault::denied, 77}};
    for (auto const& c : cases) EXPECT_EQ(static_cast<int>(exit_of(c.fault)), c.code);
}

TEST(Exit, EveryStatusOfTheApiHasItsCode)
{
    struct {
        int status;
        char const* body;
        int code;
    } const cases[] = {{400, R"({"detail":"why","fault":"invalid"})", 2},
                       {404, R"({"detail":"why","fault":"not_found"})", 3},
                       {409, R"({"detail":"why","fault":"conflict"})", 4},
                       {403, R"({"detail":"why","fault":"denied"})", 77},
                       {503, R"({"detail":"why","fault":"unavailable"})", 75},
                       {503, R"({"title":"Service Unavailable"})", 75},
                       {500, "", 75},
                       {413, "{}", 2},
                       {404, "not JSON", 3}};
    for (auto const& c : cases) {
        SCOPED_TRACE(c.status);
        TestDesk desk;
        desk.answer(c.body, c.status);
        EXPECT_EQ(desk.run({"mailbox", "show", "alice@example.test"}), c.code);
        EXPECT_EQ(desk.err.str().rfind("provost: ", 0), 0U);
        EXPECT_EQ(desk.out.str(), "");
    }
}

}  // namespace
}  // namespace provost::cli
