// SPDX-License-Identifier: Apache-2.0
#include "store/test_store.h"

namespace provost::store {
namespace {

mail::Named<DomainId> named(mail::Domain const& domain) { return {domain.id, domain.name.text()}; }

// A site with two domains, a mailbox, an admin of all sorts of things, and a token of it.
struct Admins : testing::Test {
    Admins()
    {
        admin.role = mail::Role::domain_admin;
        admin.domains.some = {named(a), named(b)};
        admin.description = "J\xc3\xa4ne's";
        admin.enabled = false;
        admin.expires = from_millis(7);
        admin.mailbox = mail::Named<MailboxId>{mailbox.id, mailbox.name};
        admin.created = from_millis(8);
        token.label = "backup \"job\"";
        token.hash = std::string(31, '\x80') + '\0';
        token.role = mail::Role::help_desk;
        token.domains.some = {named(b)};
        token.read_only = true;
        token.networks = {"192.0.2.0/24", "2001:db8::/32"};
        token.expires = from_millis(9);
        token.created = from_millis(10);
        store.act([&](Writing& w) {
            for (auto const* domain : {&a, &b}) w.put(*domain);
            w.put(mailbox);
            w.put(admin);
            w.put(token);
        });
    }
    std::optional<mail::Admin> read_admin()
    {
        return store.read([&](Reading& r) { return r.admin_by_id(admin.id.text()); });
    }
    std::optional<mail::Token> read_token()
    {
        return store.read([&](Reading& r) { return r.token_by_id(token.id.text()); });
    }
    std::vector<std::string> changed_since(Position const& position)
    {
        return store.read([&](Reading& r) {
            std::vector<std::string> ids;
            auto const changes = r.changes(position, 100);
            for (auto const& change : *changes) ids.push_back(change.id);
            return ids;
        });
    }

    TestStore store;
    mail::Domain a = test_domain("a.example");
    mail::Domain b = test_domain("b.example");
    mail::Mailbox mailbox = test_mailbox("jane@a.example");
    mail::Admin admin{.id = AdminId::make(), .name = "jane@a.example"};
    mail::Token token{.id = TokenId::make(), .admin = admin.id};
};

TEST_F(Admins, EverythingOfAnAdminAndATokenComesBack)
{
    EXPECT_EQ(read_admin(), admin);
    EXPECT_EQ(read_token(), token);
    EXPECT_EQ(store.read([&](Reading& r) { return r.admin("jane@a.example"); }), admin);
    EXPECT_EQ(store.read([&](Reading& r) { return r.tokens_of(admin.id.text()); }), std::vector{token});
    EXPECT_EQ(store.read([&](Reading& r) { return r.admins_of_mailbox(mailbox.id.text()); }), std::vector{admin});

    auto plain = admin;
    plain.role = mail::Role::help_desk;
    plain.domains = {.all = true};
    plain.mailbox.reset();
    plain.expires.reset();
    plain.enabled = true;
    store.act([&](Writing& w) { w.put(plain); });
    EXPECT_EQ(read_admin(), plain);
}

TEST_F(Admins, AreListedByNameAndMask)
{
    store.act([&](Writing& w) { w.put(mail::Admin{.id = AdminId::make(), .name = "alice"}); });
    auto const names = [&](std::string_view mask) {
        std::string text;
        for (auto const& found : store.read([&](Reading& r) { return r.admins(mask); })) text += found.name + " ";
        return text;
    };
    EXPECT_EQ(names(""), "alice jane@a.example ");
    EXPECT_EQ(names("*@a.example"), "jane@a.example ");
}

TEST_F(Admins, ANameAndASecretAreThereOnce)
{
    EXPECT_THROW(store.act([&](Writing& w) { w.put(mail::Admin{.id = AdminId::make(), .name = "jane@a.example"}); }),
                 std::runtime_error);
    auto twin = token;
    twin.id = TokenId::make();
    EXPECT_THROW(store.act([&](Writing& w) { w.put(twin); }), std::runtime_error);
}

TEST_F(Admins, ADomainThatGoesIsNobodysAnyMoreAndNotReplacedByItsNamesake)
{
    auto const before = store.act([](Writing&) {});
    store.act([&](Writing& w) { w.remove(b.id); });
    EXPECT_EQ(changed_since(before), (std::vector{admin.id.text(), token.id.text(), b.id.text()}));
    store.act([](Writing& w) { w.put(test_domain("b.example")); });
    EXPECT_EQ(read_admin()->domains, (mail::Domains{.some = {named(a)}}));
    EXPECT_EQ(read_token()->domains, mail::Domains());
}

TEST_F(Admins, AMailboxThatGoesTakesItsAdminOut)
{
    admin.enabled = true;
    store.act([&](Writing& w) { w.put(admin); });
    auto const before = store.act([](Writing&) {});
    store.act([&](Writing& w) { w.remove(mailbox.id); });
    EXPECT_EQ(changed_since(before), (std::vector{admin.id.text(), mailbox.id.text()}));
    EXPECT_FALSE(read_admin()->enabled);
    EXPECT_FALSE(read_admin()->mailbox);
}

TEST_F(Admins, AnAdminThatGoesTakesItsTokensAlong)
{
    store->observe_token_uses({{token.id.text(), from_millis(1), "192.0.2.1"}});
    auto const before = store.act([](Writing&) {});
    store.act([&](Writing& w) { w.remove(admin.id); });
    EXPECT_EQ(changed_since(before), (std::vector{token.id.text(), admin.id.text()}));
    EXPECT_FALSE(read_admin());
    EXPECT_FALSE(read_token());
}

TEST_F(Admins, WhenATokenWasLastUsedIsSeenAndNoAct)
{
    auto const position = store.read([](Reading& r) { return r.position(); });
    auto const last = [&] { return store.read([&](Reading& r) { return r.last_use(token.id.text()); }); };
    EXPECT_FALSE(last());
    store->observe_token_uses({{token.id.text(), from_millis(5), "192.0.2.1"},
                               {new_uuid(), from_millis(5), "192.0.2.1"},
                               {token.id.text(), from_millis(6), "192.0.2.2"}});
    ASSERT_TRUE(last());
    EXPECT_EQ(last()->at, from_millis(6));
    EXPECT_EQ(last()->from, "192.0.2.2");
    EXPECT_EQ(store.read([](Reading& r) { return r.position(); }), position);
}

}  // namespace
}  // namespace provost::store
