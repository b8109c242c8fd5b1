// SPDX-License-Identifier: Apache-2.0
#include "api/values.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace provost::api {
namespace {

TEST(Values, ASizeMayBeANumberOrAsPeopleWriteIt)
{
    struct {
        char const* text;
        Limit limit;
    } const cases[] = {{"10", Limit::of(10)},
                       {"\"10G\"", Limit::of(10LL << 30U)},
                       {"\"unlimited\"", Limit::unlimited()},
                       {"\"none\"", Limit::unset()},
                       {"null", Limit::unset()},
                       {"0", Limit::of(0)}};
    for (auto const& c : cases) {
        SCOPED_TRACE(c.text);
        auto const limit = read_size(json::parse(c.text), "quota");
        ASSERT_TRUE(limit);
        EXPECT_EQ(*limit, c.limit);
    }
}

TEST(Values, AWrongTypeIsRefusedWithFieldAndValue)
{
    struct {
        Error error;
        char const* message;
    } const cases[] = {
        {read_size(json::parse("-1"), "quota").error(),
         "quota: '-1' is not a size such as 10G, 1048576, unlimited or none"},
        {read_size(json::parse("[1]"), "quota").error(),
         "quota: '[1]' is not a size such as 10G, 1048576, unlimited or none"},
        {read_count(json::parse("1.5"), "max_aliases").error(),
         "max_aliases: '1.5E0' is not a number, unlimited or none"},
        {From<std::string>::read(json::parse("7"), "description").error(), "description: '7' is not a text"},
        {From<bool>::read(json::parse("null"), "enabled").error(), "enabled: 'null' is not true or false"},
        {From<bool>::read(json::parse("1"), "enabled").error(), "enabled: '1' is not true or false"},
        {From<std::vector<mail::Address>>::read(json::parse("\"a@b.example\""), "targets").error(),
         "targets: '\\x22a@b.example\\x22' is not a list"},
        {From<directory::MemberChange>::read(json::parse("{\"mailbox\":\"a@b.example\"}"), "members").error(),
         "members: '{\\x22mailbox\\x22:\\x22a@b.example\\x22}' needs both a mailbox and rights"},
        {From<directory::MemberChange>::read(json::parse("{\"mailbox\":\"a\",\"rights\":[\"fly\"]}"), "members")
             .error(),
         "members: 'fly' is not one of read, write, send-as"},
    };
    for (auto const& c : cases) {
        EXPECT_EQ(c.error.message, c.message);
        EXPECT_EQ(c.error.fault, Fault::invalid);
        EXPECT_FALSE(c.error.field.empty());
    }
}

TEST(Values, AnAddressOfAListIsCheckedAsOneByItself)
{
    auto const found = From<std::vector<mail::Address>>::read(json::parse(R"(["A@Example.Test","b"])"), "targets");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().field, "targets");
}

TEST(Values, ServicesAreAListOrAText)
{
    for (auto const* text : {R"(["imap","pop3"])", R"("imap,pop3")"}) {
        auto const services = From<mail::Services>::read(json::parse(text), "services");
        ASSERT_TRUE(services);
        EXPECT_EQ(mail::words(*services), (std::vector<std::string>{"imap", "pop3"}));
    }
}

TEST(Values, NullIsNothing)
{
    EXPECT_EQ(*From<std::optional<Time>>::read(nullptr, "expires"), std::nullopt);
    EXPECT_EQ(*From<std::string>::read(nullptr, "description"), "");
    EXPECT_TRUE(From<std::vector<std::string>>::read(nullptr, "logins")->empty());
    EXPECT_TRUE(shown("").is_null());
    EXPECT_TRUE(shown(Limit::unset()).is_null());
    EXPECT_TRUE(shown(std::optional<Time>()).is_null());
}

TEST(Values, AWordIsATextAndNoFlag) { EXPECT_EQ(shown(mail::word(mail::DomainKind::hosted)), json::value("hosted")); }

TEST(Values, ASecretOfTheWrongTypeIsNotShown)
{
    auto const secret = read_secret(json::parse("271828"), "password");
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().message.find("271828"), std::string::npos);
}

RC_GTEST_PROP(Values, WhatIsShownReadsBackTheSame, (std::int64_t number, std::int64_t millis))
{
    auto const limit = Limit::from_stored(number % (std::int64_t{1} << 50));  // no size is larger
    RC_ASSERT(*read_size(shown(limit), "quota") == limit);
    // RFC 3339 has years of four digits.
    auto const time = from_millis(((millis % 250'000'000'000'000) + 250'000'000'000'000) % 250'000'000'000'000);
    RC_ASSERT(*From<Time>::read(shown(time), "expires") == time);
}

}  // namespace
}  // namespace provost::api
