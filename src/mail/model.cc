// SPDX-License-Identifier: Apache-2.0
#include "mail/model.h"

#include "base/text.h"
#include "mail/words.h"

namespace provost::mail {
namespace {

constexpr Words<DomainKind, 4> domain_kinds{{{DomainKind::hosted, "hosted"},
                                             {DomainKind::alias, "alias"},
                                             {DomainKind::mapped, "mapped"},
                                             {DomainKind::relay, "relay"}}};
constexpr Words<MailboxKind, 3> mailbox_kinds{
    {{MailboxKind::person, "person"}, {MailboxKind::shared, "shared"}, {MailboxKind::service, "service"}}};
constexpr Words<MailboxState, 5> mailbox_states{{{MailboxState::active, "active"},
                                                 {MailboxState::receive_only, "receive-only"},
                                                 {MailboxState::forward_only, "forward-only"},
                                                 {MailboxState::suspended, "suspended"},
                                                 {MailboxState::deleted, "deleted"}}};
constexpr Words<Suspension, 2> suspensions{{{Suspension::refuse, "refuse"}, {Suspension::hold, "hold"}}};
constexpr Words<StoreState, 3> store_states{
    {{StoreState::preparing, "preparing"}, {StoreState::ready, "ready"}, {StoreState::failing, "failing"}}};
constexpr Words<CredentialKind, 4> credential_kinds{{{CredentialKind::password, "password"},
                                                     {CredentialKind::app_password, "app-password"},
                                                     {CredentialKind::totp, "totp"},
                                                     {CredentialKind::scram, "scram"}}};
constexpr Words<Posting, 4> postings{{{Posting::anyone, "anyone"},
                                      {Posting::domain, "domain"},
                                      {Posting::members, "members"},
                                      {Posting::listed, "listed"}}};
constexpr Words<Service, 5> services{{{Service::imap, "imap"},
                                      {Service::pop3, "pop3"},
                                      {Service::submission, "submission"},
                                      {Service::sieve, "sieve"},
                                      {Service::web, "web"}}};

}  // namespace

char const* word(DomainKind value) { return word_in(domain_kinds, value); }
char const* word(MailboxKind value) { return word_in(mailbox_kinds, value); }
char const* word(MailboxState value) { return word_in(mailbox_states, value); }
char const* word(Suspension value) { return word_in(suspensions, value); }
char const* word(StoreState value) { return word_in(store_states, value); }
char const* word(CredentialKind value) { return word_in(credential_kinds, value); }
char const* word(Posting value) { return word_in(postings, value); }
char const* word(Service value) { return word_in(services, value); }

std::vector<std::string> words(Services set)
{
    std::vector<std::string> out;
    for (auto const& [service, text] : services)
        if (set.has(service)) out.emplace_back(text);
    return out;
}

Result<DomainKind> parse_domain_kind(std::string_view text) { return parse_in(domain_kinds, text, "kind"); }
Result<MailboxKind> parse_mailbox_kind(std::string_view text) { return parse_in(mailbox_kinds, text, "kind"); }
Result<MailboxState> parse_mailbox_state(std::string_view text) { return parse_in(mailbox_states, text, "state"); }
Result<Suspension> parse_suspension(std::string_view text) { return parse_in(suspensions, text, "suspension"); }
Result<StoreState> parse_store_state(std::string_view text) { return parse_in(store_states, text, "store_state"); }
Result<CredentialKind> parse_credential_kind(std::string_view text) { return parse_in(credential_kinds, text, "kind"); }
Result<Posting> parse_posting(std::string_view text) { return parse_in(postings, text, "posting"); }

Result<Services> parse_services(std::string_view text)
{
    if (folded(text) == "all") return Services::all();
    auto set = Services::none();
    if (folded(text) == "none" || text.empty()) return set;
    for (auto part : split(text, ',')) set.add(TRY(parse_in(services, trimmed(part), "services")));
    return set;
}

}  // namespace provost::mail
