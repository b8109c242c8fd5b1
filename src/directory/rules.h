// SPDX-License-Identifier: Apache-2.0
// What must hold before an act is committed. Each rule is asked inside the writing transaction, where nobody else can
// change what it looks at; a refusal names the field, the value and the rule, and no address its caller may not see.
#pragma once

#include <string>
#include <string_view>

#include "directory/authority.h"
#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

class Rules {
public:
    Rules(store::Reading& record, Authority const& caller, Time now, char delimiter)
        : record_(record), caller_(caller), now_(now), delimiter_(delimiter)
    {
    }

    // The whole of an object as it is about to be, or has just been, written. What it was `before` is not judged again:
    // it can still be changed otherwise, and switched off, where a limit was lowered or a target has gone meanwhile.
    // None for what is new.
    using Targets = std::vector<mail::Address>;
    Result<void> check(mail::Domain const& domain, mail::Domain const* before = nullptr);
    Result<void> check(mail::Mailbox const& mailbox, mail::Mailbox const* before = nullptr);
    Result<void> check(mail::Alias const& alias, mail::Alias const* before = nullptr);

    // That `name` is free for `owner` ("mailbox:ID"); names who holds it otherwise.
    Result<void> check_name(std::string_view name, std::string_view field, std::string const& owner);

    // After writing: that nothing which leads through `address` runs in a circle or grows beyond what Postfix expands.
    Result<void> check_expansion(mail::Address const& address, std::string_view field);

    // Limits of a domain, after writing: exactly N is allowed, and 0 allows none. Those it had `before` are not judged.
    Result<void> check_counts(mail::Domain const& domain, mail::DomainLimits const& before = {});
    Result<void> check_quota(mail::Domain const& domain, mail::Mailbox const& mailbox);
    Result<void> check_aliases_per_mailbox(mail::Alias const& alias, Targets const& before = {});

private:
    Result<void> check_kind(mail::Domain const& domain);
    Result<void> check_targets(Targets const& targets, std::string_view field, std::string_view self,
                               Targets const& before);
    Result<void> check_logins(mail::Mailbox const& mailbox);
    Targets leading_to(mail::Address const& address);
    Result<void> check_members(mail::Mailbox const& mailbox, mail::Mailbox const* before);

    store::Reading& record_;
    Authority const& caller_;
    Time now_;
    char delimiter_;
};

// That a text for people is UTF-8 without control characters, and not too long to show.
Result<void> check_text(std::string_view text, std::string_view field);

// Whether the mailbox takes up a place in its domain that it did not have `before`: new, back, or from another domain.
bool enters_domain(mail::Mailbox const& mailbox, mail::Mailbox const* before);
// Those of `targets` that were not among those `before`.
Rules::Targets gained(Rules::Targets const& targets, Rules::Targets const& before);

bool is_external(store::Reading& record, mail::Address const& address);

}  // namespace provost::directory
