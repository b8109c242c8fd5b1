// SPDX-License-Identifier: Apache-2.0
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/domain_parts.h"
#include "directory/led_anew.h"
#include "directory/rules.h"
#include "directory/store_work.h"

namespace provost::directory {
namespace {

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

bool is_off(mail::Domain const& domain, Time now)
{
    return !domain.enabled || (domain.expires && *domain.expires <= now);
}

// A domain that goes off takes the sessions of all its mailboxes with it.
void end_all_sessions(Deed const& deed, mail::Domain const& domain)
{
    auto& writing = deed.writing;
    std::string after;
    for (;;) {
        auto const mailboxes = writing.mailboxes("*@" + domain.name.text(), after, domain_page);
        if (mailboxes.empty()) return;
        std::vector<std::string> names;
        for (auto const& mailbox : mailboxes) append(names, session_names(mailbox));
        writing.add_work(end_sessions(deed.target, domain.id.text(), names, deed.now));
        after = mailboxes.back().name;
    }
}

// After writing: that neither its catch-all nor what it maps to leads anybody in a circle.
Result<void> check_leading(Deed const& deed, mail::Domain const& domain, mail::Domain const* before, Rules& rules,
                           Notes& notes)
{
    for (auto const& target : gained(domain.catch_all, before ? before->catch_all : Rules::Targets()))
        CHECK_OK(rules.check_expansion(target, "catch_all"));
    if (before && before->kind == domain.kind && before->maps_to == domain.maps_to) return {};
    return check_led_anew(deed, domain.name, deed.writing.referrers_into(domain.name.text()), rules,
                          domain.maps_to ? "maps_to" : "name", notes);
}

}  // namespace

Result<Done> Acts::add_domain(Request const& request, std::string_view name, DomainChange const& change)
{
    auto key = TRY(mail::DomainName::parse(name, "name"));
    mail::Domain domain{.id = DomainId::make(), .name = std::move(key)};
    domain.created = house_.clock();
    apply(change, domain);
    Notes notes;
    auto const need = running(Ground::site);
    auto ran = run(request, need, domain.name.text(), [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        if (writing.domain(domain.name.text()))
            return refuse(Fault::conflict, "name", domain.name.text(), "is a domain already");
        Deed const deed{writing, authority, house_.clock(), house_.delimiter, house_.target};
        Rules rules(writing, authority, deed.now, deed.delimiter);
        CHECK_OK(rules.check(domain));
        writing.put(domain);
        CHECK_OK(check_leading(deed, domain, nullptr, rules, notes));
        audit_difference(writing, "domain.add", domain.name.text(), {}, describe(domain));
        return {};
    });
    auto done = TRY(std::move(ran));
    append(done.notes, notes);
    return done;
}

Result<Done> Acts::set_domain(Request const& request, std::string_view name, DomainChange const& change)
{
    auto const key = TRY(mail::DomainName::parse(name, "name"));
    bool goes_off = false;
    Notes notes;
    Need const need{Right::administer, Ground::domain, true};
    auto ran = run(request, need, key.text(), [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        CHECK_OK(check_fields(change, authority));
        auto const found = writing.domain(key.text());
        if (!found) return refuse(Fault::not_found, "name", key.text(), "is not a domain here");
        auto domain = *found;
        apply(change, domain);
        if (domain.kind != found->kind && domain.kind != mail::DomainKind::hosted &&
            writing.counts(key.text()).mailboxes > 0)
            return refuse(Fault::conflict, "kind", word(domain.kind),
                          "has no mailboxes, and " + key.text() + " has some");
        auto const time = house_.clock();
        Deed const deed{writing, authority, time, house_.delimiter, house_.target};
        Rules rules(writing, authority, time, house_.delimiter);
        CHECK_OK(rules.check(domain, &*found));
        writing.put(domain);
        CHECK_OK(check_leading(deed, domain, &*found, rules, notes));
        CHECK_OK(rules.check_counts(domain, found->limits));
        goes_off = is_off(domain, time) && !is_off(*found, time);
        if (goes_off) end_all_sessions(deed, domain);
        if (domain.limits.default_quota != found->limits.default_quota) leave_limits(writing, domain, time);
        audit_difference(writing, "domain.set", key.text(), describe(*found), describe(domain));
        return {};
    });
    auto done = TRY(std::move(ran));
    append(done.notes, notes);
    if (goes_off)
        done.notes.emplace_back("sign-ins are refused from now on; open sessions of its mailboxes are being ended");
    return done;
}

}  // namespace provost::directory
