// SPDX-License-Identifier: Apache-2.0
#include "replica/records.h"

#include "replica/bytes.h"

namespace provost::replica {
namespace {

constexpr std::uint8_t mailbox_tag = 'M';
constexpr std::uint8_t alias_tag = 'A';
constexpr std::uint8_t domain_tag = 'D';

constexpr unsigned keep_copy_bit = 1;
constexpr unsigned quota_of_domain_bit = 2;
constexpr unsigned enabled_bit = 1;
constexpr unsigned may_send_bit = 2;

std::int64_t limit_number(Limit limit) { return limit.number().value_or(-1); }

// The names of others who may send as it; a deleted member has none.
std::string senders_of(mail::Mailbox const& mailbox)
{
    std::string senders;
    for (auto const& member : mailbox.members)
        if ((member.rights & static_cast<std::uint8_t>(mail::Right::send_as)) != 0 && !member.name.empty())
            mail::TextList::append(senders, member.name);
    return senders;
}

// Everything of a mailbox but its credentials.
struct Decoded {
    mail::MailboxFacts facts;
    MailboxTail tail;
    std::string_view before_quota;
    std::string_view after_quota;
};

Decoded decode_mailbox(Reader& in, std::string_view record)
{
    Decoded out;
    auto& facts = out.facts;
    facts.kind = in.word(mail::MailboxKind::service);
    facts.state = in.word(mail::MailboxState::deleted);
    facts.suspension = in.word(mail::Suspension::hold);
    facts.store = in.word(mail::StoreState::failing);
    facts.services = mail::Services::from_bits(in.byte());
    auto const bits = in.byte();
    facts.keep_copy = (bits & keep_copy_bit) != 0;
    out.tail.quota_of_domain = (bits & quota_of_domain_bit) != 0;
    out.before_quota = record.substr(0, record.size() - in.rest().size());
    facts.quota_bytes = in.signed_number();
    out.after_quota = in.rest();
    facts.quota_messages = in.signed_number();
    facts.expires = in.signed_number();
    facts.stamp = in.number();
    out.tail.restorable_until = in.signed_number();
    facts.id = in.text();
    facts.transport = in.text();
    facts.home = in.text();
    facts.forwards = in.list();
    facts.senders = in.list();
    out.tail.logins = in.list();
    out.tail.former_names = in.list();
    return out;
}

mail::AliasFacts decode_alias(Reader& in)
{
    mail::AliasFacts facts;
    auto const bits = in.byte();
    facts.enabled = (bits & enabled_bit) != 0;
    facts.targets_may_send = (bits & may_send_bit) != 0;
    facts.expires = in.signed_number();
    facts.id = in.text();
    facts.targets = in.list();
    in.end();
    return facts;
}

void put_credential(Writer& out, mail::Credential const& credential)
{
    put_id(out, credential.id.text());
    out.byte(credential.kind);
    out.byte(credential.services.bits());
    out.time(credential.expires);
    out.text(credential.hash);
    out.text(mail::TextList::encode(credential.networks));
}

CredentialFacts take_credential(Reader& in)
{
    CredentialFacts facts;
    facts.id = take_id(in);
    facts.kind = in.word(mail::CredentialKind::scram);
    facts.services = mail::Services::from_bits(in.byte());
    facts.expires = in.signed_number();
    facts.hash = in.text();
    for (auto network : in.list()) facts.networks.emplace_back(network);
    return facts;
}

}  // namespace

std::int64_t default_quota(Limit limit) { return limit_number(limit); }

std::string encode(mail::Domain const& domain)
{
    Writer out;
    out.byte(domain_tag);
    out.byte(domain.kind);
    out.byte(domain.enabled ? enabled_bit : 0U);
    out.time(domain.expires);
    out.signed_number(default_quota(domain.limits.default_quota));
    out.text(domain.maps_to ? domain.maps_to->text() : "");
    out.text(domain.transport);
    out.text(domain.archive_to ? domain.archive_to->text() : "");
    out.text(mail::TextList::encode(domain.catch_all));
    return out.take();
}

mail::DomainFacts decode_domain(std::string_view record)
{
    Reader in(record);
    if (in.byte() != domain_tag) torn();
    mail::DomainFacts facts;
    facts.kind = in.word(mail::DomainKind::relay);
    facts.enabled = (in.byte() & enabled_bit) != 0;
    facts.expires = in.signed_number();
    facts.default_quota = in.signed_number();
    facts.maps_to = in.text();
    facts.transport = in.text();
    facts.archive_to = in.text();
    facts.catch_all = in.list();
    in.end();
    return facts;
}

std::string encode(store::MailboxRecord const& record, Limit domain_default)
{
    auto const& mailbox = record.mailbox;
    bool const deleted = mailbox.state == mail::MailboxState::deleted;
    bool const of_domain = mailbox.quota_bytes.is_unset();
    Writer out;
    out.byte(mailbox_tag);
    out.byte(mailbox.kind);
    out.byte(mailbox.state);
    out.byte(mailbox.suspension);
    out.byte(mailbox.store.state);
    out.byte(mailbox.services.bits());
    out.byte((mailbox.keep_copy ? keep_copy_bit : 0U) | (of_domain ? quota_of_domain_bit : 0U));
    out.signed_number(limit_number(deleted ? mailbox.quota_bytes : mailbox.quota_bytes.or_else(domain_default)));
    out.signed_number(limit_number(mailbox.quota_messages));
    out.time(mailbox.expires);
    out.number(record.revision);
    out.time(deleted ? mailbox.restorable_until : std::nullopt);
    out.text(mailbox.id.text());
    out.text(mailbox.transport);
    out.text(mailbox.store.name);
    out.text(mail::TextList::encode(mailbox.forwards));
    out.text(senders_of(mailbox));
    out.text(mail::TextList::encode(mailbox.logins));
    out.text(mail::TextList::encode(mailbox.former_names));
    out.number(record.credentials.size());
    for (auto const& credential : record.credentials) put_credential(out, credential);
    return out.take();
}

std::string encode(mail::Alias const& alias)
{
    Writer out;
    out.byte(alias_tag);
    out.byte((alias.enabled ? enabled_bit : 0U) | (alias.targets_may_send ? may_send_bit : 0U));
    out.time(alias.expires);
    out.text(alias.id.text());
    out.text(mail::TextList::encode(alias.targets));
    return out.take();
}

mail::Entry decode_entry(std::string_view name, std::string_view record)
{
    Reader in(record);
    mail::Entry entry;
    switch (in.byte()) {
        case mailbox_tag:
            entry.kind = mail::Entry::Kind::mailbox;
            entry.mailbox = decode_mailbox(in, record).facts;
            entry.mailbox.name = name;
            return entry;
        case alias_tag:
            entry.kind = mail::Entry::Kind::alias;
            entry.alias = decode_alias(in);
            entry.alias.address = name;
            return entry;
        default:
            torn();
    }
}

MailboxTail decode_tail(std::string_view record)
{
    Reader in(record);
    if (in.byte() != mailbox_tag) return {};
    auto tail = decode_mailbox(in, record).tail;
    auto const count = in.number();
    // No credential is shorter than six bytes, so a torn count cannot make us reserve much.
    if (count > in.rest().size() / 6) torn();
    tail.credentials.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) tail.credentials.push_back(take_credential(in));
    in.end();
    return tail;
}

