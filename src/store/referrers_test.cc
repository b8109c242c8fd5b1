// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "store/test_store.h"

namespace provost::store {
namespace {

struct Site {
    Site()
    {
        auto domain = test_domain("a.example");
        domain.catch_all = {test_address("bob@b.example")};
        auto archived = test_domain("c.example");
        archived.archive_to = test_address("bob+archive@b.example");
        auto mapped = test_domain("d.example");
        mapped.kind = mail::DomainKind::mapped;
        mapped.maps_to = mail::DomainName::parse("b.example").value();
        auto forwarding = test_mailbox("f@a.example");
        forwarding.forwards = {test_address("x@elsewhere.example"), test_address("bob@b.example")};
        auto gone = test_mailbox("gone@a.example");
        gone.state = mail::MailboxState::deleted;
        gone.forwards = {test_address("bob@b.example")};
        auto recovering = test_mailbox("r@a.example");
        recovering.recovery_address = test_address("bob@b.example");
        auto posting = test_alias("p@a.example", {"y@elsewhere.example"});
        posting.posters = {test_address("bob@b.example")};
        store.act([&](Writing& w) {
            for (auto const& one : {domain, archived, mapped}) w.put(one);
            for (auto const& one : {forwarding, gone, recovering}) w.put(one);
            w.put(posting);
            w.put(test_alias("exact@a.example", {"bob@b.example", "z@elsewhere.example"}));
            w.put(test_alias("extended@a.example", {"bob+list@b.example"}));
            // Near, and somebody else.
            w.put(test_alias("n1@a.example", {"bobby@b.example"}));
            w.put(test_alias("n2@a.example", {"bob+list@bb.example"}));
            w.put(test_alias("n3@a.example", {"bob@bb.example"}));
            w.put(test_alias("n4@a.example", {"bob-list@b.example"}));
        });
    }
    static std::vector<std::string> names(Referrers const& found)
    {
        std::vector<std::string> out;
        for (auto const& one : found.aliases) out.push_back(one.address.text());
        for (auto const& one : found.mailboxes) out.push_back(one.name);
        for (auto const& one : found.domains) out.push_back(one.name.text());
        std::ranges::sort(out);
        return out;
    }
    TestStore store;
};

using Names = std::vector<std::string>;

TEST(Referrers, WhoeverNamesAnAddressIsFoundAlsoByAnExtensionOfIt)
{
    Site site;
    auto const of = [&](std::string_view address, char delimiter) {
        return Site::names(site.store.read([&](Reading& r) { return r.referrers(address, delimiter); }));
    };
    EXPECT_EQ(of("bob@b.example", '+'), (Names{"a.example", "c.example", "exact@a.example", "extended@a.example",
                                               "f@a.example", "gone@a.example", "p@a.example", "r@a.example"}));
    EXPECT_EQ(of("bob@b.example", '\0'),
              (Names{"a.example", "exact@a.example", "f@a.example", "gone@a.example", "p@a.example", "r@a.example"}));
    EXPECT_EQ(of("bob+list@b.example", '+'), Names{"extended@a.example"});
    EXPECT_EQ(of("bob", '+'), Names{});
}

TEST(Referrers, WhoeverNamesADomainIsFound)
{
    Site site;
    auto const of = [&](std::string_view domain) {
        return Site::names(site.store.read([&](Reading& r) { return r.referrers_into(domain); }));
    };
    EXPECT_EQ(of("bb.example"), (Names{"n2@a.example", "n3@a.example"}));
    EXPECT_EQ(of("b.example"),
              (Names{"a.example", "c.example", "d.example", "exact@a.example", "extended@a.example", "f@a.example",
                     "gone@a.example", "n1@a.example", "n4@a.example", "p@a.example", "r@a.example"}));
    EXPECT_EQ(of("a.example"), Names{});
}

}  // namespace
}  // namespace provost::store
