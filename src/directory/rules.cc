// SPDX-License-Identifier: Apache-2.0
#include "directory/rules.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "directory/domain_parts.h"
#include "directory/record_view.h"
#include "mail/resolver.h"

namespace provost::directory {
namespace {

using mail::DomainKind;
using mail::MailboxKind;

constexpr std::size_t most_text = 1000;      // a description, a display name: what a page can still show
constexpr std::size_t most_steps = 100'000;  // of expansions that are looked through for one change: about a second

// transport:nexthop of transport(5). The value reaches Postfix as it stands, so its form is narrow.
Result<void> check_transport(std::string_view text)
{
    if (text.empty()) return {};
    auto const colon = text.find(':');
    bool const clean =
        std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != ',' && c != '"'; });
    if (colon == std::string_view::npos || colon == 0 || !clean || text.size() > 255)
        return refuse(Fault::invalid, "transport", text,
                      "is not of the form transport:nexthop, such as lmtp:inet:backend:24");
    return {};
}

bool contains(Rules::Targets const& targets, mail::Address const& target)
{
    return std::find(targets.begin(), targets.end(), target) != targets.end();
}

// Those of ASCII, those of Unicode (U+0080-009F), and its separators of lines and paragraphs (U+2028/2029).
bool has_control(std::string_view text)
{
    auto const at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0xFFU; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (at(i) < 0x20 || at(i) == 0x7F || (at(i) == 0xC2 && at(i + 1) < 0xA0)) return true;
        if (at(i) == 0xE2 && at(i + 1) == 0x80 && (at(i + 2) & 0xFEU) == 0xA8) return true;
    }
    return false;
}

}  // namespace

Result<void> check_text(std::string_view text, std::string_view field)
{
    if (text.size() > most_text) return refuse(Fault::invalid, field, text, "has more than 1000 octets");
    if (!is_utf8(text)) return refuse(Fault::invalid, field, text, "is not UTF-8");
    if (has_control(text)) return refuse(Fault::invalid, field, text, "has control characters");
    return {};
}

bool is_external(store::Reading& record, mail::Address const& address) { return !record.domain(address.domain()); }

Result<void> Rules::check_name(std::string_view name, std::string_view field, std::string const& owner)
{
    auto const holder = record_.owner_of_name(name);
    if (!holder || *holder == owner) return {};
    if (holder->starts_with("alias:")) return refuse(Fault::conflict, field, name, "is an alias already");
    auto const mailbox = record_.mailbox_by_id(std::string_view(*holder).substr(8));
    if (mailbox && mailbox->mailbox.name != name)
        return refuse(Fault::conflict, field, name,
                      "is a login of " + caller_.shown(mailbox->mailbox.name) + " already");
    return refuse(Fault::conflict, field, name, "is a mailbox already");
}

bool enters_domain(mail::Mailbox const& mailbox, mail::Mailbox const* before)
{
    return before == nullptr || before->state == mail::MailboxState::deleted ||
           domain_part(before->name) != domain_part(mailbox.name);
}

Rules::Targets gained(Rules::Targets const& targets, Rules::Targets const& before)
{
    Rules::Targets fresh;
    std::ranges::copy_if(targets, std::back_inserter(fresh), [&](auto const& one) { return !contains(before, one); });
    return fresh;
}

Result<void> Rules::check_kind(mail::Domain const& domain)
{
    if (domain.kind == DomainKind::mapped) {
        if (!domain.maps_to)
            return fail(Fault::invalid, "maps_to: a mapped domain needs the domain it maps to", "maps_to");
        auto const there = record_.domain(domain.maps_to->text());
        if (!there) return refuse(Fault::conflict, "maps_to", domain.maps_to->text(), "is not a domain here");
        if (there->kind == DomainKind::mapped || there->kind == DomainKind::relay)
            return refuse(
                Fault::conflict, "maps_to", domain.maps_to->text(),
                std::string("is a ") + word(there->kind) + " domain; only hosted and alias domains can be mapped to");
    } else if (domain.maps_to) {
        return refuse(Fault::invalid, "maps_to", domain.maps_to->text(), "is for mapped domains only");
    }
    return {};
}

