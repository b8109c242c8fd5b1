// SPDX-License-Identifier: Apache-2.0
// What an administrator may say of a domain, a mailbox, an alias, an admin or a token: the names and what they take,
// declared once for the API's JSON and for the options, tables and help of the command line.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace provost::mail {

enum class Takes : std::uint8_t {
    text,
    word,       // one of `words`
    flag,       // true or false
    size,       // bytes: 10G, a number, unlimited, none
    count,      // a number, unlimited, none
    time,       // RFC 3339, or none
    domain,     // one domain name, or none
    address,    // one address, or none
    addresses,  // any number, in order
    names,      // any number of login names
    services,   // a set out of imap, pop3, submission, sieve, web; or all, or none
    members,    // any number of mailboxes, each with rights
    domains,    // any number of domains, or all
    networks,   // any number of networks in CIDR form
};

struct Field {
    std::string_view name;  // as in JSON; an option has - for _
    Takes takes;
    std::string_view help;
    std::string_view words = {};  // for `word`, separated by ", "
    bool on_add_only = false;
};

inline constexpr std::array domain_fields{
    Field{"kind", Takes::word, "What the domain is for", "hosted, alias, mapped, relay", true},
    Field{"description", Takes::text, "A note for administrators"},
    Field{"enabled", Takes::flag, "Whether its accounts may sign in and its addresses take mail"},
    Field{"expires", Takes::time, "From then on it counts as disabled"},
    Field{"maps_to", Takes::domain, "mapped: where each address is the same local part"},
    Field{"transport", Takes::text, "relay: Postfix transport:nexthop; nothing for what MX says"},
    Field{"catch_all", Takes::addresses, "Who gets mail for addresses that do not exist"},
    Field{"archive_to", Takes::address, "Who gets a blind copy of all its mail"},
    Field{"max_mailboxes", Takes::count, "How many mailboxes it may have"},
    Field{"max_aliases", Takes::count, "How many aliases it may have"},
    Field{"max_aliases_per_mailbox", Takes::count, "How many aliases may name one mailbox"},
    Field{"max_external_aliases", Takes::count, "How many aliases may have a target outside"},
    Field{"max_quota", Takes::size, "The most one mailbox may be given"},
    Field{"default_quota", Takes::size, "What a mailbox gets when nothing is said"},
    Field{"total_quota", Takes::size, "The most all mailboxes may be given together"},
};

inline constexpr std::array mailbox_fields{
    Field{"kind", Takes::word, "Whose it is", "person, shared, service", true},
    Field{"logins", Takes::names, "Further names to sign in with"},
    Field{"display_name", Takes::text, "The owner's name"},
    Field{"state", Takes::word, "What it may do", "active, receive-only, forward-only, suspended"},
    Field{"suspension", Takes::word, "suspended: what happens to new mail", "refuse, hold"},
    Field{"expires", Takes::time, "From then on it counts as suspended"},
    Field{"quota", Takes::size, "How much it may keep; none for the domain's default"},
    Field{"quota_messages", Takes::count, "How many messages it may keep"},
    Field{"forwards", Takes::addresses, "Where its mail goes on to"},
    Field{"keep_copy", Takes::flag, "With forwards: whether it is delivered here too"},
    Field{"services", Takes::services, "What its owner may sign in to"},
    Field{"transport", Takes::text, "Postfix transport:nexthop for this mailbox alone"},
    Field{"recovery_address", Takes::address, "Where a lost password may be sent to"},
    Field{"members", Takes::members, "shared: who may use it, as MAILBOX=read+write+send-as"},
};

inline constexpr std::array alias_fields{
    Field{"targets", Takes::addresses, "Where its mail goes"},
    Field{"description", Takes::text, "A note for administrators"},
    Field{"enabled", Takes::flag, "Whether it takes mail"},
    Field{"expires", Takes::time, "From then on it counts as disabled"},
    Field{"targets_may_send", Takes::flag, "Whether mailboxes among the targets may send as it"},
    Field{"posting", Takes::word, "Who may write to it", "anyone, domain, members, listed"},
    Field{"posters", Takes::addresses, "posting=listed: who may write to it"},
};

inline constexpr std::string_view role_words = "owner, help-desk, domain-admin, site-admin";

inline constexpr std::array admin_fields{
    Field{"role", Takes::word, "What it may do", role_words},
    Field{"domains", Takes::domains, "help-desk and domain-admin: where"},
    Field{"description", Takes::text, "A note for administrators"},
    Field{"enabled", Takes::flag, "Whether its tokens count"},
    Field{"expires", Takes::time, "From then on it counts as disabled"},
    Field{"mailbox", Takes::text, "Whose owner it is; it is off while nobody may sign in there"},
};

inline constexpr std::array token_fields{
    Field{"label", Takes::text, "What it is for"},
    Field{"role", Takes::word, "At most its admin's, which it is when nothing is said", role_words},
    Field{"domains", Takes::domains, "Some of its admin's; all of them when nothing is said"},
    Field{"read_only", Takes::flag, "Whether it changes nothing"},
    Field{"expires", Takes::time, "From then on it counts for nothing"},
    Field{"networks", Takes::networks, "From where it may be used; from anywhere when nothing is said"},
};

}  // namespace provost::mail
