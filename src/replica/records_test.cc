// SPDX-License-Identifier: Apache-2.0
#include "replica/records.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

namespace provost::replica {
namespace {

std::vector<std::string> texts(mail::TextList list)
{
    std::vector<std::string> out;
    for (auto text : list) out.emplace_back(text);
    return out;
}
std::vector<std::string> texts(std::vector<mail::Address> const& addresses)
{
    std::vector<std::string> out;
    for (auto const& address : addresses) out.push_back(address.text());
    return out;
}

mail::Address any_address()
{
    return mail::Address::parse("u" + std::to_string(*rc::gen::inRange(0, 1000)) + "@example.org").value();
}
std::vector<mail::Address> any_addresses()
{
    std::vector<mail::Address> out;
    for (auto count = *rc::gen::inRange(0, 4); count > 0; --count) out.push_back(any_address());
    return out;
}
template <class Enum>
Enum any_of(Enum last)
{
    return static_cast<Enum>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}
std::optional<Time> any_time()
{
    return *rc::gen::arbitrary<bool>() ? std::nullopt
                                       : std::optional(from_millis(*rc::gen::inRange<std::int64_t>(1, INT64_MAX)));
}
Limit any_limit()
{
    if (*rc::gen::arbitrary<bool>()) return Limit::unset();
    return Limit::from_stored(*rc::gen::inRange<std::int64_t>(-1, INT64_MAX));
}
std::string any_text() { return *rc::gen::string<std::string>(); }

mail::Credential any_credential()
{
    mail::Credential credential;
    credential.id = *rc::gen::arbitrary<bool>() ? CredentialId::make() : CredentialId(any_text());
    credential.kind = any_of(mail::CredentialKind::scram);
    credential.hash = any_text();
    credential.services = mail::Services::from_bits(*rc::gen::inRange<std::uint8_t>(0, 32));
    credential.networks = *rc::gen::arbitrary<std::vector<std::string>>();
    credential.expires = any_time();
    return credential;
}

store::MailboxRecord any_mailbox()
{
    store::MailboxRecord record;
    auto& mailbox = record.mailbox;
    mailbox.id = MailboxId::make();
    mailbox.kind = any_of(mail::MailboxKind::service);
    mailbox.name = "jane@example.org";
    mailbox.logins = *rc::gen::arbitrary<std::vector<std::string>>();
    mailbox.former_names = *rc::gen::arbitrary<std::vector<std::string>>();
    mailbox.state = any_of(mail::MailboxState::deleted);
    mailbox.suspension = any_of(mail::Suspension::hold);
    mailbox.expires = any_time();
    mailbox.restorable_until = any_time();
    mailbox.quota_bytes = any_limit();
    mailbox.quota_messages = any_limit();
    mailbox.forwards = any_addresses();
    mailbox.keep_copy = *rc::gen::arbitrary<bool>();
    mailbox.services = mail::Services::from_bits(*rc::gen::inRange<std::uint8_t>(0, 32));
    mailbox.transport = any_text();
    mailbox.store = {"t", any_text(), "g", any_of(mail::StoreState::failing), "r"};
    for (auto count = *rc::gen::inRange(0, 4); count > 0; --count)
        mailbox.members.push_back({MailboxId::make(), any_text(), *rc::gen::inRange<std::uint8_t>(0, 8)});
    for (auto count = *rc::gen::inRange(0, 4); count > 0; --count) record.credentials.push_back(any_credential());
    record.revision = *rc::gen::arbitrary<std::uint64_t>();
    return record;
}

void check_facts(mail::MailboxFacts const& facts, store::MailboxRecord const& record, Limit domain_default)
{
    auto const& mailbox = record.mailbox;
    RC_ASSERT(facts.id == mailbox.id.text());
    RC_ASSERT(facts.kind == mailbox.kind);
    RC_ASSERT(facts.state == mailbox.state);
    RC_ASSERT(facts.suspension == mailbox.suspension);
    RC_ASSERT(facts.store == mailbox.store.state);
    RC_ASSERT(facts.keep_copy == mailbox.keep_copy);
    RC_ASSERT(facts.services == mailbox.services);
    RC_ASSERT(facts.expires == mail::expiry_of(mailbox.expires));
    auto const quota = mailbox.state == mail::MailboxState::deleted ? mailbox.quota_bytes
                                                                    : mailbox.quota_bytes.or_else(domain_default);
    RC_ASSERT(facts.quota_bytes == quota.number().value_or(-1));
    RC_ASSERT(facts.quota_messages == mailbox.quota_messages.number().value_or(-1));
    RC_ASSERT(facts.stamp == record.revision);
    RC_ASSERT(facts.transport == mailbox.transport);
    RC_ASSERT(facts.home == mailbox.store.name);
    RC_ASSERT(texts(facts.forwards) == texts(mailbox.forwards));
    std::vector<std::string> senders;
    for (auto const& member : mailbox.members)
        if ((member.rights & 4U) != 0 && !member.name.empty()) senders.push_back(member.name);
    RC_ASSERT(texts(facts.senders) == senders);
}

TEST(Records, AMailboxIsReadAsItWasWritten)
{
    EXPECT_TRUE(rc::check([] {
        auto const record = any_mailbox();
        auto const domain_default = any_limit();
        auto const bytes = encode(record, domain_default);
        auto const entry = decode_entry("jane@example.org", bytes);
        RC_ASSERT(entry.kind == mail::Entry::Kind::mailbox);
        RC_ASSERT(entry.mailbox.name == "jane@example.org");
        check_facts(entry.mailbox, record, domain_default);

        auto const tail = decode_tail(bytes);
        RC_ASSERT(texts(tail.logins) == record.mailbox.logins);
        RC_ASSERT(texts(tail.former_names) == record.mailbox.former_names);
        RC_ASSERT(tail.quota_of_domain == record.mailbox.quota_bytes.is_unset());
        RC_ASSERT(tail.credentials.size() == record.credentials.size());
        for (std::size_t i = 0; i < tail.credentials.size(); ++i) {
            auto const& facts = tail.credentials[i];
            auto const& credential = record.credentials[i];
            RC_ASSERT(facts.id == credential.id.text());
            RC_ASSERT(facts.kind == credential.kind);
            RC_ASSERT(facts.hash == credential.hash);
            RC_ASSERT(facts.services == credential.services);
            RC_ASSERT(facts.networks == credential.networks);
            RC_ASSERT(facts.expires == mail::expiry_of(credential.expires));
        }
    }));
}

TEST(Records, AnExpiryAtTheBeginningOfTimeIsPastAndNotNever)
{
    store::MailboxRecord record;
    record.mailbox.expires = Time();
    auto const facts = decode_entry("jane@example.org", encode(record, Limit::unset())).mailbox;
    EXPECT_NE(facts.expires, mail::never);
    EXPECT_LT(facts.expires, 2);
}

TEST(Records, AnotherDefaultQuotaIsWrittenAsIfItHadAlwaysBeenSo)
{
    EXPECT_TRUE(rc::check([] {
        auto record = any_mailbox();
        record.mailbox.state = mail::MailboxState::active;
        auto const before = any_limit();
        auto const after = any_limit();
        auto const changed = with_domain_quota(encode(record, before), default_quota(after));
        RC_ASSERT(changed.has_value() == record.mailbox.quota_bytes.is_unset());
        if (changed) RC_ASSERT(*changed == encode(record, after));
    }));
}

TEST(Records, ADomainAndAnAliasAreReadAsTheyWereWritten)
{
    EXPECT_TRUE(rc::check([] {
        mail::Domain domain{.id = DomainId::make(), .name = mail::DomainName::parse("example.org").value()};
        domain.kind = any_of(mail::DomainKind::relay);
        domain.enabled = *rc::gen::arbitrary<bool>();
        domain.expires = any_time();
        domain.transport = any_text();
        domain.catch_all = any_addresses();
        if (*rc::gen::arbitrary<bool>()) domain.archive_to = any_address();
        if (*rc::gen::arbitrary<bool>()) domain.maps_to = mail::DomainName::parse("example.net").value();
        domain.limits.default_quota = any_limit();
        auto const domain_bytes = encode(domain);
        auto const facts = decode_domain(domain_bytes);
        RC_ASSERT(facts.kind == domain.kind);
        RC_ASSERT(facts.enabled == domain.enabled);
        RC_ASSERT(facts.expires == mail::expiry_of(domain.expires));
        RC_ASSERT(facts.transport == domain.transport);
        RC_ASSERT(texts(facts.catch_all) == texts(domain.catch_all));
        RC_ASSERT(facts.archive_to == (domain.archive_to ? domain.archive_to->text() : ""));
        RC_ASSERT(facts.maps_to == (domain.maps_to ? domain.maps_to->text() : ""));
        RC_ASSERT(facts.default_quota == domain.limits.default_quota.number().value_or(-1));

        mail::Alias alias{.id = AliasId::make(), .address = any_address(), .targets = any_addresses()};
        alias.enabled = *rc::gen::arbitrary<bool>();
        alias.targets_may_send = *rc::gen::arbitrary<bool>();
        alias.expires = any_time();
        auto const alias_bytes = encode(alias);
        auto const entry = decode_entry(alias.address.text(), alias_bytes);
        RC_ASSERT(entry.kind == mail::Entry::Kind::alias);
        RC_ASSERT(entry.alias.id == alias.id.text());
        RC_ASSERT(entry.alias.address == alias.address.text());
        RC_ASSERT(entry.alias.enabled == alias.enabled);
        RC_ASSERT(entry.alias.targets_may_send == alias.targets_may_send);
        RC_ASSERT(entry.alias.expires == mail::expiry_of(alias.expires));
        RC_ASSERT(texts(entry.alias.targets) == texts(alias.targets));
    }));
}

// Reads all there is to read, so that a sanitizer sees a step too far.
void read_all(std::string_view bytes)
{
    auto const entry = decode_entry("x", bytes);
    texts(entry.mailbox.forwards);
    texts(entry.mailbox.senders);
    texts(entry.alias.targets);
    auto const tail = decode_tail(bytes);
    texts(tail.logins);
    texts(tail.former_names);
}

TEST(Records, ARecordCutShortThrowsWhereverTheCutIs)
{
    EXPECT_TRUE(rc::check([] {
        auto const bytes = encode(any_mailbox(), any_limit());
        auto const size = *rc::gen::inRange<std::size_t>(0, bytes.size());
        // On the heap at its exact size, where reading past the end is found.
        std::vector<char> const cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        RC_ASSERT_THROWS_AS(read_all({cut.data(), cut.size()}), std::runtime_error);
    }));
}

TEST(Records, NoBytesAreReadPastTheirEnd)
{
    EXPECT_TRUE(rc::check([] {
        auto bytes = encode(any_mailbox(), any_limit());
        for (int i = 0; i < 3; ++i)
            bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
        std::vector<char> const exact(bytes.begin(), bytes.end());
        try {
            read_all({exact.data(), exact.size()});
        } catch (std::runtime_error const&) {
        }
    }));
}

TEST(Records, PositionsAndPlacesAreReadAsTheyWereWritten)
{
    store::Position const position{"epoch", 18446744073709551615U, "nonce"};
    EXPECT_EQ(decode_position(encode(position)), position);
    EXPECT_THROW(decode_position("x"), std::runtime_error);
    auto const place = decode_place(encode(Place{Table::deleted, deleted_key("jane@example.org", "id")}));
    EXPECT_EQ(place.table, Table::deleted);
    EXPECT_EQ(place.key, deleted_key("jane@example.org", "id"));
    EXPECT_THROW(decode_place("\x7fname"), std::runtime_error);
}

TEST(Records, IdsOfDifferentKindsHaveDifferentKeys)
{
    auto const id = new_uuid();
    EXPECT_NE(id_key(store::Kind::domain, id), id_key(store::Kind::mailbox, id));
    EXPECT_NE(id_key(store::Kind::domain, "a"), id_key(store::Kind::domain, "b"));
    EXPECT_LE(id_key(store::Kind::domain, id).size(), 19U);
}

}  // namespace
}  // namespace provost::replica
