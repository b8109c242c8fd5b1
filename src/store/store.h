// SPDX-License-Identifier: Apache-2.0
// The system of record: acts are written here, each in one transaction with its revision, its change rows, its audit
// entry and the work it makes for targets; observations are written here too, but are no acts.
//
// Exceptions: sql::Busy and sql::Unreachable when the database cannot answer now; callers at the boundary turn both
// into "unavailable". Everything a caller is expected to handle is a value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mail/access.h"
#include "mail/model.h"

namespace provost::store {

using Revision = std::uint64_t;

// How long change rows are kept: a node that was off over a weekend still follows instead of reading everything anew.
inline constexpr std::chrono::hours keep_changes{4 * 24};

// Where the record stands: a follower that no longer finds its position has to read everything anew.
struct Position {
    std::string epoch;  // one life of the database: a restored backup has another
    Revision revision = 0;
    std::string nonce;  // random, one a revision: tells two histories apart that share a number
    bool operator==(Position const&) const = default;
};

enum class Kind : std::uint8_t { domain, mailbox, alias, admin, token };

struct Change {
    Revision revision = 0;
    Kind kind = Kind::domain;
    std::string id;
};

// Who does an act, for the audit.
struct Actor {
    std::string name;  // "root", "admin:jane", "system:expiry"
    std::string from;  // "local", an address
};

struct AuditEntry {
    Revision revision = 0;
    Time at = {};
    Actor actor;
    std::string act;      // "mailbox.disable"
    std::string subject;  // the address or name acted upon
    std::string before;   // JSON of what changed, secrets left out
    std::string after;
};

// Work for a target that an act left behind, or that a timer will need.
struct Work {
    std::string id;
    std::string target;   // "dovecot"
    std::string verb;     // "end_sessions", "retire"
    std::string subject;  // mailbox id
    std::string detail;   // names whose sessions are meant, one a line; or what the verb needs
    Time due = {};
    int attempts = 0;
    std::string last_error;
};

// A place in the order in which work is due.
struct WorkPlace {
    Time due = {};
    std::string id = {};
};

struct MailboxRecord {
    mail::Mailbox mailbox;
    std::vector<mail::Credential> credentials;
    Revision revision = 0;  // that last changed it
    // The domain it is in, or was in when it was deleted: one made again under that name has another. Empty for a bare
    // name.
    std::string domain_id = {};
};

// A place among mailboxes that share a name.
struct NameAndId {
    std::string name;
    std::string id;
};

struct Usage {
    std::int64_t bytes = 0;
    std::int64_t messages = 0;
    Time at = {};
};

struct TokenUse {
    std::string token;  // its id
    Time at = {};
    std::string from;
};

// Counts that limits are judged by.
struct DomainCounts {
    std::int64_t mailboxes = 0;  // deleted ones not counted
    std::int64_t aliases = 0;
    std::int64_t external_aliases = 0;
    std::int64_t quota_sum = 0;  // bytes over mailboxes with a number of their own
};

// Whose objects a list may hold.
struct Scope {
    bool everywhere = true;                 // all domains, and names without one; else
    std::vector<std::string> domains = {};  // these, sorted
    bool has_domain(std::string_view domain) const;
    bool has(std::string_view name) const;  // of a mailbox or an alias
};

// Something that the clock alone changes. Ordered by time, then id, which makes one a place to read on from.
struct Lapse {
    Time at = {};
    std::string id;
    Kind kind = Kind::mailbox;
};

// All that names an address: aliases by their targets and posters, mailboxes, deleted ones too, by forwards and
// recovery address, domains by catch-all and archive. All that names a domain: by such an address, by a login, by
// mapping to it.
struct Referrers {
    std::vector<mail::Alias> aliases;
    std::vector<mail::Mailbox> mailboxes;
    std::vector<mail::Domain> domains;
};

// What can be read, in a transaction or outside. Names are folded.
class Reading {
public:
    virtual ~Reading() = default;
    virtual Position position() = 0;

