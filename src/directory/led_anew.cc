// SPDX-License-Identifier: Apache-2.0
#include "directory/led_anew.h"

#include "directory/record_view.h"
#include "mail/resolver.h"

namespace provost::directory {

Result<void> check_led_anew(Deed const& deed, mail::DomainName const& domain, store::Referrers const& named,
                            Rules& rules, std::string_view field, Notes& notes)
{
    auto& record = deed.writing;
    RecordView const view(record);
    mail::Resolver const resolver(view, deed.now, deed.delimiter);
    auto const tell = [&](std::string const& what, Rules::Targets const& targets) {
        for (auto const& target : targets)
            if (target.domain() == domain.text() && resolver.find(target).sort == mail::Sort::nothing)
                notes.push_back(what + " names " + target.text() + ", who is nobody here");
    };
    // By their ids: the act itself may have renamed them.
    for (auto const& seen : named.aliases) {
        auto const alias = record.alias_by_id(seen.id.text());
        if (!alias) continue;
        CHECK_OK(rules.check_expansion(alias->address, field));
        tell("alias " + alias->address.text(), alias->targets);
    }
    for (auto const& seen : named.mailboxes) {
        auto const found = record.mailbox_by_id(seen.id.text());
        auto const address = found ? mail::Address::from_wire(found->mailbox.name) : std::nullopt;
        if (!address) continue;
        CHECK_OK(rules.check_expansion(*address, field));
        tell("mailbox " + address->text(), found->mailbox.forwards);
    }
    for (auto const& seen : named.domains) {
        auto const other = record.domain_by_id(seen.id.text());
        if (!other) continue;
        for (auto const& target : other->catch_all) CHECK_OK(rules.check_expansion(target, field));
        tell("domain " + other->name.text(), other->catch_all);
    }
    return {};
}

}  // namespace provost::directory
