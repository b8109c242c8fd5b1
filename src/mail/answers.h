// SPDX-License-Identifier: Apache-2.0
// Who is told what: the one table of questions and states, and the answers made from it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mail/facts.h"
#include "mail/resolver.h"

namespace provost::mail {

// The maps Postfix asks (main.cf parameter in parentheses).
enum class Map : std::uint8_t {
    domains,          // virtual_mailbox_domains
    aliasdomains,     // virtual_alias_domains: alias and mapped domains
    mailboxes,        // virtual_mailbox_maps
    aliases,          // virtual_alias_maps, one step
    senders,          // smtpd_sender_login_maps
    transport,        // transport_maps
    relaydomains,     // relay_domains
    relayrecipients,  // relay_recipient_maps
    access,           // check_recipient_access
    sasl_access,      // check_sasl_access
    rcptbcc,          // recipient_bcc_maps
};
inline constexpr std::array all_maps{Map::domains, Map::aliasdomains, Map::mailboxes,    Map::aliases,
                                     Map::senders, Map::transport,    Map::relaydomains, Map::relayrecipients,
                                     Map::access,  Map::sasl_access,  Map::rcptbcc};
char const* word(Map map);

// The columns of the table: a mailbox's state as it counts at this moment. Expired, and in a domain that is off, is
// `refuse`.
enum class Condition : std::uint8_t { active, receive_only, forward_only, refuse, hold, deleted };
inline constexpr std::array all_conditions{Condition::active, Condition::receive_only, Condition::forward_only,
                                           Condition::refuse, Condition::hold,         Condition::deleted};
char const* word(Condition condition);
Condition condition_of(MailboxFacts const& mailbox, DomainFacts const* domain, Time now);

// The rows of the table.
enum class Question : std::uint8_t {
    mailboxes,
    aliases,
    access,
    transport,
    senders,
    sasl_access,
    sign_in,        // AUTH, saslauthd, REQUEST
    user_delivery,  // USER for lmtp, lda
    user_admin,     // USER for doveadm
    list_admin,     // LIST for doveadm
    as_target,      // as a target of an alias or forward
};
inline constexpr std::array all_questions{Question::mailboxes,  Question::aliases,       Question::access,
                                          Question::transport,  Question::senders,       Question::sasl_access,
                                          Question::sign_in,    Question::user_delivery, Question::user_admin,
                                          Question::list_admin, Question::as_target};
char const* word(Question question);

// The cells.
enum class Told : std::uint8_t {
    nothing,            // not found
    yes,                // found
    forwards_and_self,  // forwards, and itself if a copy is kept; nothing where there are none
    forwards,           // forwards alone
    reject,             // 550
    defer,              // 450
    mail_host,          // the mailbox's transport or nothing; retry while its store is not ready
    wait,               // retry: what was accepted stays in the queue
    owner,              // the names that may send as it
    verify,             // the password decides, and whether the service is allowed
    no,
    cannot_tell,  // temporary failure
    itself,       // the address
    left_out,
};
char const* word(Told told);

Told who_is_told_what(Question question, Condition condition);

// Whether a found key has a value in `text`; `text` is set only then. A snapshot that cannot be read throws.
class Answers {
public:
    Answers(View const& view, Time now, char delimiter) : resolver_(view, now, delimiter), view_(view), now_(now) {}

    bool ask(Map map, std::string_view key, std::string& text) const;

    // The mailbox a login means, extension or not; nullopt for nobody. `deleted` ones are no entries of a view.
    std::optional<MailboxFacts> login(std::string_view name) const;
    // The same by a former name too: under one nobody signs in, but what was accepted for it is delivered.
    std::optional<MailboxFacts> known_as(std::string_view name) const;
    Condition condition(MailboxFacts const& mailbox) const;

    Resolver const& resolver() const { return resolver_; }

private:
    std::optional<MailboxFacts> mailbox_of(std::string_view name, bool formerly_too) const;
    bool domain_is(std::string_view key, DomainKind first, DomainKind second) const;
    bool mailboxes(Address const& address) const;
    bool aliases(Address const& address, std::string& text) const;
    bool access(Address const& address, std::string& text) const;
    bool transport(Address const& address, std::string& text) const;
    bool senders(Address const& address, std::string& text) const;
    bool sasl_access(std::string_view login, std::string& text) const;
    bool relay_recipient(Address const& address) const;
    bool archive(Address const& address, std::string& text) const;

    Resolver resolver_;
    View const& view_;
    Time now_;
};

}  // namespace provost::mail