    virtual std::optional<mail::Domain> domain(std::string_view name) = 0;
    virtual std::optional<mail::Domain> domain_by_id(std::string_view id) = 0;
    virtual std::vector<mail::Domain> domains(std::string_view mask) = 0;  // ordered by name

    // By canonical name among those not deleted.
    virtual std::optional<MailboxRecord> mailbox(std::string_view name) = 0;
    // The deleted ones of that name: the one that is kept longest first, those that were given up last.
    virtual std::vector<MailboxRecord> deleted_mailboxes(std::string_view name) = 0;
    virtual std::optional<MailboxRecord> mailbox_by_id(std::string_view id) = 0;
    // Who holds a name as its own or as a login, among those not deleted.
    virtual std::optional<std::string> owner_of_name(std::string_view name) = 0;  // "mailbox:ID" or "alias:ID"
    // A page ordered by name, after `after`; at most `limit`.
    virtual std::vector<mail::Mailbox> mailboxes(std::string_view mask, std::string_view after, int limit,
                                                 Scope const& scope = {}) = 0;
    // The same of deleted ones, ordered by name and id. A scope that is not everywhere has those that were deleted in
    // its domains, and not in others that had their names before.
    virtual std::vector<mail::Mailbox> deleted_mailboxes(std::string_view mask, NameAndId const& after, int limit,
                                                         Scope const& scope = {}) = 0;

    virtual std::optional<mail::Alias> alias(std::string_view address) = 0;
    virtual std::optional<mail::Alias> alias_by_id(std::string_view id) = 0;
    virtual std::vector<mail::Alias> aliases(std::string_view mask, std::string_view after, int limit,
                                             Scope const& scope = {}) = 0;
    virtual std::vector<mail::Alias> aliases_with_target(std::string_view address) = 0;

    // Also what names it with an extension: `delimiter` is that of extensions, 0 where there are none.
    virtual Referrers referrers(std::string_view address, char delimiter) = 0;
    virtual Referrers referrers_into(std::string_view domain) = 0;

    virtual std::optional<mail::Admin> admin(std::string_view name) = 0;
    virtual std::optional<mail::Admin> admin_by_id(std::string_view id) = 0;
    virtual std::vector<mail::Admin> admins(std::string_view mask) = 0;  // ordered by name
    virtual std::vector<mail::Admin> admins_of_mailbox(std::string_view mailbox_id) = 0;
    virtual std::optional<mail::Token> token_by_id(std::string_view id) = 0;
    virtual std::vector<mail::Token> tokens_of(std::string_view admin_id) = 0;  // in the order they were made

    virtual DomainCounts counts(std::string_view domain) = 0;

    virtual std::optional<Usage> usage(std::string_view mailbox_id) = 0;
    virtual std::vector<std::pair<std::string, Time>> last_logins(std::string_view mailbox_id) = 0;  // service, when
    virtual std::optional<TokenUse> last_use(std::string_view token_id) = 0;
    // Newest first, whole revisions, and so more than `limit` at times. A scope that is not everywhere has what was
    // done to its domains, and in them, since they have their names.
    virtual std::vector<AuditEntry> audit(std::string_view mask, Revision before, int limit,
                                          Scope const& scope = {}) = 0;

    virtual std::vector<Work> work_about(std::string_view subject) = 0;
    virtual std::optional<Work> work_by_id(std::string_view id) = 0;
    // What is still to be done, in the order in which it is due, after a place; at most `limit`.
    virtual std::vector<Work> pending_work(WorkPlace const& after, int limit) = 0;
    // When the latest act was committed, as the clock said then.
    virtual Time latest_act() = 0;

    // Domains, mailboxes (not deleted ones) and aliases that expire after `after` and not later than `until`, in order.
    virtual std::vector<Lapse> expiring(Lapse const& after, Time until, int limit) = 0;
    // Deleted mailboxes whose `restorable_until` is not later than `until`, in order.
    virtual std::vector<Lapse> past_restoring(Time until, int limit) = 0;

