// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(Domains, EverythingOfADomainComesBack)
{
    TestStore store;
    auto domain = test_domain("example.org");
    domain.kind = mail::DomainKind::relay;
    domain.description = "o'clock";
    domain.enabled = false;
    domain.expires = from_millis(5);
    domain.maps_to = mail::DomainName::parse("example.net").value();
    domain.transport = "smtp:[192.0.2.1]";
    domain.catch_all = {test_address("b@example.net"), test_address("a@example.net")};
    domain.archive_to = test_address("archive@example.net");
    domain.limits.mailboxes = Limit::of(0);
    domain.limits.aliases = Limit::unlimited();
    domain.limits.aliases_per_mailbox = Limit::of(1);
    domain.limits.external_aliases = Limit::of(2);
    domain.limits.quota_per_mailbox = Limit::of(3);
    domain.limits.default_quota = Limit::of(std::int64_t{5} << 40);
    domain.limits.total_quota = Limit::unset();
    domain.created = from_millis(7);
    store.act([&](Writing& w) { w.put(domain); });
    EXPECT_EQ(store.read([](Reading& r) { return r.domain("example.org"); }), domain);
    EXPECT_EQ(store.read([&](Reading& r) { return r.domain_by_id(domain.id.text()); }), domain);

    domain.catch_all.pop_back();
    domain.kind = mail::DomainKind::hosted;
    store.act([&](Writing& w) { w.put(domain); });
    EXPECT_EQ(store.read([](Reading& r) { return r.domain("example.org"); }), domain);

    store.act([&](Writing& w) { w.remove(domain.id); });
    EXPECT_EQ(store.read([](Reading& r) { return r.domain("example.org"); }), std::nullopt);
}

TEST(Domains, TheyAreListedByNameAndMask)
{
    TestStore store;
    store.act([&](Writing& w) {
        for (auto const* name : {"c.example.org", "a.example.org", "b.example.net"}) w.put(test_domain(name));
    });
    auto const names = [&](std::string_view mask) {
        std::string out;
        for (auto const& domain : store.read([&](Reading& r) { return r.domains(mask); }))
            out += domain.name.text() + " ";
        return out;
    };
    EXPECT_EQ(names(""), "a.example.org b.example.net c.example.org ");
    EXPECT_EQ(names("*.example.org"), "a.example.org c.example.org ");
    EXPECT_EQ(names("b*"), "b.example.net ");
}

TEST(Domains, ASecondOfTheSameNameIsAConflict)
{
    TestStore store;
    store.act([](Writing& w) { w.put(test_domain("example.org")); });
    auto const done = store->act({}, [](Writing& w) -> Result<void> {
        w.put(test_domain("example.org"));
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::conflict);
    EXPECT_EQ(done.error().message, "the domain example.org exists already");
}

TEST(Domains, CountsAreExactInsideTheActThatChangesThem)
{
    TestStore store;
    auto gone = test_mailbox("gone@example.org");
    gone.state = mail::MailboxState::deleted;
    store.act([&](Writing& w) {
        w.put(test_domain("example.org"));
        w.put(test_domain("example.net"));
        for (auto const* name : {"a@example.org", "b@example.org", "a@example.net"}) {
            auto mailbox = test_mailbox(name);
            mailbox.quota_bytes = Limit::of(100);
            w.put(mailbox);
        }
        auto unlimited = test_mailbox("c@example.org");
        unlimited.quota_bytes = Limit::unlimited();
        w.put(unlimited);
        gone.quota_bytes = Limit::of(1000);
        w.put(gone);
        w.put(test_alias("in@example.org", {"a@example.org", "a@example.net"}));
        w.put(test_alias("out@example.org", {"a@example.org", "x@elsewhere.example", "y@elsewhere.example"}));
        auto const counts = w.counts("example.org");
        EXPECT_EQ(counts.mailboxes, 3);
        EXPECT_EQ(counts.quota_sum, 200);
        EXPECT_EQ(counts.aliases, 2);
        EXPECT_EQ(counts.external_aliases, 1);
    });
    EXPECT_EQ(store.read([](Reading& r) { return r.counts("nothing.example"); }).mailboxes, 0);
}

TEST(Domains, TheSumOfQuotasDoesNotOverflow)
{
    TestStore store;
    auto const most = std::numeric_limits<std::int64_t>::max();
    store.act([&](Writing& w) {
        w.put(test_domain("example.org"));
        auto small = test_mailbox("small@example.org");
        small.quota_bytes = Limit::of((3LL << 20) + 5);
        w.put(small);
        auto more = test_mailbox("more@example.org");
        more.quota_bytes = Limit::of((1LL << 50) - 1);
        w.put(more);
        auto none = test_mailbox("none@example.org");
        none.quota_bytes = Limit::unlimited();
        w.put(none);
    });
    auto const counts = [&] { return store.read([](Reading& r) { return r.counts("example.org"); }); };
    EXPECT_EQ(counts().quota_sum, (1LL << 50) + (3LL << 20) + 4);
    EXPECT_EQ(counts().mailboxes, 3);
    store.act([&](Writing& w) {
        for (std::string const local : {"a@", "b@", "c@"}) {
            auto mailbox = test_mailbox(local + "example.org");
            mailbox.quota_bytes = Limit::of(most);
            w.put(mailbox);
        }
    });
    EXPECT_EQ(counts().quota_sum, most);
}

}  // namespace
}  // namespace provost::store
