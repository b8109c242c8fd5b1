// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

TEST(MailboxWrites, AChangedCredentialIsAChangeOfItsMailbox)
{
    TestStore store;
    auto const mailbox = test_mailbox("jane@example.org");
    mail::Credential credential{.id = CredentialId::make()};
    credential.hash = "one";
    auto const start = store.act([&](Writing& w) { w.put(mailbox); });
    store.act([&](Writing& w) { w.put_credential(mailbox.id, credential); });
    credential.hash = "two";
    store.act([&](Writing& w) { w.put_credential(mailbox.id, credential); });
    auto record = store.read([](Reading& r) { return r.mailbox("jane@example.org"); });
    EXPECT_EQ(record->revision, 3U);
    EXPECT_EQ(record->credentials, std::vector{credential});
    store.act([&](Writing& w) { w.remove_credential(mailbox.id, credential.id); });
    record = store.read([](Reading& r) { return r.mailbox("jane@example.org"); });
    EXPECT_EQ(record->revision, 4U);
    EXPECT_TRUE(record->credentials.empty());
    auto const changes = store.read([&](Reading& r) { return r.changes(start, 100); });
    ASSERT_TRUE(changes);
    EXPECT_EQ(changes->size(), 3U);
}

TEST(MailboxWrites, ASharedOneChangesWithTheNamesOfItsMembers)
{
    TestStore store;
    auto member = test_mailbox("member@example.org");
    auto shared = test_mailbox("shared@example.org");
    shared.members = {{member.id, member.name, 4}};
    auto const start = store.act([&](Writing& w) {
        w.put(member);
        w.put(shared);
    });
    auto const change_count = [&](Position const& since) {
        return store.read([&](Reading& r) { return r.changes(since, 100); })->size();
    };
    member.name = "renamed@example.org";
    auto const renamed = store.act([&](Writing& w) { w.put(member); });
    EXPECT_EQ(change_count(start), 2U);
    EXPECT_EQ(store.mailbox("shared@example.org")->members[0].name, "renamed@example.org");
    member.state = mail::MailboxState::deleted;
    auto const deleted = store.act([&](Writing& w) { w.put(member); });
    EXPECT_EQ(change_count(renamed), 2U);
    EXPECT_EQ(store.mailbox("shared@example.org")->members[0].name, "");
    store.act([&](Writing& w) { w.remove(member.id); });
    EXPECT_EQ(change_count(deleted), 2U);
    EXPECT_TRUE(store.mailbox("shared@example.org")->members.empty());
}

}  // namespace
}  // namespace provost::store