    // For a follower. `changes` answers nullopt where `since` is no longer to be found in this history.
    virtual std::optional<std::vector<Change>> changes(Position const& since, int limit) = 0;
    virtual void every_domain(std::function<void(mail::Domain const&)> const& visit) = 0;
    virtual void every_mailbox(std::function<void(MailboxRecord const&)> const& visit) = 0;  // deleted ones too
    virtual void every_alias(std::function<void(mail::Alias const&)> const& visit) = 0;
    virtual void every_usage(std::function<void(std::string_view mailbox_id, Usage const&)> const& visit) = 0;
};

// One act in the making. What is put here is there after commit, or not at all.
class Writing : public Reading {
public:
    virtual void put(mail::Domain const&) = 0;   // inserts or replaces by id
    virtual void put(mail::Mailbox const&) = 0;  // claims its name and logins, releases those it gave up
    virtual void put(mail::Alias const&) = 0;
    virtual void put(mail::Admin const&) = 0;
    virtual void put(mail::Token const&) = 0;
    virtual void put_credential(MailboxId const&, mail::Credential const&) = 0;
    virtual void remove_credential(MailboxId const&, CredentialId const&) = 0;
    virtual void remove(DomainId const&) = 0;
    virtual void remove(MailboxId const&) = 0;  // an admin it belonged to is disabled
    virtual void remove(AliasId const&) = 0;
    virtual void remove(AdminId const&) = 0;  // its tokens too
    virtual void remove(TokenId const&) = 0;
    virtual void audit_act(std::string_view act, std::string_view subject, std::string_view before,
                           std::string_view after) = 0;
    virtual void add_work(Work const&) = 0;
};

class Store {
public:
    virtual ~Store() = default;

    // Runs `act` in one transaction and gives it a revision; repeated from the start when the engine says Busy, so it
    // must not do anything but read and write through its argument. An act that answers with an Error is undone
    // and leaves no revision. Returns the position the act was committed at.
    virtual Result<Position> act(Actor const& actor, std::function<Result<void>(Writing&)> const& act) = 0;

    // The same, and always undone at the end: what would happen.
    virtual Result<void> rehearse(Actor const& actor, std::function<Result<void>(Writing&)> const& act) = 0;

    // Reads in one consistent snapshot.
    virtual void read(std::function<void(Reading&)> const& use) = 0;

    // Observations: batched by the caller, no revision, no audit.
    virtual void observe_usage(std::vector<std::pair<std::string, Usage>> const& by_name) = 0;  // name at login, usage
    struct SignIn {
        std::string name, service, from;
        Time at;
    };
    virtual void observe_sign_ins(std::vector<SignIn> const&) = 0;
    virtual void observe_token_uses(std::vector<TokenUse> const&) = 0;

    // Work by lease: takes at most `most` items that are due and not leased, and holds them for `lease`.
    virtual std::vector<Work> take_work(Time now, std::chrono::milliseconds lease, int most) = 0;
    virtual void finish_work(std::string_view id) = 0;
    virtual void postpone_work(std::string_view id, Time due, std::string_view error) = 0;
    // Makes it due now; false where there is none of that id.
    virtual bool hasten_work(std::string_view id, Time due) = 0;

    // Forgets change rows of revisions made before `before`; a follower that needed them reads everything anew. Returns
    // how many there were.
    virtual std::int64_t prune_changes(Time before) = 0;

    // Why the last write could not be made, in the engine's words; empty when it could.
    virtual std::string writing_trouble() { return {}; }
};

struct Options {
    // How long an act waits for a lock that another process holds, before sql::Busy. A reading waits as long at most.
    std::chrono::milliseconds busy{2000};
    // Whether a database that is not there, or is empty, may be begun; else it is `unavailable`.
    bool create = true;
};

// Opens (creating and migrating as needed) the record at `url`: "sqlite:/var/lib/provost/provost.db". `schema` is the
// folder of NNNN-name.sql files. Refuses a database written by a newer version.
Result<std::unique_ptr<Store>> open_store(std::string const& url, std::string const& schema,
                                          Options const& options = {});

}  // namespace provost::store
