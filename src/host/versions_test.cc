// SPDX-License-Identifier: Apache-2.0
#include "host/versions.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;

namespace {

Runner says(std::string const& answer)
{
    return [answer](auto const&) -> Result<std::string> { return answer; };
}

}  // namespace

TEST(Versions, APostfixIsOfTheFamilyWhoseTextFitsIt)
{
    EXPECT_EQ(postfix_version(says("3.7.11\n"))->family, PostfixFamily::v3_7);
    EXPECT_EQ(postfix_version(says("3.10.13\n"))->family, PostfixFamily::v3_10);
    EXPECT_EQ(postfix_version(says("3.7.11\n"))->text, "3.7.11");
    for (auto text : {"3.6.4\n", "2.11.0\n", "3.11-20250101\n", "4.0.0\n", "", "postconf\n"})
        EXPECT_FALSE(postfix_version(says(text)));
}

TEST(Versions, ADovecotIs23Or24)
{
    EXPECT_EQ(dovecot_version(says("2.3.19.1 (9b53102964)\n"))->family, DovecotFamily::v2_3);
    EXPECT_EQ(dovecot_version(says("2.4.1-4 (7d8c0e5759)\n"))->family, DovecotFamily::v2_4);
    EXPECT_EQ(dovecot_version(says("2.3.19.1 (9b53102964)\n"))->text, "2.3.19.1");
    for (auto text : {"2.2.36\n", "3.0.0\n", "", "dovecot\n"}) EXPECT_FALSE(dovecot_version(says(text))) << text;
}

TEST(Versions, ACyrusIs36To310)
{
    EXPECT_EQ(cyrus_version(says("cyrus-imapd 3.6.1-Debian-3.6.1-4+deb12u5\n"))->family, CyrusFamily::v3_6);
    EXPECT_EQ(cyrus_version(says("cyrus-imapd 3.8.4\n"))->family, CyrusFamily::v3_6);
    EXPECT_EQ(cyrus_version(says("cyrus-imapd 3.10.2-Debian-3.10.2-1+deb13u2\n"))->family, CyrusFamily::v3_10);
    EXPECT_EQ(cyrus_version(says("cyrus-imapd 3.6.1-Debian-3.6.1-4+deb12u5\n"))->text, "3.6.1");
    for (auto text : {"cyrus-imapd 3.4.1\n", "cyrus-imapd 3.12.0\n", "cyrus-imapd 2.5.10\n", "", "dovecot 3.6.1\n"})
        EXPECT_FALSE(cyrus_version(says(text))) << text;
}

TEST(Versions, WhatCouldNotBeRunIsPassedOn)
{
    Runner const missing = [](auto const&) -> Result<std::string> { return fail(Fault::not_found, "no such program"); };
    EXPECT_EQ(postfix_version(missing).error().fault, Fault::not_found);
    EXPECT_EQ(dovecot_version(missing).error().fault, Fault::not_found);
    EXPECT_EQ(cyrus_version(missing).error().fault, Fault::not_found);
}
