// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

struct Scopes : testing::Test {
    Scopes()
    {
        store.act([&](Writing& w) {
            for (std::string const domain : {"a.test", "b.test", "c.test"})
                for (std::string const local : {"anna@", "bert@", "carl@"}) {
                    w.put(test_mailbox(local + domain));
                    w.put(test_alias("x." + local + domain, {local + domain}));
                    w.audit_act("mailbox.add", local + domain, "{}", "{}");
                }
            w.put(test_mailbox("cyrus"));
            w.audit_act("domain.set", "a.test", "{}", "{}");
            w.audit_act("domain.set", "b.test", "{}", "{}");
            w.audit_act("admin.add", "anna@a.test", "{}", "{}");
        });
    }
    std::string mailboxes(std::string_view mask, std::string_view after, int limit, Scope const& scope)
    {
        std::string names;
        for (auto const& mailbox : store.read([&](Reading& r) { return r.mailboxes(mask, after, limit, scope); }))
            names += mailbox.name + " ";
        return names;
    }
    TestStore store;
    Scope const some{false, {"a.test", "c.test"}};
};

TEST_F(Scopes, AListHoldsTheDomainsOfItsScopeInOneOrder)
{
    EXPECT_EQ(mailboxes("", "", 100, some), "anna@a.test anna@c.test bert@a.test bert@c.test carl@a.test carl@c.test ");
    EXPECT_EQ(mailboxes("", "anna@c.test", 3, some), "bert@a.test bert@c.test carl@a.test ");
    EXPECT_EQ(mailboxes("b*", "", 100, some), "bert@a.test bert@c.test ");
    EXPECT_EQ(mailboxes("*@c.test", "", 100, some), "anna@c.test bert@c.test carl@c.test ");
    EXPECT_EQ(mailboxes("*@b.test", "", 100, some), "");
    EXPECT_EQ(mailboxes("cyrus", "", 100, some), "");
    EXPECT_EQ(mailboxes("", "", 100, {false, {}}), "");
    EXPECT_EQ(mailboxes("c*", "carl@b.test", 100, {}), "carl@c.test cyrus ");
}

TEST_F(Scopes, AliasesAndTheAuditToo)
{
    auto const aliases = store.read([&](Reading& r) { return r.aliases("x.b*", "", 100, some); });
    ASSERT_EQ(aliases.size(), 2U);
    EXPECT_EQ(aliases[1].address.text(), "x.bert@c.test");
    auto const audit = store.read([&](Reading& r) { return r.audit("", 0, 100, some); });
    EXPECT_EQ(audit.size(), 7U);  // six mailboxes and one domain; an admin may be called as a mailbox is
    for (auto const& entry : audit) EXPECT_NE(entry.act, "admin.add");
}

TEST_F(Scopes, WhatTheyHaveIsToldByTheDomain)
{
    EXPECT_TRUE(some.has("x@c.test"));
    EXPECT_FALSE(some.has("x@b.test"));
    EXPECT_FALSE(some.has("x@sub.c.test"));
    EXPECT_FALSE(some.has("cyrus"));
    EXPECT_TRUE(Scope().has("cyrus"));
    EXPECT_TRUE(Scope().has_domain("b.test"));
    EXPECT_FALSE(some.has_domain("b.test"));
}

}  // namespace
}  // namespace provost::store
