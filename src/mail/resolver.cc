// SPDX-License-Identifier: Apache-2.0
#include "mail/resolver.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "mail/answers.h"

namespace provost::mail {
namespace {

// The extension goes on to what is ours; other sites need not know extensions.
std::string with_extension(std::string_view address, std::string_view extension)
{
    auto const at = address.rfind('@');
    std::string out(address.substr(0, at));
    out += extension;
    out += address.substr(at);
    return out;
}

void add_once(std::vector<std::string>& list, std::string address)
{
    if (std::find(list.begin(), list.end(), address) == list.end()) list.push_back(std::move(address));
}

}  // namespace

bool Resolver::domain_is_on(DomainFacts const& domain) const
{
    return domain.enabled && (domain.expires == never || to_millis(now_) < domain.expires);
}

bool Resolver::alias_is_on(Resolution const& found) const
{
    return found.alias.enabled && (found.alias.expires == never || to_millis(now_) < found.alias.expires) &&
           domain_is_on(found.domain);
}

bool Resolver::find_entry(Resolution& found, std::string_view name) const
{
    auto const entry = view_.entry(name);
    switch (entry.kind) {
        case Entry::Kind::none:
            return false;
        case Entry::Kind::alias:
            found.sort = Sort::alias;
            found.alias = entry.alias;
            return true;
        case Entry::Kind::mailbox:
            found.sort = Sort::mailbox;
            found.mailbox = entry.mailbox;
            return true;
    }
    return false;
}

// Nobody else gets the mail of somebody who may come back.
bool Resolver::is_deleted(Address const& address) const
{
    if (view_.is_deleted(address.text())) return true;
    auto const base = address.without_extension(delimiter_);
    return base && view_.is_deleted(Address::join(*base, address.domain()));
}

Resolution Resolver::find(Address const& address) const { return find(address, 0); }

Resolution Resolver::find(Address const& address, int mapped_steps) const
{
    Resolution found;
    found.address = address.text();
    auto const domain = view_.domain(address.domain());
    if (!domain) return found;
    found.domain = *domain;
    if (find_entry(found, found.address)) return found;

    if (auto const base = address.without_extension(delimiter_)) {
        if (find_entry(found, Address::join(*base, address.domain()))) {
            found.extension_at = base->size();
            found.extension_size = address.local().size() - base->size();
            return found;
        }
    }
    found.sort = Sort::nothing;
    bool const is_somebody_elses =
        domain->kind == DomainKind::mapped || domain->kind == DomainKind::relay || !domain->catch_all.empty();
    if (!is_somebody_elses || is_deleted(address)) return found;
    if (domain->kind == DomainKind::mapped && mapped_steps < most_mapped_steps) {
        auto const there = find(address.at(domain->maps_to), mapped_steps + 1);
        if (there.sort == Sort::alias || there.sort == Sort::mailbox || there.sort == Sort::catch_all ||
            there.sort == Sort::mapped) {
            found.sort = Sort::mapped;
            found.target = there.address;
        }
    } else if (!domain->catch_all.empty()) {
        found.sort = Sort::catch_all;
    } else if (domain->kind == DomainKind::relay) {
        found.sort = Sort::relay;
    }
    return found;
}

// Every address that can be reached is looked at once, and the best standing found is the answer; so neither the
// order of rows nor a loop can change it.
Standing Resolver::standing(std::string_view address) const
{
    std::vector<std::string> open{std::string(address)};
    std::unordered_set<std::string> seen{open.front()};
    auto best = Standing::gone;
    auto const at_least = [&](Standing standing) { best = std::min(best, standing); };
    auto const visit_one = [&](std::string_view target) {
        if (seen.emplace(target).second) open.emplace_back(target);
        // Beyond this Postfix defers by itself; judging a part would make the order of rows count.
        if (seen.size() > most_expanded) at_least(Standing::deliverable);
    };
    auto const visit = [&](TextList list) {
        for (auto target : list) visit_one(target);
    };
    // There is nothing better than deliverable.
    while (!open.empty() && best != Standing::deliverable) {
        auto const current = Address::from_wire(open.back());
        open.pop_back();
        if (!current) continue;
        auto const found = find(*current);
        switch (found.sort) {
            case Sort::foreign:
            case Sort::relay:
                at_least(Standing::deliverable);
                break;
            case Sort::nothing:
                break;
            case Sort::mapped:
                if (!domain_is_on(found.domain)) at_least(Standing::refused);
                else visit_one(found.target);
                break;
            case Sort::catch_all:
                if (domain_is_on(found.domain)) visit(found.domain.catch_all);
                else at_least(Standing::refused);
                break;
            case Sort::alias:
                if (alias_is_on(found)) visit(found.alias.targets);
                else at_least(Standing::refused);
                break;
            case Sort::mailbox:
                switch (condition_of(found.mailbox, &found.domain, now_)) {
                    case Condition::active:
                    case Condition::receive_only:
                        at_least(Standing::deliverable);
                        break;
                    case Condition::forward_only:
                        visit(found.mailbox.forwards);
                        break;
                    case Condition::hold:
                        at_least(Standing::held);
                        break;
                    case Condition::refuse:
                        at_least(Standing::refused);
                        break;
                    case Condition::deleted:
                        break;
                }
                break;
        }
    }
    return best;
}

// The table's row "as a target of an alias": itself, its forwards, or nothing.
void Resolver::add_target(std::string_view target, std::string_view extension, std::vector<std::string>& out) const
{
    auto const address = Address::from_wire(target);
    if (!address) return;
    auto const found = find(*address);
    if (found.sort == Sort::foreign) {
        add_once(out, std::string(target));
        return;
    }
    auto const is_mailbox = found.sort == Sort::mailbox;
    auto const condition = is_mailbox ? condition_of(found.mailbox, &found.domain, now_) : Condition::deleted;
    bool const takes_all = condition == Condition::active || condition == Condition::receive_only;
    // What takes all of it is what most targets are, and stands as nothing else has to be asked for.
    auto const standing_there = takes_all ? Standing::deliverable : standing(target);
    if (standing_there == Standing::refused || standing_there == Standing::gone) return;
    if (condition == Condition::forward_only) {
        for (auto forward : found.mailbox.forwards) {
            auto const step = Address::from_wire(forward);
            if (!step) continue;
            auto const there = standing(forward);
            if (there == Standing::deliverable || there == Standing::held) add_once(out, std::string(forward));
        }
        return;
    }
    add_once(out, with_extension(target, extension));
}

std::vector<std::string> Resolver::targets_of(TextList targets, std::string_view extension) const
{
    std::vector<std::string> out;
    for (auto target : targets) add_target(target, extension, out);
    if (!out.empty()) return out;
    // Alone with what is off, an alias answers as that does: the address stays, so that the refusal at RCPT says
    // why (5.2.1) and mail accepted earlier is still delivered.
    for (auto target : targets)
        if (standing(target) == Standing::refused) add_once(out, with_extension(target, extension));
    return out;
}

Resolver::Next Resolver::next(Resolution const& found) const
{
    Next next;
    switch (found.sort) {
        case Sort::foreign:
        case Sort::relay:
        case Sort::nothing:
            break;
        case Sort::mapped:
            if (domain_is_on(found.domain)) next.addresses.push_back(found.target);
            break;
        case Sort::catch_all:
            if (domain_is_on(found.domain)) next.addresses = targets_of(found.domain.catch_all, {});
            break;
        case Sort::alias:
            if (alias_is_on(found)) next.addresses = targets_of(found.alias.targets, found.extension());
            break;
        case Sort::mailbox:
            switch (who_is_told_what(Question::aliases, condition_of(found.mailbox, &found.domain, now_))) {
                case Told::forwards_and_self:
                    if (found.mailbox.forwards.empty()) {
                        next.keeps_itself = true;
                        break;
                    }
                    for (auto forward : found.mailbox.forwards) add_target(forward, {}, next.addresses);
                    // Forwards that are all off must not make mail vanish: then it is kept here.
                    next.keeps_itself = found.mailbox.keep_copy || next.addresses.empty();
                    break;
                case Told::forwards:
                    next.addresses = targets_of(found.mailbox.forwards, {});
                    break;
                default:
                    break;  // the table tells this row nothing else
            }
            break;
    }
    return next;
}

bool Resolver::ends_only_where(Address const& address, std::function<bool(MailboxFacts const&)> const& holds) const
{
    std::vector<std::string> open{address.text()};
    std::unordered_set<std::string> seen{open.front()};
    bool ends = false;
    while (!open.empty()) {
        auto const current = Address::from_wire(open.back());
        open.pop_back();
        if (!current) return false;
        auto const found = find(*current);
        auto const after = next(found);
        if (after.keeps_itself ? !holds(found.mailbox) : after.addresses.empty()) return false;
        ends = ends || after.keeps_itself;
        for (auto const& step : after.addresses)
            if (seen.emplace(step).second) open.push_back(step);
        if (seen.size() > most_expanded) return false;
    }
    return ends;
}

Resolver::Next Resolver::next_if_all_were_on(Resolution const& found) const
{
    Next next;
    auto const add = [&](TextList list) {
        for (auto target : list) add_once(next.addresses, std::string(target));
    };
    switch (found.sort) {
        case Sort::foreign:
        case Sort::relay:
            break;
        case Sort::nothing:
            add(found.domain.catch_all);  // there is one where somebody deleted is given up in the end
            break;
        case Sort::mapped:
            next.addresses.push_back(found.target);
            break;
        case Sort::catch_all:
            add(found.domain.catch_all);
            break;
        case Sort::alias:
            add(found.alias.targets);
            break;
        case Sort::mailbox:
            add(found.mailbox.forwards);
            next.keeps_itself = found.mailbox.state != MailboxState::forward_only;
            break;
    }
    return next;
}

namespace {

std::string description(Resolution const& found, Resolver const& resolver)
{
    switch (found.sort) {
        case Sort::foreign:
            return "external address";
        case Sort::nothing:
            return "nobody";
        case Sort::alias:
            return resolver.alias_is_on(found) ? "alias" : "alias, off";
        case Sort::mailbox:
            return std::string("mailbox, ") + word(condition_of(found.mailbox, &found.domain, resolver.now()));
        case Sort::mapped:
            return "mapped domain";
        case Sort::catch_all:
            return "catch-all of the domain";
        case Sort::relay:
            return "relay domain";
    }
    return "";
}

// A walk in depth that knows its own path, so that a loop is found and named.
class Walk {
public:
    Walk(Resolver const& resolver, Resolver::Next (Resolver::*next)(Resolution const&) const)
        : resolver_(resolver), next_(next)
    {
    }

