// SPDX-License-Identifier: Apache-2.0
#include "mail/answers.h"

#include <algorithm>

namespace provost::mail {
namespace {

using Row = std::array<Told, all_conditions.size()>;

// Columns: active, receive-only, forward-only, suspended refuse, suspended hold, deleted.
constexpr std::array<Row, all_questions.size()> table{{
    /* mailboxes: queued mail of a refusing mailbox must not bounce, so it stays known */
    {Told::yes, Told::yes, Told::nothing, Told::yes, Told::yes, Told::nothing},
    /* aliases: one step; Postfix asks again */
    {Told::forwards_and_self, Told::forwards_and_self, Told::forwards, Told::nothing, Told::nothing, Told::nothing},
    /* access: at RCPT */
    {Told::nothing, Told::nothing, Told::nothing, Told::reject, Told::defer, Told::nothing},
    /* transport: what a refusing mailbox accepted before is delivered */
    {Told::mail_host, Told::mail_host, Told::nothing, Told::nothing, Told::wait, Told::nothing},
    /* senders: nobody else may send as it, also while it is off */
    {Told::owner, Told::owner, Told::owner, Told::owner, Told::owner, Told::nothing},
    /* sasl_access: an SMTP session that is already signed in */
    {Told::nothing, Told::reject, Told::reject, Told::reject, Told::reject, Told::reject},
    /* sign_in */
    {Told::verify, Told::no, Told::no, Told::no, Told::no, Told::no},
    /* user_delivery */
    {Told::yes, Told::yes, Told::yes, Told::yes, Told::cannot_tell, Told::nothing},
    /* user_admin */
    {Told::yes, Told::yes, Told::yes, Told::yes, Told::yes, Told::yes},
    /* list_admin */
    {Told::yes, Told::yes, Told::yes, Told::yes, Told::yes, Told::nothing},
    /* as_target */
    {Told::itself, Told::itself, Told::forwards, Told::left_out, Told::itself, Told::left_out},
}};

void join(std::vector<std::string> const& parts, std::string& text)
{
    text.clear();
    for (auto const& part : parts) {
        if (!text.empty()) text += ',';
        text += part;
    }
}

}  // namespace

char const* word(Map map)
{
    static constexpr std::array words{"domains", "aliasdomains", "mailboxes",    "aliases",
                                      "senders", "transport",    "relaydomains", "relayrecipients",
                                      "access",  "sasl_access",  "rcptbcc"};
    return words[static_cast<std::size_t>(map)];
}

char const* word(Condition condition)
{
    static constexpr std::array words{"active",           "receive-only", "forward-only", "suspended (refuse)",
                                      "suspended (hold)", "deleted"};
    return words[static_cast<std::size_t>(condition)];
}

char const* word(Question question)
{
    static constexpr std::array words{"mailboxes",        "aliases",          "access",     "transport",
                                      "senders",          "sasl_access",      "sign in",    "USER for delivery",
                                      "USER for doveadm", "LIST for doveadm", "as a target"};
    return words[static_cast<std::size_t>(question)];
}

char const* word(Told told)
{
    static constexpr std::array words{
        "nothing", "yes", "forwards and itself", "forwards", "550",     "450", "mail host", "retry", "owner",
        "verify",  "no",  "temporary failure",   "itself",   "left out"};
    return words[static_cast<std::size_t>(told)];
}

Told who_is_told_what(Question question, Condition condition)
{
    return table[static_cast<std::size_t>(question)][static_cast<std::size_t>(condition)];
}

Condition condition_of(MailboxFacts const& mailbox, DomainFacts const* domain, Time now)
{
    auto const passed = [&](std::int64_t expires) { return expires != never && to_millis(now) >= expires; };
    if (mailbox.state == MailboxState::deleted) return Condition::deleted;
    if (passed(mailbox.expires)) return Condition::refuse;
    if (domain != nullptr && (!domain->enabled || passed(domain->expires))) return Condition::refuse;
    switch (mailbox.state) {
        case MailboxState::active:
            return Condition::active;
        case MailboxState::receive_only:
            return Condition::receive_only;
        case MailboxState::forward_only:
            return Condition::forward_only;
        case MailboxState::suspended:
            return mailbox.suspension == Suspension::hold ? Condition::hold : Condition::refuse;
        case MailboxState::deleted:
            break;
    }
    return Condition::deleted;
}

Condition Answers::condition(MailboxFacts const& mailbox) const
{
    auto const at = mailbox.name.rfind('@');
    if (at == std::string_view::npos) return condition_of(mailbox, nullptr, now_);
    auto const domain = view_.domain(mailbox.name.substr(at + 1));
    return condition_of(mailbox, domain ? &*domain : nullptr, now_);
}

std::optional<MailboxFacts> Answers::login(std::string_view name) const { return mailbox_of(name, false); }

std::optional<MailboxFacts> Answers::known_as(std::string_view name) const { return mailbox_of(name, true); }

std::optional<MailboxFacts> Answers::mailbox_of(std::string_view name, bool formerly_too) const
{
    auto const folded_name = login_from_wire(name);
    if (!folded_name) return std::nullopt;
    auto const mailbox = [&](std::string_view key) -> std::optional<MailboxFacts> {
        auto const entry = view_.entry(key);
        if (entry.kind == Entry::Kind::mailbox) return entry.mailbox;
        if (entry.kind == Entry::Kind::alias) return std::nullopt;
        auto owner = view_.owner_of_login(key);
        if (!owner && formerly_too) owner = view_.owner_of_former_name(key);
        if (!owner) return std::nullopt;
        auto const owned = view_.entry(*owner);
        if (owned.kind != Entry::Kind::mailbox) return std::nullopt;
        return owned.mailbox;
    };
    if (auto found = mailbox(*folded_name)) return found;
    auto const address = Address::from_wire(*folded_name);
    if (!address) return std::nullopt;
    auto const base = address->without_extension(resolver_.delimiter());
    if (!base) return std::nullopt;
    return mailbox(Address::join(*base, address->domain()));
}

bool Answers::domain_is(std::string_view key, DomainKind first, DomainKind second) const
{
    auto const name = DomainName::parse(key);
    if (!name) return false;
    auto const domain = view_.domain(name->text());
    return domain && (domain->kind == first || domain->kind == second);
}

bool Answers::mailboxes(Address const& address) const
{
    auto const found = resolver_.find(address);
    return found.sort == Sort::mailbox &&
           who_is_told_what(Question::mailboxes, condition_of(found.mailbox, &found.domain, now_)) == Told::yes;
}

bool Answers::aliases(Address const& address, std::string& text) const
{
    auto const found = resolver_.find(address);
    auto next = resolver_.next(found);
    if (next.addresses.empty()) return false;
    if (next.keeps_itself) {
        // Listed under its canonical name, so that Postfix, which asks again for each result, comes to an end.
        auto self = Address::join(found.mailbox.name.substr(0, found.mailbox.name.rfind('@')), address.domain());
        self.insert(self.rfind('@'), found.extension());
        if (std::find(next.addresses.begin(), next.addresses.end(), self) == next.addresses.end())
            next.addresses.insert(next.addresses.begin(), std::move(self));
    }
    join(next.addresses, text);
    return true;
}

bool Answers::access(Address const& address, std::string& text) const
{
    auto const found = resolver_.find(address);
    if (found.sort == Sort::mailbox) {
        auto const condition = condition_of(found.mailbox, &found.domain, now_);
        switch (who_is_told_what(Question::access, condition)) {
            case Told::reject:
                text = "550 5.2.1 This mailbox is disabled";
                return true;
            case Told::defer:
                text = "450 4.2.1 This mailbox does not accept mail at the moment";
                return true;
            default:
                // What only forwards is as good as where it leads.
                if (condition != Condition::forward_only) return false;
        }
    }
    if (found.sort == Sort::foreign || found.sort == Sort::nothing || found.sort == Sort::relay) return false;
    if (resolver_.standing(address.text()) != Standing::refused) return false;
    text = "550 5.2.1 This address is disabled";
    return true;
}

bool Answers::transport(Address const& address, std::string& text) const
{
    auto const found = resolver_.find(address);
    if (found.sort == Sort::relay) {
        text = found.domain.transport;
        return !text.empty();
    }
    if (found.sort != Sort::mailbox) return false;
    switch (who_is_told_what(Question::transport, condition_of(found.mailbox, &found.domain, now_))) {
        case Told::wait:
            text = "retry:4.2.1 mailbox does not accept mail at the moment";
            return true;
        case Told::mail_host:
            text = found.mailbox.store == StoreState::ready ? found.mailbox.transport
                                                            : "retry:4.3.0 mailbox being prepared";
            return !text.empty();
        default:
            return false;
    }
}

bool Answers::senders(Address const& address, std::string& text) const
{
    auto found = resolver_.find(address);
    for (int steps = 0; found.sort == Sort::mapped && steps < most_mapped_steps; ++steps) {
        auto const there = Address::from_wire(found.target);
        if (!there) return false;
        found = resolver_.find(*there);
    }
    std::vector<std::string> names;
    auto const add_owners = [&](MailboxFacts const& mailbox, Condition condition) {
        if (who_is_told_what(Question::senders, condition) != Told::owner) return;
        names.emplace_back(mailbox.name);
        for (auto sender : mailbox.senders) names.emplace_back(sender);
    };
    if (found.sort == Sort::mailbox) add_owners(found.mailbox, condition_of(found.mailbox, &found.domain, now_));
    if (found.sort == Sort::alias && found.alias.targets_may_send) {
        for (auto target : found.alias.targets) {
            auto const there = Address::from_wire(target);
            if (!there) continue;
            auto const owner = resolver_.find(*there);
            if (owner.sort == Sort::mailbox)
                add_owners(owner.mailbox, condition_of(owner.mailbox, &owner.domain, now_));
        }
    }
    join(names, text);
    return !names.empty();
}

bool Answers::sasl_access(std::string_view name, std::string& text) const
{
    auto const mailbox = login(name);
    if (mailbox && who_is_told_what(Question::sasl_access, condition(*mailbox)) == Told::nothing &&
        mailbox->services.has(Service::submission))
        return false;
    text = "550 5.7.1 This account may not send mail";
    return true;
}

bool Answers::relay_recipient(Address const& address) const
{
    auto const found = resolver_.find(address);
    return found.domain.kind == DomainKind::relay && found.sort != Sort::foreign &&
           resolver_.domain_is_on(found.domain);
}

bool Answers::archive(Address const& address, std::string& text) const
{
    auto const domain = view_.domain(address.domain());
    if (!domain || domain->archive_to.empty() || domain->archive_to == address.text()) return false;
    text = domain->archive_to;
    return true;
}

bool Answers::ask(Map map, std::string_view key, std::string& text) const
{
    switch (map) {
        case Map::domains:
            text = "hosted";
            return domain_is(key, DomainKind::hosted, DomainKind::hosted);
        case Map::aliasdomains:
            text = "alias";
            return domain_is(key, DomainKind::alias, DomainKind::mapped);
        case Map::relaydomains:
            text = "relay";
            return domain_is(key, DomainKind::relay, DomainKind::relay);
        case Map::sasl_access:
            return sasl_access(key, text);
        default:
            break;
    }
    auto const address = Address::from_wire(key);
    if (!address) return false;
    switch (map) {
        case Map::mailboxes:
            text = "1";
            return mailboxes(*address);
        case Map::aliases:
            return aliases(*address, text);
        case Map::senders:
            return senders(*address, text);
        case Map::transport:
            return transport(*address, text);
        case Map::relayrecipients:
            text = "1";
            return relay_recipient(*address);
        case Map::access:
            return access(*address, text);
        case Map::rcptbcc:
            return archive(*address, text);
        case Map::domains:
        case Map::aliasdomains:
        case Map::relaydomains:
        case Map::sasl_access:
            break;
    }
    return false;
}

}  // namespace provost::mail
