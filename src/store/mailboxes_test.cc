// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

mail::Mailbox full_mailbox(std::string_view name, mail::Mailbox const& member)
{
    auto mailbox = test_mailbox(name);
    mailbox.kind = mail::MailboxKind::shared;
    mailbox.logins = {"jane", "anna"};
    mailbox.former_names = {"old@example.org"};
    mailbox.display_name = "J\xc3\xa4ne \"quoted\"";
    mailbox.state = mail::MailboxState::suspended;
    mailbox.state_before = mail::MailboxState::receive_only;
    mailbox.suspension = mail::Suspension::hold;
    mailbox.expires = from_millis(1);
    mailbox.quota_bytes = Limit::of(0);
    mailbox.quota_messages = Limit::unlimited();
    mailbox.forwards = {test_address("b@example.net"), test_address("a@example.net")};
    mailbox.keep_copy = false;
    mailbox.services = mail::Services::from_bits(5);
    mailbox.transport = "lmtp:inet:[192.0.2.7]:24";
    mailbox.recovery_address = test_address("jane@example.net");
    mailbox.recovery_confirmed = true;
    mailbox.members = {{member.id, member.name, 7}};
    mailbox.store = {"cyrus", "user/jane", "generation", mail::StoreState::failing, "NO quota"};
    mailbox.created = from_millis(9);
    return mailbox;
}

TEST(Mailboxes, EverythingOfAMailboxComesBack)
{
    TestStore store;
    auto const member = test_mailbox("member@example.org");
    auto const mailbox = full_mailbox("jane@example.org", member);
    mail::Credential credential{.id = CredentialId::make(), .kind = mail::CredentialKind::app_password};
    credential.label = "phone";
    credential.hash = "$y$j9T$salt$hash";
    credential.services = mail::Services::from_bits(1);
    credential.networks = {"192.0.2.0/24", "2001:db8::/32"};
    credential.expires = from_millis(3);
    credential.created = from_millis(4);
    store.act([&](Writing& w) {
        w.put(member);
        w.put(mailbox);
        w.put_credential(mailbox.id, credential);
    });
    auto const check = [&](std::optional<MailboxRecord> const& found) {
        ASSERT_TRUE(found);
        EXPECT_EQ(found->mailbox, mailbox);
        EXPECT_EQ(found->credentials, std::vector{credential});
        EXPECT_EQ(found->revision, 1U);
    };
    check(store.read([](Reading& r) { return r.mailbox("jane@example.org"); }));
    check(store.read([&](Reading& r) { return r.mailbox_by_id(mailbox.id.text()); }));
    int seen = 0;
    store->read([&](Reading& r) {
        r.every_mailbox([&](MailboxRecord const& record) {
            ++seen;
            if (record.mailbox.id == mailbox.id) check(record);
        });
    });
    EXPECT_EQ(seen, 2);
}

TEST(Mailboxes, PagesFollowEachOtherByName)
{
    TestStore store;
    std::vector<std::string> all;
    store.act([&](Writing& w) {
        for (int i = 0; i < 2500; ++i) {
            auto const number = std::to_string(10000 + i);
            w.put(test_mailbox("u" + number + (i % 2 == 0 ? "@example.org" : "@example.net")));
            if (i % 2 == 0) all.push_back("u" + number + "@example.org");
        }
        auto gone = test_mailbox("u0@example.org");
        gone.state = mail::MailboxState::deleted;
        w.put(gone);
    });
    std::vector<std::string> found;
    for (;;) {
        auto const after = found.empty() ? "" : found.back();
        auto const some = store.read([&](Reading& r) { return r.mailboxes("*@example.org", after, 400); });
        for (auto const& mailbox : some) found.push_back(mailbox.name);
        if (some.size() < 400) break;
    }
    EXPECT_EQ(found, all);
    auto const count = [&](std::string_view mask) {
        return store.read([&](Reading& r) { return r.mailboxes(mask, "", 10000); }).size();
    };
    EXPECT_EQ(count(""), 2500U);
    EXPECT_EQ(count("u1000?@*"), 10U);
    EXPECT_EQ(count("*1@example.net"), 250U);
    EXPECT_EQ(count("U10000@Example.org"), 1U);
    EXPECT_EQ(count("nobody@example.org"), 0U);
    std::size_t every = 0;
    store->read([&](Reading& r) { r.every_mailbox([&](MailboxRecord const&) { ++every; }); });
    EXPECT_EQ(every, 2501U);
}