Result<void> Rules::check(mail::Domain const& domain, mail::Domain const* before)
{
    if (!before || before->description != domain.description) CHECK_OK(check_text(domain.description, "description"));
    CHECK_OK(check_transport(domain.transport));
    if (!before || before->kind != domain.kind || before->maps_to != domain.maps_to) CHECK_OK(check_kind(domain));
    if (domain.kind != DomainKind::relay && !domain.transport.empty())
        return refuse(Fault::invalid, "transport", domain.transport, "is for relay domains only");
    if (!domain.catch_all.empty() && domain.kind != DomainKind::hosted && domain.kind != DomainKind::alias)
        return refuse(Fault::invalid, "catch_all", domain.catch_all.front().text(),
                      "is for hosted and alias domains only");
    auto const had = before ? before->catch_all : Targets();
    CHECK_OK(check_targets(domain.catch_all, "catch_all", {}, had));
    for (auto const& target : gained(domain.catch_all, had)) {
        if (target.domain() != domain.name.text()) continue;
        RecordView const view(record_);
        if (mail::Resolver(view, now_, delimiter_).find(target).sort == mail::Sort::catch_all)
            return refuse(Fault::conflict, "catch_all", target.text(), "does not exist");
    }
    if (domain.archive_to && (!before || before->archive_to != domain.archive_to)) {
        Targets const archive{*domain.archive_to};
        CHECK_OK(check_targets(archive, "archive_to", {}, {}));
    }
    return {};
}

Result<void> Rules::check_targets(Targets const& targets, std::string_view field, std::string_view self,
                                  Targets const& before)
{
    RecordView const view(record_);
    mail::Resolver const resolver(view, now_, delimiter_);
    std::set<std::string> seen;
    if (targets.size() > mail::most_expanded)
        return refuse(Fault::conflict, field, std::to_string(targets.size()),
                      "is more addresses than the 1000 Postfix expands to");
    for (auto const& target : targets) {
        if (!seen.insert(target.text()).second) return refuse(Fault::conflict, field, target.text(), "is named twice");
        if (target.text() == self) return refuse(Fault::conflict, field, target.text(), "leads back to itself");
        if (contains(before, target)) continue;
        auto const found = resolver.find(target);
        if (found.sort != mail::Sort::nothing) continue;
        if (view.is_deleted(target.text()) && caller_.sees(target.text()))
            return refuse(Fault::conflict, field, target.text(), "is deleted");
        return refuse(Fault::conflict, field, target.text(), "does not exist, and its domain is kept here");
    }
    return {};
}

Result<void> Rules::check_logins(mail::Mailbox const& mailbox)
{
    auto const owner = "mailbox:" + mailbox.id.text();
    if (mailbox.kind == MailboxKind::shared && !mailbox.logins.empty())
        return refuse(Fault::invalid, "logins", mailbox.logins.front(),
                      "cannot be: a shared mailbox has no login of its own");
    std::set<std::string> seen{mailbox.name};
    for (auto const& login : mailbox.logins) {
        if (!seen.insert(login).second) return refuse(Fault::conflict, "logins", login, "is named twice");
        CHECK_OK(check_name(login, "logins", owner));
    }
    return {};
}

Result<void> Rules::check_members(mail::Mailbox const& mailbox, mail::Mailbox const* before)
{
    auto const& members = mailbox.members;
    if (members.empty() || (before && before->members == members)) return {};
    if (mailbox.kind != MailboxKind::shared)
        return refuse(Fault::invalid, "members", members.front().name, "cannot be: only a shared mailbox has members");
    std::set<std::string> seen;
    for (auto const& member : members) {
        if (member.mailbox == mailbox.id)
            return refuse(Fault::conflict, "members", member.name, "is the shared mailbox itself");
        if (!seen.insert(member.mailbox.text()).second)
            return refuse(Fault::conflict, "members", member.name, "is named twice");
    }
    return {};
}

