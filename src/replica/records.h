// SPDX-License-Identifier: Apache-2.0
// How the copy writes domains, mailboxes and aliases, and reads them again without copying. Numbers are varints, a text
// is its length and its bytes. A record that is cut short or makes no sense throws, and is never read past its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail/access.h"
#include "mail/facts.h"
#include "mail/fullness.h"
#include "replica/replica.h"
#include "store/store.h"

namespace provost::replica {

// Changes with every change to what is written here: a copy of another format is rebuilt.
inline constexpr std::string_view format = "provost-replica-4";

// The sub-databases of the copy, and what their keys lead to.
enum class Table : std::uint8_t {
    meta,     // "format", "position"
    domain,   // name -> record
    entry,    // name of a mailbox that is not deleted, or address of an alias -> record
    login,    // further login or former name -> Owner
    id,       // id_key() -> place and name: where the object stands
    deleted,  // deleted_key() -> record of a deleted mailbox
    admin,    // id -> record
    token,    // token_key() -> record
    usage,    // id_key() of a mailbox -> how full it is; an observation, part of no revision
};
inline constexpr std::size_t table_count = 9;
// What they are called, in the file and in words.
inline constexpr char const* table_names[table_count] = {"meta",    "domain", "entry", "login", "id",
                                                         "deleted", "admin",  "token", "usage"};

// The tail of a mailbox's record, for those who ask for more than facts.
struct MailboxTail {
    std::int64_t restorable_until = mail::never;  // milliseconds since 1970
    bool quota_of_domain = false;                 // nothing was said of its own
    mail::TextList logins;
    mail::TextList former_names;
    std::vector<CredentialFacts> credentials;
};

std::string encode(mail::Domain const& domain);
// `domain_default` is the default quota of its domain. Deleted ones are written without it: it is looked up when they
// are asked for, which is seldom.
std::string encode(store::MailboxRecord const& record, Limit domain_default);
std::string encode(mail::Alias const& alias);
std::string encode(mail::Admin const& admin);
std::string encode(mail::Token const& token);
std::string encode(store::Position const& position);
std::string encode(mail::Fullness const& used);

mail::DomainFacts decode_domain(std::string_view record);
// `name` is the key, and has to live as long as the record.
mail::Entry decode_entry(std::string_view name, std::string_view record);
MailboxTail decode_tail(std::string_view record);
// Domains and mailboxes have no names yet: they are called what they are called when they are asked for. What only
// administrators look at (label, description, created) is not in the copy.
mail::Admin decode_admin(std::string_view record);
mail::Token decode_token(std::string_view record);
store::Position decode_position(std::string_view record);
mail::Fullness decode_fullness(std::string_view record);

// The record of a mailbox that has its domain's quota, with another; nullopt for one with a quota of its own.
std::optional<std::string> with_domain_quota(std::string_view record, std::int64_t quota);

std::int64_t default_quota(Limit limit);  // as in DomainFacts: -1 for unlimited, and where nothing is said

// Whose a name is, or was.
struct Owner {
    std::string_view name;  // of the mailbox
    bool was = false;
};
std::string encode(Owner const& owner);
Owner decode_owner(std::string_view value);

std::string id_key(store::Kind kind, std::string_view id);
// Half of the hash leads to a token; the other half is in its record, to be compared in constant time.
std::string_view token_key(std::string_view hash);
std::string deleted_key(std::string_view name, std::string_view id);

// Where an object stands.
struct Place {
    Table table = Table::entry;
    std::string key;
};
std::string encode(Place const& place);
Place decode_place(std::string_view value);

}  // namespace provost::replica
