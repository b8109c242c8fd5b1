// SPDX-License-Identifier: Apache-2.0
// What is read and written in one transaction. One class over several files, one a subject; its statements stand once.
#pragma once

#include <set>
#include <utility>

#include "sql/connection.h"
#include "store/pages.h"
#include "store/store.h"

namespace provost::store {

class Session final : public Writing {
public:
    explicit Session(sql::Connection& connection) : sql_(connection) {}

    // changes.cc: gives the act its revision; comes before everything else in its transaction.
    void start_act(Actor const& actor);
    Position position() override;
    std::optional<std::vector<Change>> changes(Position const& since, int limit) override;
    std::int64_t prune_changes(Time before);

    // domains.cc
    std::optional<mail::Domain> domain(std::string_view name) override;
    std::optional<mail::Domain> domain_by_id(std::string_view id) override;
    std::vector<mail::Domain> domains(std::string_view mask) override;
    void every_domain(std::function<void(mail::Domain const&)> const& visit) override;
    DomainCounts counts(std::string_view domain) override;
    void put(mail::Domain const& domain) override;
    void remove(DomainId const& id) override;

    // mailboxes.cc, mailbox_parts.cc, mailbox_writes.cc
    std::optional<MailboxRecord> mailbox(std::string_view name) override;
    std::vector<MailboxRecord> deleted_mailboxes(std::string_view name) override;
    std::optional<MailboxRecord> mailbox_by_id(std::string_view id) override;
    std::vector<mail::Mailbox> mailboxes(std::string_view mask, std::string_view after, int limit,
                                         Scope const& scope) override;
    std::vector<mail::Mailbox> deleted_mailboxes(std::string_view mask, NameAndId const& after, int limit,
                                                 Scope const& scope) override;
    void every_mailbox(std::function<void(MailboxRecord const&)> const& visit) override;
    void put(mail::Mailbox const& mailbox) override;
    void remove(MailboxId const& id) override;
    void put_credential(MailboxId const& mailbox, mail::Credential const& credential) override;
    void remove_credential(MailboxId const& mailbox, CredentialId const& credential) override;

    // names.cc
    std::optional<std::string> owner_of_name(std::string_view name) override;
    // The id of the mailbox that a name meant at that time, as far as can be told.
    std::optional<std::string> mailbox_known_as(std::string_view name, Time at);

    // referrers.cc
    Referrers referrers(std::string_view address, char delimiter) override;
    Referrers referrers_into(std::string_view domain) override;

    // aliases.cc
    std::optional<mail::Alias> alias(std::string_view address) override;
    std::optional<mail::Alias> alias_by_id(std::string_view id) override;
    std::vector<mail::Alias> aliases(std::string_view mask, std::string_view after, int limit,
                                     Scope const& scope) override;
    std::vector<mail::Alias> aliases_with_target(std::string_view address) override;
    void every_alias(std::function<void(mail::Alias const&)> const& visit) override;
    void put(mail::Alias const& alias) override;
    void remove(AliasId const& id) override;

    // admins.cc
    std::optional<mail::Admin> admin(std::string_view name) override;
    std::optional<mail::Admin> admin_by_id(std::string_view id) override;
    std::vector<mail::Admin> admins(std::string_view mask) override;
    std::vector<mail::Admin> admins_of_mailbox(std::string_view mailbox_id) override;
    void put(mail::Admin const& admin) override;
    void remove(AdminId const& id) override;

    // tokens.cc
    std::optional<mail::Token> token_by_id(std::string_view id) override;
    std::vector<mail::Token> tokens_of(std::string_view admin_id) override;
    void put(mail::Token const& token) override;
    void remove(TokenId const& id) override;

    // audit.cc
    std::vector<AuditEntry> audit(std::string_view mask, Revision before, int limit, Scope const& scope) override;
    void audit_act(std::string_view act, std::string_view subject, std::string_view before,
                   std::string_view after) override;

    // Since when a domain has its name.
    Revision named_since(std::string_view domain);
    bool was_there(AuditEntry const& entry, Revision since);

    // lapses.cc
    Time latest_act() override;
    std::vector<Lapse> expiring(Lapse const& after, Time until, int limit) override;
    std::vector<Lapse> past_restoring(Time until, int limit) override;

    // work.cc
    void add_work(Work const& work) override;
    std::vector<Work> take_work(Time now, std::chrono::milliseconds lease, int most);
    void finish_work(std::string_view id);
    void postpone_work(std::string_view id, Time due, std::string_view error);
    bool hasten_work(std::string_view id, Time due);
    std::vector<Work> work_about(std::string_view subject) override;
    std::optional<Work> work_by_id(std::string_view id) override;
    std::vector<Work> pending_work(WorkPlace const& after, int limit) override;

    // observations.cc
    std::optional<Usage> usage(std::string_view mailbox_id) override;
    void every_usage(std::function<void(std::string_view mailbox_id, Usage const&)> const& visit) override;
    std::vector<std::pair<std::string, Time>> last_logins(std::string_view mailbox_id) override;
    void observe(std::string_view name, Usage const& usage);
    void observe(Store::SignIn const& sign_in);
    std::optional<TokenUse> last_use(std::string_view token_id) override;
    void observe(TokenUse const& use);

private:
    // Notes that this act changed an object: once, however often it is said.
    void changed(Kind kind, std::string_view id);

    std::vector<mail::Domain> domains_from(sql::Rows const& rows);
    // The rows hold everything of the mailbox table; what lies in other tables is read for each.
    std::vector<MailboxRecord> mailboxes_from(sql::Rows const& rows);
    std::vector<mail::Alias> aliases_from(sql::Rows const& rows);
    // Those of one domain; of all where it is empty.
    std::vector<mail::Mailbox> mailboxes_in(std::string_view domain, Mask const& mask, std::string_view after,
                                            int limit);
    std::vector<mail::Mailbox> deleted_mailboxes_in(std::string_view domain, bool of_this_one, Mask const& mask,
                                                    NameAndId const& after, int limit);
    template <class Next>
    std::vector<mail::Mailbox> paged(Mask const& mask, NameAndId last, int limit, Next next);
    std::vector<mail::Alias> aliases_in(std::string_view domain, Mask const& mask, std::string_view after, int limit);

    std::vector<mail::Admin> admins_from(sql::Rows const& rows);
    std::vector<mail::Token> tokens_from(sql::Rows const& rows);
    void leave_admins(DomainId const& domain);    // a domain that goes
    void leave_admins(MailboxId const& mailbox);  // a mailbox that goes
    void leave_tokens(DomainId const& domain);

    Referrers read_referrers(std::set<std::pair<Kind, std::string>> const& found);

    void write_row(mail::Mailbox const& mailbox);
    void write_parts(mail::Mailbox const& mailbox);
    void touch_mailbox(std::string_view id);
    void touch_shared_with(std::string_view member);  // those a mailbox is a member of hold its name

    struct Claim {
        std::string name;
        std::string role;  // address, login, former
    };
    // Makes the owner's claims exactly these; throws sql::Conflict that names who holds a name that is wanted.
    void claim(std::string_view owner_kind, std::string_view owner_id, std::vector<Claim> const& wanted);
    void take_name(std::string_view owner_kind, std::string_view owner_id, Claim const& claim);
    std::string describe_owner(std::string_view kind, std::string_view id);

    sql::Connection& sql_;
    Actor actor_;
    Time at_ = {};
    Revision revision_ = 0;
    int change_count_ = 0;
    int audit_count_ = 0;
    std::set<std::pair<Kind, std::string>> changed_;
};

}  // namespace provost::store