Result<void> Rules::check(mail::Mailbox const& mailbox, mail::Mailbox const* before)
{
    CHECK_OK(check_name(mailbox.name, "name", "mailbox:" + mailbox.id.text()));
    CHECK_OK(check_logins(mailbox));
    if (!before || before->display_name != mailbox.display_name)
        CHECK_OK(check_text(mailbox.display_name, "display_name"));
    CHECK_OK(check_transport(mailbox.transport));
    CHECK_OK(check_members(mailbox, before));
    if (mailbox.kind == MailboxKind::service) {
        if (mailbox.name.find('@') != std::string::npos)
            return refuse(Fault::invalid, "name", mailbox.name, "is an address; a service has a bare name");
        if (!mailbox.forwards.empty())
            return refuse(Fault::invalid, "forwards", mailbox.forwards.front().text(),
                          "cannot be: a service gets no mail");
        return {};
    }
    auto const domain = record_.domain(domain_part(mailbox.name));
    if (mailbox.name.find('@') == std::string::npos)
        return refuse(Fault::invalid, "name", mailbox.name, "needs an @; only a service has a bare name");
    if (!domain) return refuse(Fault::conflict, "name", mailbox.name, "is in a domain that is not kept here");
    if (domain->kind != DomainKind::hosted)
        return refuse(Fault::conflict, "name", mailbox.name,
                      std::string("is in a domain of kind ") + word(domain->kind) + ", which has no mailboxes");
    CHECK_OK(check_targets(mailbox.forwards, "forwards", mailbox.name, before ? before->forwards : Targets()));
    if (mailbox.state == mail::MailboxState::forward_only && mailbox.forwards.empty())
        return refuse(Fault::conflict, "state", "forward-only", "needs forwards");
    if (!enters_domain(mailbox, before) && before->quota_bytes == mailbox.quota_bytes) return {};
    return check_quota(*domain, mailbox);
}

Result<void> Rules::check(mail::Alias const& alias, mail::Alias const* before)
{
    CHECK_OK(check_name(alias.address.text(), "address", "alias:" + alias.id.text()));
    if (!before || before->description != alias.description) CHECK_OK(check_text(alias.description, "description"));
    if (!record_.domain(alias.address.domain()))
        return refuse(Fault::conflict, "address", alias.address.text(), "is in a domain that is not kept here");
    // Kept only when it can be kept: nothing asks who posts until Postfix has a policy service to ask.
    if (alias.posting != mail::Posting::anyone)
        return refuse(Fault::conflict, "posting", word(alias.posting),
                      "is not enforced by this version, so it cannot be set");
    if (!alias.posters.empty() && (!before || before->posters != alias.posters))
        return refuse(Fault::conflict, "posters", alias.posters.front().text(),
                      "is for posting by those listed, which is not enforced by this version");
    if (alias.targets.empty()) return fail(Fault::invalid, "targets: an alias needs at least one", "targets");
    return check_targets(alias.targets, "targets", alias.address.text(), before ? before->targets : Targets());
}

Result<void> Rules::check_expansion(mail::Address const& address, std::string_view field)
{
    RecordView const view(record_);
    mail::Resolver const resolver(view, now_, delimiter_);
    std::vector<mail::Address> open{address};
    std::set<std::string> seen{address.text()};
    for (std::size_t steps = 0; !open.empty();) {
        auto const current = open.back();
        open.pop_back();
        auto const expansion = resolver.expand_all(current);
        if (expansion.loop)
            return refuse(Fault::conflict, field, caller_.shown(*expansion.loop), "leads back to itself");
        if (expansion.too_large)
            return refuse(Fault::conflict, field, caller_.shown(current.text()),
                          "would expand to more than the 1000 addresses Postfix allows");
        steps += expansion.steps.size();
        if (steps > most_steps)
            return refuse(Fault::conflict, field, caller_.shown(address.text()),
                          "is named in so many places that nobody can tell whether Postfix would still expand them");
        for (auto& referrer : leading_to(current))
            if (seen.insert(referrer.text()).second) open.push_back(std::move(referrer));
    }
    return {};
}