    // Returns how many addresses come of it. Postfix expands a list as often as it is named, and counts each.
    std::size_t visit(std::string const& text)
    {
        if (auto const place = places_.find(text); place != places_.end()) {
            if (place->second.is_on_path && !result.loop) result.loop = text;
            return place->second.produced;
        }
        if (places_.size() > most_expanded) result.too_large = true;
        auto const address = Address::from_wire(text);
        if (result.too_large || !address) return 1;
        places_[text].is_on_path = true;
        auto const found = resolver_.find(*address);
        auto const next = (resolver_.*next_)(found);
        bool const ends_here = found.sort == Sort::foreign || found.sort == Sort::relay ||
                               (found.sort == Sort::mailbox && next.keeps_itself);
        result.steps.push_back({text, description(found, resolver_), next.addresses});
        if (ends_here) result.recipients.push_back(text);
        std::size_t produced = ends_here || next.addresses.empty() ? 1 : 0;
        for (auto const& step : next.addresses) {
            if (step == text && !result.loop) result.loop = text;
            produced = std::min(produced + (step == text ? 1 : visit(step)), most_expanded + 1);
        }
        if (produced > most_expanded) result.too_large = true;
        places_[text] = {.is_on_path = false, .produced = produced};
        return produced;
    }

    Expansion result;

private:
    struct Place {
        bool is_on_path = false;
        std::size_t produced = 1;
    };
    Resolver const& resolver_;
    Resolver::Next (Resolver::*next_)(Resolution const&) const;
    std::unordered_map<std::string, Place> places_;
};

}  // namespace

Expansion Resolver::expand(Address const& address) const
{
    Walk walk(*this, &Resolver::next);
    walk.visit(address.text());
    return std::move(walk.result);
}

Expansion Resolver::expand_all(Address const& address) const
{
    Walk walk(*this, &Resolver::next_if_all_were_on);
    walk.visit(address.text());
    return std::move(walk.result);
}

}  // namespace provost::mail
