// SPDX-License-Identifier: Apache-2.0
#include "api/objects.h"

#include <gtest/gtest.h>

#include "mail/fields.h"

namespace provost::api {
namespace {

json::object parsed(char const* text) { return json::parse(text).as_object(); }

mail::Domain a_domain() { return mail::Domain{.id = DomainId("d1"), .name = *mail::DomainName::parse("example.test")}; }

mail::Alias an_alias()
{
    return mail::Alias{.id = AliasId("a1"), .address = *mail::Address::parse("info@example.test")};
}

TEST(Objects, EveryDeclaredFieldIsShownAndTaken)
{
    auto const domain = to_json(a_domain());
    for (auto const& field : mail::domain_fields) {
        SCOPED_TRACE(field.name);
        ASSERT_TRUE(domain.contains(field.name));
        json::object const body{{field.name, domain.at(field.name)}};
        EXPECT_TRUE(field.name == "maps_to" || domain_change(body, true)) << json::serialize(body);
    }
    mail::Mailbox alice;
    alice.name = "alice@example.test";
    auto const mailbox = to_json(alice);
    for (auto const& field : mail::mailbox_fields) {
        SCOPED_TRACE(field.name);
        ASSERT_TRUE(mailbox.contains(field.name));
        json::object const body{{field.name, mailbox.at(field.name)}};
        EXPECT_TRUE(mailbox_change(body, true)) << json::serialize(body);
    }
    auto const alias = to_json(an_alias());
    for (auto const& field : mail::alias_fields) {
        SCOPED_TRACE(field.name);
        ASSERT_TRUE(alias.contains(field.name));
        json::object const body{{field.name, alias.at(field.name)}};
        EXPECT_TRUE(alias_change(body, true)) << json::serialize(body);
    }
}

TEST(Objects, AChangeSaysOnlyWhatTheBodySays)
{
    auto const change = mailbox_change(parsed(R"({"quota":"1G","expires":null,"keep_copy":false})"), false);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->quota_bytes, Limit::of(1LL << 30U));
    ASSERT_TRUE(change->expires.has_value());
    EXPECT_EQ(*change->expires, std::nullopt);
    EXPECT_EQ(change->keep_copy, false);
    EXPECT_FALSE(change->forwards);
    EXPECT_FALSE(change->state);
    EXPECT_FALSE(change->quota_messages);
}

TEST(Objects, AnUnknownMemberIsRefusedWithTheNearestKnownOne)
{
    auto const change = mailbox_change(parsed(R"({"quotta":1})"), false);
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().message, "'quotta' is not a known member; did you mean quota?");
    EXPECT_EQ(change.error().field, "quotta");
    EXPECT_FALSE(alias_change(parsed(R"({"created":null})"), true));
    EXPECT_FALSE(domain_change(parsed(R"({"\u0007":null})"), true));
}

TEST(Objects, WhatIsSaidOnceCannotBeChanged)
{
    EXPECT_TRUE(domain_change(parsed(R"({"kind":"alias"})"), true));
    auto const later = domain_change(parsed(R"({"kind":"alias"})"), false);
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().field, "kind");
}

TEST(Objects, APasswordOrAHashButNotBoth)
{
    auto body = parsed(R"({"password":"open sesame","quota":1})");
    auto const password = take_password(body);
    ASSERT_TRUE(password && *password);
    EXPECT_EQ((*password)->password.reveal(), "open sesame");
    EXPECT_FALSE(body.contains("password"));

    auto both = parsed(R"({"password":"open sesame","hash":"$y$x"})");
    auto const refused = take_password(both);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("sesame"), std::string::npos);

    json::object neither;
    EXPECT_EQ(take_password(neither)->has_value(), false);
}

TEST(Objects, HashesAreNeverShown)
{
    directory::MailboxDetails details;
    details.mailbox.name = "alice@example.test";
    details.credentials.push_back({.id = CredentialId("c1"), .hash = "$y$secret"});
    EXPECT_EQ(json::serialize(to_json(details)).find("$y$"), std::string::npos);
}

TEST(Objects, AProofIsShownDoorByDoor)
{
    directory::Done done;
    done.revision = 7;
    directory::Proof proof;
    proof.complete = true;
    proof.sessions_ended = 2;
    proof.doors.push_back(
        {"imap", "let in", "refused", "NO [AUTHENTICATIONFAILED]\r", std::chrono::milliseconds(12), true});
    done.proof = proof;
    auto const shown = to_json(done);
    auto const& door = shown.at("proof").at("doors").at(0).as_object();
    EXPECT_EQ(door.at("took_ms"), 12);
    EXPECT_EQ(door.at("proved"), true);
    EXPECT_EQ(door.at("said"), "NO [AUTHENTICATIONFAILED]\\x0d");
    EXPECT_EQ(shown.at("dry_run"), false);
    EXPECT_TRUE(to_json(directory::Done{}).at("proof").is_null());
    directory::Done tried;
    tried.dry_run = true;
    EXPECT_TRUE(to_json(tried).at("dry_run").as_bool());
}

}  // namespace
}  // namespace provost::api