// What mail comes from to the address: aliases and forwarding mailboxes, and for a catch-all somebody who is nobody.
Rules::Targets Rules::leading_to(mail::Address const& address)
{
    Targets out;
    auto const referrers = record_.referrers(address.text(), delimiter_);
    auto const leads_here = [&](Targets const& targets) {
        return std::any_of(targets.begin(), targets.end(), [&](auto const& target) {
            auto const base = target.without_extension(delimiter_);
            return target == address || (base && *base == address.local() && target.domain() == address.domain());
        });
    };
    for (auto const& alias : referrers.aliases)
        if (leads_here(alias.targets)) out.push_back(alias.address);
    for (auto const& mailbox : referrers.mailboxes) {
        if (mailbox.state == mail::MailboxState::deleted || !leads_here(mailbox.forwards)) continue;
        if (auto own = mail::Address::from_wire(mailbox.name)) out.push_back(*std::move(own));
    }
    for (auto const& domain : referrers.domains) {
        if (!leads_here(domain.catch_all)) continue;
        auto anybody = mail::Address::from_wire(mail::Address::join(DomainId::make().text(), domain.name.text()));
        if (anybody) out.push_back(*std::move(anybody));
    }
    return out;
}

Result<void> Rules::check_counts(mail::Domain const& domain, mail::DomainLimits const& before)
{
    auto limits = domain.limits;
    for (auto const limit : {&mail::DomainLimits::mailboxes, &mail::DomainLimits::aliases,
                             &mail::DomainLimits::external_aliases, &mail::DomainLimits::total_quota})
        if (limits.*limit == before.*limit) limits.*limit = Limit::unset();
    // Counting is paid by the mailbox, so a domain without limits is not counted at each act.
    if (!limits.mailboxes.number() && !limits.aliases.number() && !limits.external_aliases.number() &&
        !limits.total_quota.number())
        return {};
    auto const counts = record_.counts(domain.name.text());
    auto const within = [&](Limit limit, std::int64_t count, char const* field, char const* what) -> Result<void> {
        if (limit.allows(count)) return {};
        return fail(Fault::conflict,
                    std::string(field) + ": " + domain.name.text() + " may have " + count_text(limit) + " " + what +
                        ", and would have " + std::to_string(count),
                    field);
    };
    CHECK_OK(within(limits.mailboxes, counts.mailboxes, "max_mailboxes", "mailboxes"));
    CHECK_OK(within(limits.aliases, counts.aliases, "max_aliases", "aliases"));
    CHECK_OK(within(limits.external_aliases, counts.external_aliases, "max_external_aliases",
                    "aliases with targets outside"));
    if (!limits.total_quota.allows(counts.quota_sum))
        return refuse(Fault::conflict, "quota", size_text(Limit::of(counts.quota_sum)),
                      "in all is more than the " + size_text(limits.total_quota) + " of " + domain.name.text());
    return {};
}

Result<void> Rules::check_quota(mail::Domain const& domain, mail::Mailbox const& mailbox)
{
    // Its own admin cannot escape the domain's total by a mailbox that has none of its own.
    if (domain.limits.total_quota.number() && !mailbox.quota_bytes.number() && !caller_.runs_site())
        return refuse(Fault::conflict, "quota", size_text(mailbox.quota_bytes),
                      "must be a size, since all mailboxes of " + domain.name.text() + " together may have " +
                          size_text(domain.limits.total_quota));
    auto const most = domain.limits.quota_per_mailbox;
    if (!most.number()) return {};
    auto const quota = mailbox.quota_bytes.or_else(domain.limits.default_quota);
    auto const number = quota.number();
    // Nothing said where the domain has a maximum means the maximum would not hold, so it must be said.
    if (!number || !most.allows(*number))
        return refuse(Fault::conflict, "quota", size_text(quota),
                      "is more than the " + size_text(most) + " a mailbox of " + domain.name.text() + " may have");
    return {};
}

Result<void> Rules::check_aliases_per_mailbox(mail::Alias const& alias, Targets const& before)
{
    for (auto const& target : gained(alias.targets, before)) {
        auto const domain = record_.domain(target.domain());
        if (!domain || !domain->limits.aliases_per_mailbox.number() || !record_.mailbox(target.text())) continue;
        auto const count = static_cast<std::int64_t>(record_.aliases_with_target(target.text()).size());
        if (domain->limits.aliases_per_mailbox.allows(count)) continue;
        if (!caller_.sees(target.text()))
            return refuse(Fault::conflict, "targets", target.text(), "is named by as many aliases as it may be");
        return refuse(Fault::conflict, "targets", target.text(),
                      "may be named by " + count_text(domain->limits.aliases_per_mailbox) +
                          " aliases, and would be by " + std::to_string(count));
    }
    return {};
}

}  // namespace provost::directory
