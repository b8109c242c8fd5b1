// SPDX-License-Identifier: Apache-2.0
// What may be done, once for every front door: each act of administration with its rules, in one transaction.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/secret.h"
#include "directory/authority.h"
#include "directory/domain_list.h"
#include "directory/proof.h"
#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

// What a change leaves unsaid stays as it is; on `add` it takes the default of mail/model.h.
struct DomainChange {
    std::optional<mail::DomainKind> kind;
    std::optional<std::string> description;
    std::optional<bool> enabled;
    std::optional<std::optional<Time>> expires;
    std::optional<std::optional<mail::DomainName>> maps_to;
    std::optional<std::string> transport;
    std::optional<std::vector<mail::Address>> catch_all;
    std::optional<std::optional<mail::Address>> archive_to;
    std::optional<Limit> mailboxes;
    std::optional<Limit> aliases;
    std::optional<Limit> aliases_per_mailbox;
    std::optional<Limit> external_aliases;
    std::optional<Limit> quota_per_mailbox;
    std::optional<Limit> default_quota;
    std::optional<Limit> total_quota;
};

struct DomainRenaming {
    std::string to;
    bool keep_addresses = false;  // the old name stays as a domain that maps to the new one
};

struct MemberChange {
    std::string mailbox;  // its name
    std::uint8_t rights = 0;
};

struct MailboxChange {
    std::optional<mail::MailboxKind> kind;  // on add only
    std::optional<std::vector<std::string>> logins;
    std::optional<std::string> display_name;
    std::optional<mail::MailboxState> state;  // any but deleted
    std::optional<mail::Suspension> suspension;
    std::optional<std::optional<Time>> expires;
    std::optional<Limit> quota_bytes;
    std::optional<Limit> quota_messages;
    std::optional<std::vector<mail::Address>> forwards;
    std::optional<bool> keep_copy;
    std::optional<mail::Services> services;
    std::optional<std::string> transport;
    std::optional<std::optional<mail::Address>> recovery_address;
    std::optional<std::vector<MemberChange>> members;
};

struct AliasChange {
    std::optional<std::vector<mail::Address>> targets;
    std::optional<std::string> description;
    std::optional<bool> enabled;
    std::optional<std::optional<Time>> expires;
    std::optional<bool> targets_may_send;
    std::optional<mail::Posting> posting;
    std::optional<std::vector<mail::Address>> posters;
};

struct AdminChange {
    std::optional<mail::Role> role;
    std::optional<DomainList> domains;
    std::optional<std::string> description;
    std::optional<bool> enabled;
    std::optional<std::optional<Time>> expires;
    std::optional<std::string> mailbox;  // its name; empty for none
};

struct NewToken {
    std::string admin;  // its name
    std::string label;
    std::optional<mail::Role> role;     // as its admin's
    std::optional<DomainList> domains;  // all of its admin's
    bool read_only = false;
    std::optional<Time> expires;
    std::vector<std::string> networks;
};

// What becomes of a deleted mailbox that can still be had back when its name is given out anew.
enum class OldMailbox : std::uint8_t {
    adopt,      // it comes back with its mail, and what is said of the new one is changed of it
    set_aside,  // the new one starts empty; the old one can still be had back, under another name
};

struct Restoring {
    std::optional<std::string> as;  // the name it gets
    std::string id;                 // which, of several of one name; empty: the one that is kept longest
};

struct Renaming {
    std::string to;
    bool keep_address = false;  // the old address becomes an alias of the new one
};

// A new password, or a hash made elsewhere; exactly one.
struct NewPassword {
    Secret password;
    std::string hash;
};

struct Request {
    Caller by;
    bool dry_run = false;
    std::optional<store::Revision> if_revision;  // only if the record still stands at this revision
};

// What became of an act.
struct Done {
    bool dry_run = false;            // nothing was done
    store::Revision revision = 0;    // 0 for a dry run
    std::string subject;             // canonical name of what was acted upon
    bool answering = false;          // this node answers with the new state; false: it will, within its follower's time
    std::vector<std::string> notes;  // what the administrator should know
    std::optional<Proof> proof;      // for acts that take something away
};

