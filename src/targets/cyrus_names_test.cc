// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus_names.h"

#include <gtest/gtest.h>

namespace provost::targets {
namespace {

CyrusNamespace const slashes;
CyrusNamespace const dots{.prefix = "user.", .separator = '.'};

TEST(CyrusNames, TheDomainStandsLast)
{
    EXPECT_EQ(slashes.mailbox("alice@example.org"), "user/alice@example.org");
    EXPECT_EQ(slashes.mailbox("alice@example.org", "Sent"), "user/alice/Sent@example.org");
    EXPECT_EQ(slashes.mailbox("cyrus"), "user/cyrus");
    EXPECT_EQ(slashes.folders("alice@example.org"), "user/alice/*@example.org");
    EXPECT_EQ(slashes.deleted_folders("alice@example.org"), "DELETED/user/alice/*@example.org");
}

TEST(CyrusNames, ADotInANameIsACaretWhereDotsSeparate)
{
    EXPECT_EQ(dots.mailbox("john.doe@example.org"), "user.john^doe@example.org");
    EXPECT_EQ(dots.mailbox("john.doe@example.org", "Sent"), "user.john^doe.Sent@example.org");
    EXPECT_EQ(slashes.mailbox("john.doe@example.org"), "user/john.doe@example.org");
}

TEST(CyrusNames, WhoseAMailboxIsIsReadBack)
{
    for (auto const& names : {slashes, dots}) {
        for (char const* user : {"alice@example.org", "john.doe@mail.example.org", "cyrus"}) {
            auto const inbox = names.place(names.mailbox(user));
            ASSERT_TRUE(inbox);
            EXPECT_EQ(inbox->user, user);
            EXPECT_EQ(inbox->folder, "");
            auto const folder = names.place(names.mailbox(user, "Sent"));
            ASSERT_TRUE(folder);
            EXPECT_EQ(folder->user, user);
            EXPECT_EQ(folder->folder, "Sent");
        }
    }
    EXPECT_EQ(slashes.place("user/alice/Work/2026@example.org")->folder, "Work/2026");
    EXPECT_FALSE(slashes.place("news/comp"));
    EXPECT_FALSE(dots.place("user/alice@example.org"));
}

TEST(CyrusNames, ADeletedOneHasItsMoment)
{
    auto const inbox = slashes.place("DELETED/user/alice/6B0F1296@example.org");
    ASSERT_TRUE(inbox);
    EXPECT_EQ(inbox->user, "alice@example.org");
    EXPECT_EQ(inbox->folder, "");
    EXPECT_EQ(inbox->moment, "6B0F1296");
    auto const folder = dots.place("DELETED.user.john^doe.Sent.6B0F1296@example.org");
    ASSERT_TRUE(folder);
    EXPECT_EQ(folder->user, "john.doe@example.org");
    EXPECT_EQ(folder->folder, "Sent");
    EXPECT_FALSE(slashes.place("DELETED/user/alice@example.org"));
    EXPECT_FALSE(slashes.place("DELETED/user/alice/6b0f@example.org"));
}

TEST(CyrusNames, UsersOfTheDefaultDomainAreShownWithoutIt)
{
    CyrusNamespace const names{.default_domain = "example.org"};
    EXPECT_EQ(names.place("user/alice/Sent")->user, "alice@example.org");
    EXPECT_EQ(names.place("user/alice@example.net")->user, "alice@example.net");
}

TEST(CyrusNames, WhatCyrusCannotNameIsRefused)
{
    for (char const* user : {"alice@example.org", "john.doe@example.org", "o'neil@example.org", "a=b@example.org",
                             "a#1@x.org", "a-b@xn--mller-kva.example", "cyrus"})
        EXPECT_TRUE(check_cyrus_user(user)) << user;
    for (char const* user :
         {"a+b@example.org", "a^b@example.org", "a/b@example.org", "a{b@example.org", "a&b@example.org",
          "a*@example.org", "a%@example.org", "m\xC3\xBCller@example.org", "~a@example.org", "-a@example.org",
          "a\"b@example.org", "a\\b@example.org", "@example.org", ""}) {
        auto const refused = check_cyrus_user(user);
        ASSERT_FALSE(refused) << user;
        EXPECT_EQ(refused.error().field, "name");
    }
    EXPECT_FALSE(check_cyrus_user(std::string(300, 'a')));
}

}  // namespace
}  // namespace provost::targets
