// SPDX-License-Identifier: Apache-2.0
// What an address is: a pure function over a snapshot, the same for every question, for writing and for explaining.
//
//   exact alias -> mailbox -> the same without its extension -> nobody, if it was deleted and can be restored ->
//   mapped domain, if the target exists -> catch-all
//
// Always ends, whatever the data: mapped domains are followed a bounded number of times, and expansions visit an
// address once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/facts.h"

namespace provost::mail {

// Postfix's virtual_alias_expansion_limit and virtual_alias_recursion_limit (3.7): beyond, it defers.
inline constexpr std::size_t most_expanded = 1000;
inline constexpr int most_mapped_steps = 4;  // mapped domains that point at mapped domains; writing allows one

enum class Sort : std::uint8_t {
    foreign,  // not a domain of ours
    nothing,  // our domain, and nobody there
    alias,
    mailbox,    // may be off or forward-only: see answers.h
    mapped,     // `target` is the address in the other domain
    catch_all,  // the domain's
    relay,      // our domain, and whoever is behind it knows
};

struct Resolution {
    Sort sort = Sort::foreign;
    std::string address;           // as asked, folded
    std::size_t extension_at = 0;  // what was dropped from `address` to find it, with its delimiter
    std::size_t extension_size = 0;
    std::string target;  // mapped: the address there, extension included
    DomainFacts domain;
    MailboxFacts mailbox;
    AliasFacts alias;

    std::string_view extension() const { return std::string_view(address).substr(extension_at, extension_size); }
};

// What becomes of mail for an address, all steps taken together.
enum class Standing : std::uint8_t {
    deliverable,  // at least one recipient takes it, or is not ours to judge
    held,         // nobody takes it now; somebody will
    refused,      // everybody there is off
    gone,         // there is nobody
};

// One step of an expansion, for people.
struct Step {
    std::string subject;  // the address looked at
    std::string what;     // "alias", "mailbox, active", "external", ...
    std::vector<std::string> leads_to;
};

struct Expansion {
    std::vector<std::string> recipients;  // where mail ends up: mailboxes and external addresses, each once
    std::vector<Step> steps;
    bool too_large = false;           // more than most_expanded addresses, a list counted as often as it is named
    std::optional<std::string> loop;  // an address that leads back to itself, other than by keeping a copy
};

class Resolver {
public:
    Resolver(View const& view, Time now, char delimiter) : view_(view), now_(now), delimiter_(delimiter) {}

    Resolution find(Address const& address) const;
    Standing standing(std::string_view address) const;
    Expansion expand(Address const& address) const;
    // The same as if everything were on: what writing is judged by, since what is off may come back.
    Expansion expand_all(Address const& address) const;

    // Whether mail for the address ends in mailboxes alone, in one at least, and `holds` is true of each of them. What
    // waits, is off or is somebody else's makes it false.
    bool ends_only_where(Address const& address, std::function<bool(MailboxFacts const&)> const& holds) const;

    // The addresses one step on: targets of an alias, forwards, the mapped address, the catch-all; those that are off
    // left out as the table says. `keeps_itself` tells whether the mailbox itself is among the recipients.
    struct Next {
        std::vector<std::string> addresses;
        bool keeps_itself = false;
    };
    Next next(Resolution const& found) const;
    Next next_if_all_were_on(Resolution const& found) const;

    bool domain_is_on(DomainFacts const& domain) const;
    bool alias_is_on(Resolution const& found) const;
    View const& view() const { return view_; }
    Time now() const { return now_; }
    char delimiter() const { return delimiter_; }

private:
    Resolution find(Address const& address, int mapped_steps) const;
    bool is_deleted(Address const& address) const;
    bool find_entry(Resolution& found, std::string_view name) const;
    void add_target(std::string_view target, std::string_view extension, std::vector<std::string>& out) const;
    std::vector<std::string> targets_of(TextList targets, std::string_view extension) const;

    View const& view_;
    Time now_;
    char delimiter_;
};

}  // namespace provost::mail