// Shown together with a mailbox.
struct MailboxDetails {
    mail::Mailbox mailbox;
    std::vector<mail::Credential> credentials;  // hashes blanked
    store::Revision revision = 0;
    std::optional<store::Usage> usage;
    std::vector<std::pair<std::string, Time>> last_logins;
    std::vector<std::string> aliases;  // addresses of aliases that name it
    Limit effective_quota;
};

struct DomainDetails {
    mail::Domain domain;
    store::DomainCounts counts;
};

struct MadeToken {
    Done done;
    Secret secret;  // nowhere else; empty for a dry run
};

struct TokenDetails {
    mail::Token token;
    std::string admin;  // its name
    std::optional<store::TokenUse> last_use;
};
struct Deed;

class Acts {
public:
    // What the acts need of the house.
    struct House {
        std::function<Time()> clock = now;
        std::function<Result<store::Store*>()> record;  // unavailable while the database is
        // Makes this node answer from `revision`: the follower applied it and every event loop passed a barrier.
        std::function<bool(store::Revision, std::chrono::milliseconds)> answer_from;
        std::function<Result<std::string>(Secret const&)> hash;  // with the site's scheme
        std::function<Result<std::string>(std::string_view)> accept_hash;
        std::function<Result<void>(Secret const&, std::vector<std::string> const& about)> strength;
        std::function<void(std::string_view)> forgive;  // a name's wrong passwords of late
        ProofOfOff* proof = nullptr;                    // none: acts that take away say so in a note
        // Where a new mailbox keeps its mail: targets::Target::place.
        std::function<Result<mail::Store>(mail::Mailbox const&)> new_store;
        std::string target = "dovecot";           // whose sessions are ended
        bool sees_sessions = true;                // false: what is open cannot be known from here
        std::function<void()> wake_work = [] {};  // there is new work for targets
        // Returns when some work was done, or could not be, or after the time.
        std::function<void(std::chrono::milliseconds)> await_work = [](auto time) {
            std::this_thread::sleep_for(time);
        };
        std::chrono::milliseconds keep_deleted = std::chrono::hours(24 * 30);
        char delimiter = '+';
    };
    explicit Acts(House house);

    Result<Done> add_domain(Request const&, std::string_view name, DomainChange const&);
    Result<Done> set_domain(Request const&, std::string_view name, DomainChange const&);
    // With all its addresses and everything that names them, here and in other domains.
    Result<Done> rename_domain(Request const&, std::string_view name, DomainRenaming const&);
    // Refused while anything is in it or names it from elsewhere, unless it is to go `with_contents`: then its
    // mailboxes can be had back, its aliases are removed, and nothing elsewhere names it any more.
    Result<Done> delete_domain(Request const&, std::string_view name, bool with_contents = false);

    // Where a deleted mailbox of that name can still be had back, `old` has to be said.
    Result<Done> add_mailbox(Request const&, std::string_view name, MailboxChange const&,
                             std::optional<NewPassword> const&, std::optional<OldMailbox> old = {});
    Result<Done> set_mailbox(Request const&, std::string_view name, MailboxChange const&);
    Result<Done> disable_mailbox(Request const&, std::string_view name, mail::Suspension);
    Result<Done> enable_mailbox(Request const&, std::string_view name);
    Result<Done> delete_mailbox(Request const&, std::string_view name);
    // Ends its sessions under the old name; under the new one its owner may sign in at once.
    Result<Done> rename_mailbox(Request const&, std::string_view name, Renaming const&);
    Result<Done> restore_mailbox(Request const&, std::string_view name, Restoring const&);
    // Gives a deleted mailbox up, by its name or, where several share it, by its id; `name` may be empty then. Its mail
    // goes after this, and its row last: waits a little for both.
    Result<Done> purge_mailbox(Request const&, std::string_view name, std::string_view id);
    Result<Done> set_password(Request const&, std::string_view name, NewPassword const&);
    // These two change nothing that is recorded.
    Result<Done> kick_mailbox(Request const&, std::string_view name);    // ends its sessions
    Result<Done> unlock_mailbox(Request const&, std::string_view name);  // forgives its wrong passwords of late

