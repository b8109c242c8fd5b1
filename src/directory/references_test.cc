// SPDX-License-Identifier: Apache-2.0
#include "directory/references.h"

#include <gtest/gtest.h>

#include "mail/test_view.h"

using namespace provost;
using namespace provost::directory;
using mail::addr;
using mail::addrs;

TEST(References, AnAddressIsRewrittenWithItsExtensions)
{
    auto const how = instead_of(addr("bob@a.test"), addr("rob@b.test"), '+');
    EXPECT_EQ(how(addr("bob@a.test")), addr("rob@b.test"));
    EXPECT_EQ(how(addr("bob+x+y@a.test")), addr("rob+x+y@b.test"));
    EXPECT_EQ(how(addr("bob@b.test")), addr("bob@b.test"));
    EXPECT_EQ(how(addr("bobby@a.test")), addr("bobby@a.test"));
    auto const long_one = "bob+" + std::string(60, 'x') + "@a.test";
    auto const longer = instead_of(addr("bob@a.test"), addr("robert@a.test"), '+');
    EXPECT_EQ(longer(addr(long_one)), addr("robert@a.test")) << "66 octets are too many for a local part";
    auto const gone = instead_of(addr("bob@a.test"), std::nullopt, '+');
    EXPECT_EQ(gone(addr("bob+x@a.test")), std::nullopt);
    EXPECT_EQ(gone(addr("eve@a.test")), addr("eve@a.test"));
    auto const plain = instead_of(addr("bob@a.test"), std::nullopt, '\0');
    EXPECT_EQ(plain(addr("bob+x@a.test")), addr("bob+x@a.test"));
}

TEST(References, ADomainIsRewrittenInEveryAddress)
{
    auto const a = mail::DomainName::parse("a.test").value();
    auto const b = mail::DomainName::parse("b.test").value();
    EXPECT_EQ(instead_of(a, b)(addr("x+y@a.test")), addr("x+y@b.test"));
    EXPECT_EQ(instead_of(a, b)(addr("x@sub.a.test")), addr("x@sub.a.test"));
    EXPECT_EQ(instead_of(a, std::nullopt)(addr("x@a.test")), std::nullopt);
}

TEST(References, OfAddressesThatBecomeTheSameTheFirstStays)
{
    auto const how = instead_of(addr("bob@a.test"), addr("rob@a.test"), '+');
    auto alias = mail::an_alias("info@a.test", {"bob@a.test", "eve@a.test", "rob@a.test"});
    alias.posters = addrs({"bob@a.test"});
    EXPECT_TRUE(rewrite(alias, how));
    EXPECT_EQ(alias.targets, addrs({"rob@a.test", "eve@a.test"}));
    EXPECT_EQ(alias.posters, addrs({"rob@a.test"}));
    EXPECT_FALSE(rewrite(alias, how));
    auto mailbox = mail::a_mailbox("eve@a.test");
    EXPECT_FALSE(rewrite(mailbox, how));
    mailbox.recovery_address = addr("bob@a.test");
    mailbox.recovery_confirmed = true;
    EXPECT_TRUE(rewrite(mailbox, how));
    EXPECT_TRUE(mailbox.recovery_confirmed);
    EXPECT_TRUE(rewrite(mailbox, instead_of(addr("rob@a.test"), std::nullopt, '+')));
    EXPECT_FALSE(mailbox.recovery_confirmed);
}