std::optional<std::string> with_domain_quota(std::string_view record, std::int64_t quota)
{
    Reader in(record);
    if (in.byte() != mailbox_tag) return std::nullopt;
    auto const decoded = decode_mailbox(in, record);
    if (!decoded.tail.quota_of_domain) return std::nullopt;
    Writer number;
    number.signed_number(quota);
    return std::string(decoded.before_quota).append(number.take()).append(decoded.after_quota);
}

std::string encode(store::Position const& position)
{
    Writer out;
    out.text(position.epoch);
    out.number(position.revision);
    out.text(position.nonce);
    return out.take();
}

store::Position decode_position(std::string_view record)
{
    Reader in(record);
    store::Position position;
    position.epoch = in.text();
    position.revision = in.number();
    position.nonce = in.text();
    in.end();
    return position;
}

std::string encode(mail::Fullness const& used)
{
    Writer out;
    out.signed_number(used.bytes);
    out.signed_number(used.messages);
    return out.take();
}

mail::Fullness decode_fullness(std::string_view record)
{
    Reader in(record);
    mail::Fullness used;
    used.bytes = in.signed_number();
    used.messages = in.signed_number();
    in.end();
    return used;
}

// No name has a NUL in it.
std::string encode(Owner const& owner) { return std::string(owner.was ? 1 : 0, '\0').append(owner.name); }

Owner decode_owner(std::string_view value)
{
    bool const was = value.starts_with('\0');
    return {was ? value.substr(1) : value, was};
}

std::string id_key(store::Kind kind, std::string_view id)
{
    Writer out;
    out.byte(kind);
    put_id(out, id);
    return out.take();
}

std::string deleted_key(std::string_view name, std::string_view id)
{
    return std::string(name).append(1, '\0').append(id);
}

std::string encode(Place const& place) { return std::string(1, static_cast<char>(place.table)).append(place.key); }

Place decode_place(std::string_view value)
{
    Reader in(value);
    auto const table = in.word(Table::token);
    return {table, std::string(in.rest())};
}

}  // namespace provost::replica
