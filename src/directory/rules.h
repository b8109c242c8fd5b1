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

    // The whole of an object as it is about to be, or has just been, written. Targets that it had `before` may lead
    // nowhere by now, so that it can still be changed otherwise, or switched off.
    using Targets = std::vector<mail::Address>;
    Result<void> check(mail::Domain const& domain, Targets const& before = {});
    Result<void> check(mail::Mailbox const& mailbox, Targets const& before = {});
    Result<void> check(mail::Alias const& alias, Targets const& before = {});

    // That `name` is free for `owner` ("mailbox:ID"); names who holds it otherwise.
    Result<void> check_name(std::string_view name, std::string_view field, std::string const& owner);

    // After writing: that nothing which leads through `address` runs in a circle or grows beyond what Postfix expands.
    Result<void> check_expansion(mail::Address const& address, std::string_view field);

    // Limits of a domain, after writing: exactly N is allowed, and 0 allows none.
    Result<void> check_counts(mail::Domain const& domain);
    Result<void> check_quota(mail::Domain const& domain, mail::Mailbox const& mailbox);
    Result<void> check_aliases_per_mailbox(mail::Alias const& alias);

private:
    Result<void> check_targets(Targets const& targets, std::string_view field, std::string_view self,
                               Targets const& before);
    Result<void> check_logins(mail::Mailbox const& mailbox);
    Targets leading_to(mail::Address const& address);

    store::Reading& record_;
    Authority const& caller_;
    Time now_;
    char delimiter_;
};

// That a text for people is UTF-8 without control characters, and not too long to show.
Result<void> check_text(std::string_view text, std::string_view field);

bool is_external(store::Reading& record, mail::Address const& address);

}  // namespace provost::directory
