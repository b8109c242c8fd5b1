// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "replica/bytes.h"
#include "replica/records.h"

namespace provost::replica {
namespace {

constexpr std::uint8_t admin_tag = 'P';
constexpr std::uint8_t token_tag = 'T';

constexpr unsigned enabled_bit = 1;
constexpr unsigned read_only_bit = 1;
constexpr unsigned all_domains_bit = 2;

constexpr std::size_t hash_bytes = 32;  // SHA-256
constexpr std::size_t key_bytes = hash_bytes / 2;

// In the order of ids: that of names changes when a domain is called otherwise, and the admin does not.
void put_domains(Writer& out, mail::Domains const& domains)
{
    std::vector<std::string> ids;
    for (auto const& domain : domains.some) ids.push_back(domain.id.text());
    std::sort(ids.begin(), ids.end());
    out.number(ids.size());
    for (auto const& id : ids) put_id(out, id);
}

void take_domains(Reader& in, mail::Domains& domains)
{
    auto const count = in.number();
    // An id is at least two bytes, so a torn count cannot make us reserve much.
    if (count > in.rest().size() / 2) torn();
    domains.some.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) domains.some.push_back({DomainId(take_id(in)), {}});
}

std::optional<Time> take_time(Reader& in)
{
    auto const millis = in.signed_number();
    return millis == mail::never ? std::nullopt : std::optional(from_millis(millis));
}

}  // namespace

std::string_view token_key(std::string_view hash) { return hash.substr(0, key_bytes); }

std::string encode(mail::Admin const& admin)
{
    Writer out;
    out.byte(admin_tag);
    out.byte(admin.role);
    out.byte((admin.enabled ? enabled_bit : 0U) | (admin.domains.all ? all_domains_bit : 0U));
    out.time(admin.expires);
    put_id(out, admin.id.text());
    out.text(admin.name);
    out.byte(admin.mailbox ? 1U : 0U);
    if (admin.mailbox) put_id(out, admin.mailbox->id.text());
    put_domains(out, admin.domains);
    return out.take();
}

mail::Admin decode_admin(std::string_view record)
{
    Reader in(record);
    if (in.byte() != admin_tag) torn();
    mail::Admin admin;
    admin.role = in.word(mail::Role::site_admin);
    auto const bits = in.byte();
    admin.enabled = (bits & enabled_bit) != 0;
    admin.domains.all = (bits & all_domains_bit) != 0;
    admin.expires = take_time(in);
    admin.id = AdminId(take_id(in));
    admin.name = in.text();
    if (in.byte() != 0) admin.mailbox = mail::Named<MailboxId>{MailboxId(take_id(in)), {}};
    take_domains(in, admin.domains);
    in.end();
    return admin;
}

std::string encode(mail::Token const& token)
{
    Writer out;
    out.byte(token_tag);
    out.byte(token.role);
    out.byte((token.read_only ? read_only_bit : 0U) | (token.domains.all ? all_domains_bit : 0U));
    out.time(token.expires);
    put_id(out, token.id.text());
    put_id(out, token.admin.text());
    out.text(token.hash);
    out.text(mail::TextList::encode(token.networks));
    put_domains(out, token.domains);
    return out.take();
}

mail::Token decode_token(std::string_view record)
{
    Reader in(record);
    if (in.byte() != token_tag) torn();
    mail::Token token;
    token.role = in.word(mail::Role::site_admin);
    auto const bits = in.byte();
    token.read_only = (bits & read_only_bit) != 0;
    token.domains.all = (bits & all_domains_bit) != 0;
    token.expires = take_time(in);
    token.id = TokenId(take_id(in));
    token.admin = AdminId(take_id(in));
    token.hash = in.text();
    if (token.hash.size() != hash_bytes) torn();
    for (auto network : in.list()) token.networks.emplace_back(network);
    take_domains(in, token.domains);
    in.end();
    return token;
}

}  // namespace provost::replica
