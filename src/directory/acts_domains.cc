// SPDX-License-Identifier: Apache-2.0
#include "directory/acts.h"
#include "directory/description.h"
#include "directory/rules.h"

namespace provost::directory {
namespace {

constexpr int page = 500;

void apply(DomainChange const& change, mail::Domain& domain)
{
    auto const set = [](auto const& wanted, auto& value) {
        if (wanted) value = *wanted;
    };
    set(change.kind, domain.kind);
    set(change.description, domain.description);
    set(change.enabled, domain.enabled);
    set(change.expires, domain.expires);
    set(change.maps_to, domain.maps_to);
    set(change.transport, domain.transport);
    set(change.catch_all, domain.catch_all);
    set(change.archive_to, domain.archive_to);
    set(change.mailboxes, domain.limits.mailboxes);
    set(change.aliases, domain.limits.aliases);
    set(change.aliases_per_mailbox, domain.limits.aliases_per_mailbox);
    set(change.external_aliases, domain.limits.external_aliases);
    set(change.quota_per_mailbox, domain.limits.quota_per_mailbox);
    set(change.default_quota, domain.limits.default_quota);
    set(change.total_quota, domain.limits.total_quota);
}

Need running(Ground ground) { return {Right::run, ground, true}; }

// What a domain is, what it may cost and whether it is on is said by who runs the site; the rest by its own admins.
Result<void> check_fields(DomainChange const& change, Authority const& authority)
{
    CHECK_OK(authority.check_field(change.kind.has_value(), "kind"));
    CHECK_OK(authority.check_field(change.enabled.has_value(), "enabled"));
    CHECK_OK(authority.check_field(change.expires.has_value(), "expires"));
    CHECK_OK(authority.check_field(change.maps_to.has_value(), "maps_to"));
    CHECK_OK(authority.check_field(change.transport.has_value(), "transport"));
    CHECK_OK(authority.check_field(change.mailboxes.has_value(), "max_mailboxes"));
    CHECK_OK(authority.check_field(change.aliases.has_value(), "max_aliases"));
    CHECK_OK(authority.check_field(change.aliases_per_mailbox.has_value(), "max_aliases_per_mailbox"));
    CHECK_OK(authority.check_field(change.external_aliases.has_value(), "max_external_aliases"));
    CHECK_OK(authority.check_field(change.quota_per_mailbox.has_value(), "max_quota"));
    CHECK_OK(authority.check_field(change.default_quota.has_value(), "default_quota"));
    return authority.check_field(change.total_quota.has_value(), "total_quota");
}

bool is_off(mail::Domain const& domain) { return !domain.enabled || (domain.expires && *domain.expires <= now()); }

// A domain that goes off takes the sessions of all its mailboxes with it.
void end_all_sessions(store::Writing& writing, mail::Domain const& domain)
{
    std::string after;
    for (;;) {
        auto const mailboxes = writing.mailboxes("*@" + domain.name.text(), after, page);
        if (mailboxes.empty()) return;
        store::Work work{.id = new_uuid(),
                         .target = "dovecot",
                         .verb = "end_sessions",
                         .subject = domain.id.text(),
                         .detail = {},
                         .due = now(),
                         .attempts = 0,
                         .last_error = {}};
        for (auto const& mailbox : mailboxes) {
            work.detail += mailbox.name + "\n";
            for (auto const& name : mailbox.former_names) work.detail += name + "\n";
        }
        writing.add_work(work);
        after = mailboxes.back().name;
    }
}

}  // namespace

Result<Done> Acts::add_domain(Request const& request, std::string_view name, DomainChange const& change)
{
    auto key = TRY(mail::DomainName::parse(name, "name"));
    mail::Domain domain{.id = DomainId::make(), .name = std::move(key)};
    domain.created = now();
    apply(change, domain);
    auto const need = running(Ground::site);
    return run(request, need, domain.name.text(), [&](auto& writing, auto& authority) -> Result<void> {
        if (writing.domain(domain.name.text()))
            return refuse(Fault::conflict, "name", domain.name.text(), "is a domain already");
        Rules rules(writing, authority, now(), house_.delimiter);
        CHECK_OK(rules.check(domain));
        writing.put(domain);
        auto const [before, after] = difference({}, describe(domain));
        writing.audit_act("domain.add", domain.name.text(), before, after);
        return {};
    });
}

Result<Done> Acts::set_domain(Request const& request, std::string_view name, DomainChange const& change)
{
    auto const key = TRY(mail::DomainName::parse(name, "name"));
    bool goes_off = false;
    Need const need{Right::administer, Ground::domain, true};
    auto ran = run(request, need, key.text(), [&](auto& writing, auto& authority) -> Result<void> {
        CHECK_OK(check_fields(change, authority));
        auto const found = writing.domain(key.text());
        if (!found) return refuse(Fault::not_found, "name", key.text(), "is not a domain here");
        auto domain = *found;
        apply(change, domain);
        if (domain.kind != found->kind && domain.kind != mail::DomainKind::hosted &&
            writing.counts(key.text()).mailboxes > 0)
            return refuse(Fault::conflict, "kind", word(domain.kind),
                          "has no mailboxes, and " + key.text() + " has some");
        Rules rules(writing, authority, now(), house_.delimiter);
        CHECK_OK(rules.check(domain));
        writing.put(domain);
        CHECK_OK(rules.check_counts(domain));
        goes_off = is_off(domain) && !is_off(*found);
        if (goes_off) end_all_sessions(writing, domain);
        auto const [before, after] = difference(describe(*found), describe(domain));
        writing.audit_act("domain.set", key.text(), before, after);
        return {};
    });
    auto done = TRY(std::move(ran));
    if (goes_off)
        done.notes.emplace_back("sign-ins are refused from now on; open sessions of its mailboxes are being ended");
    return done;
}

Result<Done> Acts::delete_domain(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::DomainName::parse(name, "name"));
    return run(request, running(Ground::domain), key.text(), [&](auto& writing, auto&) -> Result<void> {
        auto const found = writing.domain(key.text());
        if (!found) return refuse(Fault::not_found, "name", key.text(), "is not a domain here");
        auto const counts = writing.counts(key.text());
        if (counts.mailboxes + counts.aliases > 0)
            return refuse(Fault::conflict, "name", key.text(),
                          "still has " + std::to_string(counts.mailboxes) + " mailboxes and " +
                              std::to_string(counts.aliases) + " aliases");
        for (auto const& other : writing.domains("*"))
            if (other.maps_to && *other.maps_to == key)
                return refuse(Fault::conflict, "name", key.text(), "is what " + other.name.text() + " maps to");
        writing.remove(found->id);
        auto const [before, after] = difference(describe(*found), {});
        writing.audit_act("domain.delete", key.text(), before, after);
        return {};
    });
}

}  // namespace provost::directory
