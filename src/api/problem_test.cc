// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace provost::api {
namespace {

TEST(Problem, EveryFaultHasItsStatus)
{
    struct {
        Fault fault;
        int status;
    } const cases[] = {{Fault::invalid, 400},
                       {Fault::not_found, 404},
                       {Fault::conflict, 409},
                       {Fault::denied, 403},
                       {Fault::unavailable, 503}};
    for (auto const& c : cases) {
        auto const response = problem({c.fault, "why", "quota"});
        EXPECT_EQ(response.status, c.status);
        EXPECT_EQ(response.type, "application/problem+json");
        auto const body = boost::json::parse(response.body).as_object();
        EXPECT_EQ(body.at("status"), c.status);
        EXPECT_EQ(body.at("detail"), "why");
        EXPECT_EQ(body.at("fault"), name_of(c.fault));
        EXPECT_EQ(body.at("field"), "quota");
    }
}

TEST(Problem, WithoutAFieldTheFieldIsNull)
{
    EXPECT_TRUE(boost::json::parse(problem({Fault::denied, "why", {}}).body).at("field").is_null());
}

}  // namespace
}  // namespace provost::api
