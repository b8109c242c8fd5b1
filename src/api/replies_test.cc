// SPDX-License-Identifier: Apache-2.0
#include "api/replies.h"

#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

TEST(Replies, AFullPageNamesTheNext)
{
    std::vector<mail::Alias> const found{mail::an_alias("a@example.test", {}), mail::an_alias("b@example.test", {})};
    auto const name = [](mail::Alias const& alias) { return alias.address.text(); };
    EXPECT_EQ(page(found, 2, name).body.at("next"), "b@example.test");
    EXPECT_TRUE(page(found, 3, name).body.at("next").is_null());
    EXPECT_EQ(page(found, 3, name).body.at("items").as_array().size(), 2U);
}

TEST(Replies, WhatWasAddedHasAPathAndADryRunHasNone)
{
    TestApi api;
    auto const caller = directory::TestHouse::root();
    Call call{api.house(), caller, ""};
    directory::Done outcome;
    outcome.subject = "a/b@example.test";
    outcome.revision = 3;
    auto const reply = added(call, "/aliases/", outcome);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->location, "/api/v1/aliases/a%2Fb@example.test");
    EXPECT_EQ(reply->etag, 3U);

    call.request.dry_run = true;
    outcome.revision = 0;
    auto const rehearsed = added(call, "/aliases/", outcome);
    EXPECT_EQ(rehearsed->status, 200);
    EXPECT_EQ(rehearsed->location, "");
    EXPECT_FALSE(rehearsed->etag);
}

}  // namespace
}  // namespace provost::api
