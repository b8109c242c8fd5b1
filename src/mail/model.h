// SPDX-License-Identifier: Apache-2.0
// What the directory keeps: domains, mailboxes, aliases, credentials, and the state of their stores.
// Plain values; the rules about them are elsewhere in this room, and nothing here touches a database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/size.h"
#include "base/time.h"
#include "mail/address.h"

namespace provost::mail {

enum class DomainKind : std::uint8_t {
    hosted,  // has mailboxes and aliases
    alias,   // has aliases only
    mapped,  // every address is the same local part of `maps_to`
    relay,   // mail is passed on: backup MX, or `transport`
};

struct DomainLimits {
    Limit mailboxes;            // how many may exist, deleted ones not counted
    Limit aliases;              // how many may exist
    Limit aliases_per_mailbox;  // how many aliases may name one mailbox of this domain
    Limit external_aliases;     // how many aliases may have a target outside
    Limit quota_per_mailbox;    // bytes; the most one mailbox may be given
    Limit default_quota;        // bytes; what a mailbox gets when nothing is said
    Limit total_quota;          // bytes; the sum over the mailboxes
    bool operator==(DomainLimits const&) const = default;
};

struct Domain {
    DomainId id;
    DomainName name;
    DomainKind kind = DomainKind::hosted;
    std::string description = {};
    bool enabled = true;
    std::optional<Time> expires = {};
    std::optional<DomainName> maps_to = {};  // mapped only
    std::string transport = {};              // relay only: Postfix transport:nexthop, empty for what MX says
    std::vector<Address> catch_all = {};     // who gets mail for addresses that do not exist
    std::optional<Address> archive_to = {};  // gets a blind copy of all mail for the domain (recipient_bcc_maps)
    DomainLimits limits = {};
    Time created = {};
    bool operator==(Domain const&) const = default;
};

enum class MailboxKind : std::uint8_t {
    person,
    shared,   // no login of its own; members with rights
    service,  // a program or the Cyrus admin: a bare name, no mail
};

enum class MailboxState : std::uint8_t {
    active,
    receive_only,  // mail comes in, nobody signs in
    forward_only,  // mail goes on to `forwards`, nothing is kept, nobody signs in
    suspended,     // off: see Suspension
    deleted,       // gone for everybody, restorable until `restorable_until`
};

// What happens to new mail for a suspended mailbox.
enum class Suspension : std::uint8_t { refuse, hold };

// Services a mailbox may sign in to, as a set of bits.
enum class Service : std::uint8_t { imap = 1, pop3 = 2, submission = 4, sieve = 8, web = 16 };
class Services {
public:
    static Services all() { return Services(31); }
    static Services none() { return Services(0); }
    static Services from_bits(std::uint8_t bits) { return Services(static_cast<std::uint8_t>(bits & 31)); }
    bool has(Service s) const { return (bits_ & static_cast<std::uint8_t>(s)) != 0; }
    void add(Service s) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(s)); }
    std::uint8_t bits() const { return bits_; }
    bool operator==(Services const&) const = default;

private:
    explicit Services(std::uint8_t bits) : bits_(bits) {}
    std::uint8_t bits_;
};

enum class StoreState : std::uint8_t { preparing, ready, failing };

// Where a mailbox's mail is kept, and whether it can be delivered there.
struct Store {
    std::string target;  // "dovecot", "cyrus"
    std::string name;    // what the target calls it: the home below the mail root, the Cyrus mailbox name
    std::string
        generation;  // what tells this store from a later one of the same name; empty where names are never reused
    StoreState state = StoreState::preparing;
    std::string reason;  // the target's own words while failing
    bool operator==(Store const&) const = default;
};

enum class Right : std::uint8_t { read = 1, write = 2, send_as = 4 };

struct Member {
    MailboxId mailbox;
    std::string name;         // the member's mailbox name, for showing and answering
    std::uint8_t rights = 0;  // bits of Right
    bool operator==(Member const&) const = default;
};

struct Mailbox {
    MailboxId id;
    MailboxKind kind = MailboxKind::person;
    std::string name;                            // an Address's text, or a bare name for a service; unique, folded
    std::vector<std::string> logins = {};        // further names to sign in with; `name` is always one
    std::vector<std::string> former_names = {};  // names it had: sessions and usage still arrive under them
    std::string display_name = {};
    MailboxState state = MailboxState::active;
    Suspension suspension = Suspension::refuse;
    std::optional<Time> expires = {};  // from then on it answers as suspended, refuse
    // Deleted only: the state it comes back to, and how long it is kept for that. Without a date it is given up: what
    // is left of it is being removed.
    MailboxState state_before = MailboxState::active;
    std::optional<Time> restorable_until = {};
    Limit quota_bytes = {};  // unset: the domain's default
    Limit quota_messages = {};
    std::vector<Address> forwards = {};
    bool keep_copy = true;  // with forwards: deliver here too
    Services services = Services::all();
    std::string transport = {};  // Postfix transport:nexthop for this mailbox alone; empty for the site's
    std::optional<Address> recovery_address = {};
    bool recovery_confirmed = false;
    std::vector<Member> members = {};  // shared only
    Store store = {};
    Time created = {};
    bool operator==(Mailbox const&) const = default;
};

enum class CredentialKind : std::uint8_t { password, app_password, totp, scram };

struct Credential {
    CredentialId id;
    CredentialKind kind = CredentialKind::password;
    std::string label = {};  // what the owner calls an app password
    std::string hash = {};   // crypt(3), PHC or {SCHEME} string; never a password
    Services services = Services::all();
    std::vector<std::string> networks = {};  // CIDR; empty for anywhere
    std::optional<Time> expires = {};
    Time created = {};
    bool operator==(Credential const&) const = default;
};

enum class Posting : std::uint8_t { anyone, domain, members, listed };

struct Alias {
    AliasId id;
    Address address;
    std::vector<Address> targets = {};  // in the order given
    std::string description = {};
    bool enabled = true;
    std::optional<Time> expires = {};
    bool targets_may_send = false;  // whether mailboxes among the targets may send as this address
    Posting posting = Posting::anyone;
    std::vector<Address> posters = {};  // listed only
    Time created = {};
    bool operator==(Alias const&) const = default;
};

// The words of the enums, as the command line, the API and the tables write them.
char const* word(DomainKind);
char const* word(MailboxKind);
char const* word(MailboxState);
char const* word(Suspension);
char const* word(StoreState);
char const* word(CredentialKind);
char const* word(Posting);
char const* word(Service);
std::vector<std::string> words(Services);  // "imap", "pop3", ...

Result<DomainKind> parse_domain_kind(std::string_view text);
Result<MailboxKind> parse_mailbox_kind(std::string_view text);
Result<MailboxState> parse_mailbox_state(std::string_view text);
Result<Suspension> parse_suspension(std::string_view text);
Result<StoreState> parse_store_state(std::string_view text);
Result<CredentialKind> parse_credential_kind(std::string_view text);
Result<Posting> parse_posting(std::string_view text);
Result<Services> parse_services(std::string_view text);  // "imap,submission", "all", "none"

}  // namespace provost::mail