TEST(Mailboxes, EveryOneIsVisitedOnceWhereManyShareAName)
{
    TestStore store;
    store.act([&](Writing& w) {
        for (int i = 0; i < 2300; ++i) {
            auto gone = test_mailbox(i < 1700 ? "a@example.org" : "b@example.org");
            gone.state = mail::MailboxState::deleted;
            gone.logins = {"login" + std::to_string(i)};
            w.put(gone);
        }
    });
    std::set<std::string> ids;
    std::set<std::string> logins;
    store->read([&](Reading& r) {
        r.every_mailbox([&](MailboxRecord const& record) {
            EXPECT_TRUE(ids.insert(record.mailbox.id.text()).second);
            ASSERT_EQ(record.mailbox.logins.size(), 1U);
            logins.insert(record.mailbox.logins[0]);
        });
    });
    EXPECT_EQ(ids.size(), 2300U);
    EXPECT_EQ(logins.size(), 2300U);
}

TEST(Mailboxes, DeletedOnesArePagedByNameAndId)
{
    TestStore store;
    store.act([](Writing& w) {
        for (int i = 0; i < 7; ++i) {
            auto mailbox = test_mailbox(i < 4 ? "b@example.org" : i < 6 ? "a@example.org" : "c@other.example");
            mailbox.state = mail::MailboxState::deleted;
            w.put(mailbox);
        }
        w.put(test_mailbox("live@example.org"));
    });
    auto const page = [&](std::string_view mask, NameAndId const& after, int limit) {
        return store.read([&](Reading& r) { return r.deleted_mailboxes(mask, after, limit); });
    };
    std::set<std::string> seen;
    NameAndId last;
    for (int i = 0; i < 7; ++i) {
        auto const one = page("*", last, 1);
        ASSERT_EQ(one.size(), 1U);
        EXPECT_GE(one[0].name, last.name);
        last = {one[0].name, one[0].id.text()};
        seen.insert(last.id);
    }
    EXPECT_EQ(seen.size(), 7U);
    EXPECT_TRUE(page("*", last, 1).empty());
    EXPECT_EQ(page("*@example.org", {}, 10).size(), 6U);
    EXPECT_EQ(page("b*", {}, 10).size(), 4U);
    EXPECT_EQ(page("a@example.org", {}, 10).size(), 2U);
}

TEST(Mailboxes, TheMostRecentlyDeletedOfANameIsFound)
{
    TestStore store;
    std::vector<mail::Mailbox> gone;
    for (int i : {1, 3, 2}) {
        auto& mailbox = gone.emplace_back(test_mailbox("jane@example.org"));
        mailbox.state = mail::MailboxState::deleted;
        mailbox.restorable_until = from_millis(i);
    }
    auto const live = test_mailbox("jane@example.org");
    store.act([&](Writing& w) {
        for (auto const& mailbox : gone) w.put(mailbox);
        w.put(live);
    });
    EXPECT_EQ(store.deleted_mailbox("jane@example.org")->id, gone[1].id);
    EXPECT_EQ(store.mailbox("jane@example.org")->id, live.id);
    gone[1].restorable_until.reset();
    store.act([&](Writing& w) { w.put(gone[1]); });
    auto const all = store.read([](Reading& r) { return r.deleted_mailboxes("jane@example.org"); });
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[2].mailbox.id, gone[1].id) << "what was given up comes last";
    store.act([&](Writing& w) { w.remove(gone[1].id); });
    EXPECT_EQ(store.deleted_mailbox("jane@example.org")->id, gone[2].id);
}

}  // namespace
}  // namespace provost::store
