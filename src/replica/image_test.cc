// SPDX-License-Identifier: Apache-2.0
#include "replica/image.h"

#include <rapidcheck.h>

#include "base/random.h"
#include "replica/test_follow.h"

namespace provost::replica {
namespace {

using store::test_alias;
using store::test_domain;
using store::test_mailbox;
using store::Writing;

// Few names, so that acts meet each other.
std::string any_name()
{
    auto const* const local = *rc::gen::elementOf(std::vector<char const*>{"a", "b", "c", "d"});
    auto const* const domain = *rc::gen::elementOf(std::vector<char const*>{"@x.example", "@y.example", ""});
    return std::string(local) + domain;
}
std::string any_address()
{
    auto name = any_name();
    return name.find('@') == std::string::npos ? name + "@x.example" : name;
}

std::vector<mail::Mailbox> all_mailboxes(Writing& w)
{
    std::vector<mail::Mailbox> found;
    w.every_mailbox([&](store::MailboxRecord const& record) { found.push_back(record.mailbox); });
    return found;
}

void change_domain(Writing& w)
{
    auto const* const name = *rc::gen::elementOf(std::vector<char const*>{"x.example", "y.example"});
    auto domain = w.domain(name).value_or(test_domain(name));
    if (*rc::gen::inRange(0, 4) == 0) return w.remove(domain.id);
    if (*rc::gen::inRange(0, 3) != 0) domain.limits.default_quota = Limit::of(*rc::gen::inRange(0, 3));
    else domain.limits.default_quota = Limit::unset();
    w.put(domain);
}

void change_alias(Writing& w)
{
    auto const address = any_address();
    auto alias = w.alias(address);
    if (!alias) return w.put(test_alias(address, {any_address(), any_address()}));
    switch (*rc::gen::inRange(0, 3)) {
        case 0:
            return w.remove(alias->id);
        case 1:
            alias->address = store::test_address(any_address());
            break;
        default:
            alias->enabled = !alias->enabled;
    }
    w.put(*alias);
}

void change_mailbox(Writing& w)
{
    auto const all = all_mailboxes(w);
    auto const which = *rc::gen::inRange<std::size_t>(0, all.size() + 2);
    if (which >= all.size()) return w.put(test_mailbox(any_name()));
    auto mailbox = all[which];
    switch (*rc::gen::inRange(0, 9)) {
        case 0:
            return w.remove(mailbox.id);
        case 1:
            mailbox.state =
                mailbox.state == mail::MailboxState::deleted ? mail::MailboxState::active : mail::MailboxState::deleted;
            mailbox.restorable_until = from_millis(*rc::gen::inRange(1, 4));
            break;
        case 2:
            mailbox.former_names.push_back(mailbox.name);
            mailbox.name = any_name();
            break;
        case 3:
            mailbox.logins = {any_name()};
            break;
        case 4:
            mailbox.logins.clear();
            break;
        case 5:
            mailbox.members = {{all[*rc::gen::inRange<std::size_t>(0, all.size())].id, "", 4}};
            break;
        case 6:
            mailbox.quota_bytes = mailbox.quota_bytes.is_unset() ? Limit::of(9) : Limit::unset();
            break;
        case 7:
            return w.put_credential(mailbox.id, {.id = CredentialId::make(), .label = "", .hash = "h"});
        default:
            if (auto const record = w.mailbox_by_id(mailbox.id.text()); record && !record->credentials.empty())
                return w.remove_credential(mailbox.id, record->credentials[0].id);
    }
    w.put(mailbox);
}

mail::Domains any_domains(Writing& w)
{
    mail::Domains out;
    out.all = *rc::gen::arbitrary<bool>();
    for (auto const& domain : w.domains(""))
        if (*rc::gen::arbitrary<bool>()) out.some.push_back({domain.id, domain.name.text()});
    return out;
}

void change_admin(Writing& w)
{
    auto const* const name = *rc::gen::elementOf(std::vector<char const*>{"p", "q"});
    auto admin = w.admin(name).value_or(mail::Admin{.id = AdminId::make(), .name = name});
    if (*rc::gen::inRange(0, 5) == 0) return w.remove(admin.id);
    admin.domains = any_domains(w);
    admin.enabled = *rc::gen::arbitrary<bool>();
    auto const mailboxes = all_mailboxes(w);
    if (!mailboxes.empty()) {
        auto const& mailbox = mailboxes[*rc::gen::inRange<std::size_t>(0, mailboxes.size())];
        admin.mailbox = mail::Named<MailboxId>{mailbox.id, mailbox.name};
    }
    w.put(admin);
}

void change_token(Writing& w)
{
    auto const admin = w.admin("p");
    if (!admin) return;
    auto const tokens = w.tokens_of(admin->id.text());
    if (tokens.size() > 1) return w.remove(tokens[0].id);
    mail::Token token{.id = TokenId::make(), .admin = admin->id, .hash = random_bytes(32)};
    token.domains = any_domains(w);
    w.put(token);
}

void any_act(store::Store& record)
{
    // One that clashes is undone, as it would be in earnest.
    (void)record.act({}, [](Writing& w) -> Result<void> {
        for (auto count = *rc::gen::inRange(1, 4); count > 0; --count) {
            switch (*rc::gen::inRange(0, 7)) {
                case 0:
                    change_domain(w);
                    break;
                case 1:
                    change_alias(w);
                    break;
                case 2:
                    change_admin(w);
                    break;
                case 3:
                    change_token(w);
                    break;
                default:
                    change_mailbox(w);
            }
        }
        return {};
    });
}

// The same through the doors that the directory uses.
void check_answers(Followed& site)
{
    Held const held(*site.replica);
    site.record->read([&](store::Reading& r) {
        for (auto const* local : {"a", "b", "c", "d"})
            for (auto const* domain : {"@x.example", "@y.example", ""}) {
                auto const name = std::string(local) + domain;
                auto const mailbox = r.mailbox(name);
                auto const alias = r.alias(name);
                auto const all_deleted = r.deleted_mailboxes(name);
                auto const deleted = all_deleted.empty() ? std::nullopt : std::optional(all_deleted.front());
                auto const entry = held->entry(name);
                RC_ASSERT((entry.kind == mail::Entry::Kind::mailbox) == mailbox.has_value());
                RC_ASSERT((entry.kind == mail::Entry::Kind::alias) == alias.has_value());
                RC_ASSERT(held->deleted_mailbox(name).has_value() == deleted.has_value());
                if (deleted) RC_ASSERT(held->deleted_mailbox(name)->id == deleted->mailbox.id.text());
                if (!mailbox) continue;
                RC_ASSERT(entry.mailbox.id == mailbox->mailbox.id.text());
                RC_ASSERT(entry.mailbox.stamp == mailbox->revision);
                RC_ASSERT(held->credentials(name).size() == mailbox->credentials.size());
                auto const of = r.domain(name.substr(name.find('@') + 1));
                auto const quota = mailbox->mailbox.quota_bytes.or_else(of ? of->limits.default_quota : Limit::unset());
                RC_ASSERT(entry.mailbox.quota_bytes == quota.number().value_or(-1));
                for (auto const& login : mailbox->mailbox.logins)
                    if (login != name) RC_ASSERT(held->owner_of_login(login) == name);
            }
    });
}

void check_access(Followed& site)
{
    Held const held(*site.replica);
    site.record->read([&](store::Reading& r) {
        for (auto const& admin : r.admins("")) {
            auto const found = held->admin(admin.id.text());
            RC_ASSERT(found.has_value());
            RC_ASSERT(found->name == admin.name);
            RC_ASSERT(found->enabled == admin.enabled);
            RC_ASSERT(found->domains.all == admin.domains.all);
            auto const by_name = [](auto const& one, auto const& other) { return one.name < other.name; };
            auto domains = found->domains.some;
            std::sort(domains.begin(), domains.end(), by_name);
            RC_ASSERT(domains == admin.domains.some);
            RC_ASSERT(found->mailbox.has_value() == admin.mailbox.has_value());
            if (found->mailbox) {
                RC_ASSERT(found->mailbox->id == admin.mailbox->id);
                auto const deleted =
                    r.mailbox_by_id(admin.mailbox->id.text())->mailbox.state == mail::MailboxState::deleted;
                RC_ASSERT(found->mailbox->name == (deleted ? "" : admin.mailbox->name));
            }
            for (auto const& token : r.tokens_of(admin.id.text())) {
                auto const same = held->token(token.hash);
                RC_ASSERT(same.has_value());
                RC_ASSERT(same->id == token.id);
                RC_ASSERT(same->admin == admin.id);
                RC_ASSERT(same->domains.some.size() == token.domains.some.size());
            }
        }
        RC_ASSERT(!held->admin(new_uuid()));
        RC_ASSERT(!held->token(random_bytes(32)));
    });
}

TEST(Image, AfterAnyActsTheCopyIsWhatTheRecordSays)
{
    EXPECT_TRUE(rc::check([] {
        Followed site;
        for (int round = 0; round < 4; ++round) {
            for (auto count = *rc::gen::inRange(1, 5); count > 0; --count) any_act(*site.record);
            RC_ASSERT(site.differences() == std::vector<std::string>());
            check_answers(site);
            check_access(site);
        }
    }));
}

}  // namespace
}  // namespace provost::replica
