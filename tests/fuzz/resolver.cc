// SPDX-License-Identifier: Apache-2.0
// What an address is, over small directories of any shape, also damaged ones: the answer comes, and is bounded.
#include "mail/resolver.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "fuzz/target.h"
#include "mail/answers.h"

using namespace provost;
using namespace provost::mail;

namespace {

constexpr std::array<std::string_view, 4> domains{"a.test", "b.test", "c.test", "d.test"};
constexpr std::array<std::string_view, 16> names{
    "1@a.test", "2@a.test", "1+x@a.test", "3@a.test", "1@b.test",   "2@b.test",  "1+x@b.test", "postmaster@b.test",
    "1@c.test", "2@c.test", "1@d.test",   "2@d.test", "1@far.test", "+x@a.test", "bare",       "\"1\"@a.test"};

// A directory out of bytes: every fact is one that the copy could hold.
class MadeView final : public View {
public:
    explicit MadeView(fuzz::Input& from)
    {
        for (auto& each : domains_) make(each, from);
        for (auto& each : entries_) make(each, from);
        for (auto& each : deleted_) each = from.below(4) == 0;
        for (auto& each : owners_) each = from.below(names.size() * 2);
    }

    std::optional<DomainFacts> domain(std::string_view name) const override
    {
        for (std::size_t i = 0; i < domains.size(); ++i)
            if (domains[i] == name) return domains_[i];
        return std::nullopt;
    }
    Entry entry(std::string_view name) const override
    {
        auto const at = place_of(name);
        return at < names.size() ? entries_[at] : Entry();
    }
    bool is_deleted(std::string_view name) const override
    {
        auto const at = place_of(name);
        return at < names.size() && deleted_[at];
    }
    std::optional<std::string_view> owner_of_login(std::string_view login) const override { return owner(login); }
    std::optional<std::string_view> owner_of_former_name(std::string_view name) const override { return owner(name); }

private:
    static std::size_t place_of(std::string_view name)
    {
        return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    }
    std::optional<std::string_view> owner(std::string_view name) const
    {
        auto const at = place_of(name);
        if (at == names.size() || owners_[at] >= names.size()) return std::nullopt;
        return names[owners_[at]];
    }

    TextList list(fuzz::Input& from)
    {
        auto const count = from.below(8);
        auto& bytes = kept_[used_++];
        for (std::size_t i = 0; i < count; ++i) TextList::append(bytes, names[from.below(names.size())]);
        if (count == 7) bytes = from.text(12);  // as damage would have it
        return TextList(bytes);
    }
    void make(std::optional<DomainFacts>& domain, fuzz::Input& from)
    {
        auto const bits = from.byte();
        if ((bits & 1U) == 0) return;
        domain.emplace();
        domain->kind = static_cast<DomainKind>(bits >> 1U & 3U);
        domain->enabled = (bits & 8U) == 0;
        domain->expires = (bits & 16U) == 0 ? never : 1;
        if (domain->kind == DomainKind::mapped) domain->maps_to = domains[bits >> 5U & 3U];
        if ((bits & 128U) != 0) domain->catch_all = list(from);
        if (domain->kind == DomainKind::relay) domain->transport = "smtp:[far.test]";
        domain->archive_to = (bits & 64U) == 0 ? "" : names[4];
    }
    void make(Entry& entry, fuzz::Input& from)
    {
        auto const bits = from.byte();
        auto const name = names[static_cast<std::size_t>(&entry - entries_.data())];
        entry.kind = static_cast<Entry::Kind>(bits & 3U) > Entry::Kind::alias ? Entry::Kind::alias
                                                                              : static_cast<Entry::Kind>(bits & 3U);
        if (entry.kind == Entry::Kind::alias) {
            entry.alias.address = name;
            entry.alias.enabled = (bits & 4U) == 0;
            entry.alias.targets_may_send = (bits & 8U) != 0;
            entry.alias.targets = list(from);
        } else if (entry.kind == Entry::Kind::mailbox) {
            entry.mailbox.name = name;
            entry.mailbox.state = static_cast<MailboxState>((bits >> 2U & 7U) % 5);
            entry.mailbox.suspension = static_cast<Suspension>(bits >> 5U & 1U);
            entry.mailbox.keep_copy = (bits & 64U) == 0;
            entry.mailbox.store = (bits & 128U) == 0 ? StoreState::ready : StoreState::preparing;
            entry.mailbox.forwards = list(from);
            entry.mailbox.senders = list(from);
        }
    }

    std::array<std::optional<DomainFacts>, domains.size()> domains_;
    std::array<Entry, names.size()> entries_;
    std::array<bool, names.size()> deleted_;
    std::array<std::size_t, names.size()> owners_{};
    std::array<std::string, domains.size() + 2 * names.size()> kept_;
    std::size_t used_ = 0;
};

void check(Expansion const& expansion)
{
    HOLDS(expansion.recipients.size() <= most_expanded);
    HOLDS(expansion.steps.size() <= most_expanded);
}

// One question, which the input chooses: more of them come to be asked than of all at once.
void ask(MadeView const& view, std::size_t question, std::string_view key)
{
    Answers const answers(view, from_millis(1'000'000), '+');
    if (question < all_maps.size()) {
        std::string text;
        if (answers.ask(all_maps[question], key, text)) HOLDS(!text.empty());
        HOLDS(text.find('\n') == std::string::npos);
        return;
    }
    auto const& resolver = answers.resolver();
    auto const address = Address::from_wire(key);
    switch (question - all_maps.size()) {
        case 0:
            answers.login(key);
            break;
        case 1:
            answers.known_as(key);
            break;
        case 2:
            HOLDS(resolver.standing(key) <= Standing::gone);
            break;
        case 3:
            if (address) check(resolver.expand(*address));
            break;
        case 4:
            if (address) check(resolver.expand_all(*address));
            break;
        default:
            if (!address) break;
            auto const found = resolver.find(*address);
            HOLDS(found.address == address->text());
            resolver.next(found);
    }
}

constexpr std::size_t questions = all_maps.size() + 6;

}  // namespace

FUZZ_TARGET(resolver, input)
{
    fuzz::Input from(input);
    MadeView const view(from);
    auto const question = from.below(questions);
    auto const name = from.below(2 * names.size());
    try {
        ask(view, question, name < names.size() ? names[name] : from.rest());
    } catch (std::runtime_error const&) {
        // "cannot tell", as a damaged copy is; never "not there".
    }
}