    Result<Done> add_alias(Request const&, std::string_view address, AliasChange const&);
    Result<Done> set_alias(Request const&, std::string_view address, AliasChange const&);
    Result<Done> delete_alias(Request const&, std::string_view address);

    Result<Done> add_admin(Request const&, std::string_view name, AdminChange const&);
    Result<Done> set_admin(Request const&, std::string_view name, AdminChange const&);
    Result<Done> delete_admin(Request const&, std::string_view name);  // its tokens too
    Result<MadeToken> add_token(Request const&, NewToken const&);
    Result<Done> revoke_token(Request const&, std::string_view id);

    Result<DomainDetails> domain(Caller const&, std::string_view name);
    Result<std::vector<DomainDetails>> domains(Caller const&, std::string_view mask);
    Result<MailboxDetails> mailbox(Caller const&, std::string_view name);
    Result<std::vector<mail::Mailbox>> mailboxes(Caller const&, std::string_view mask, std::string_view after,
                                                 int limit);
    Result<std::vector<mail::Mailbox>> deleted_mailboxes(Caller const&, std::string_view mask,
                                                         store::NameAndId const& after, int limit);
    Result<mail::Alias> alias(Caller const&, std::string_view address);
    Result<std::vector<mail::Alias>> aliases(Caller const&, std::string_view mask, std::string_view after, int limit);
    Result<mail::Admin> admin(Caller const&, std::string_view name);
    Result<std::vector<mail::Admin>> admins(Caller const&, std::string_view mask);
    Result<std::vector<TokenDetails>> tokens(Caller const&, std::string_view mask);  // of admins whose name fits
    Result<std::vector<store::AuditEntry>> audit(Caller const&, std::string_view mask, store::Revision before,
                                                 int limit);
    Result<std::vector<store::Work>> pending_work(Caller const&, store::WorkPlace const& after, int limit);
    Result<Done> retry_work(Request const&, std::string_view id);  // now, instead of when its wait is over
    // Why the last write could not be made though the record can be read; empty when it could.
    std::string writing_trouble();
    Result<store::Position> position();

private:
    // What an act does, and what a reader reads, once its caller is known to have the right to it.
    using Act = std::function<Result<void>(store::Writing&, Authority const&)>;
    using Use = std::function<Result<void>(store::Reading&, Authority const&)>;
    // `name` is what the act is upon, folded, and what its ground judges.
    Result<Done> run(Request const& request, Need const& need, std::string name, Act const& act);
    Result<void> read(Caller const& caller, Need const& need, std::string_view name, Use const& use);
    Result<void> look(std::function<Result<void>(store::Reading&)> const& use);  // for the house itself
    // Answers "unavailable" where the database cannot be used.
    Result<void> reach(std::function<Result<void>(store::Store&)> const& use);
    Result<Done> change_mailbox(Request const& request, std::string_view name, char const* verb,
                                MailboxChange const& change);
    Result<mail::Credential> credential_of(NewPassword const& secret, std::string const& name);
    Result<std::optional<store::MailboxRecord>> old_mailbox(store::Reading& record, Authority const& authority,
                                                            std::string const& name, std::optional<OldMailbox> wish,
                                                            std::vector<std::string>& notes);
    Result<void> adopt(Deed const& deed, store::MailboxRecord const& old, MailboxChange const& change,
                       std::optional<mail::Credential> const& credential, std::vector<std::string>& notes,
                       mail::Mailbox& led);
    // What holds up the work of this kind that is about the mailbox, after a while; nothing once `is_done`.
    std::optional<std::string> held_up(std::string const& mailbox_id, std::string_view verb,
                                       std::function<bool(store::Reading&)> const& is_done);
    void await_release(Done& done, std::string const& mailbox_id);
    // That the mailbox's store is where the act wants it, or a note that tells what is the matter.
    void await_store(Done& done, mail::Mailbox const& mailbox);
    void end_all(Done& done, std::vector<std::string> const& names, std::vector<std::string> const& work_ids);
    void finish(std::vector<std::string> const& work_ids);
    void take_away(Done& done, ProofOfOff::Attempt* attempt, std::string const& work_id);

    House house_;
};

}  // namespace provost::directory
