// SPDX-License-Identifier: Apache-2.0
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/references.h"

namespace provost::directory {
namespace {

void apply(AliasChange const& change, mail::Alias& alias)
{
    auto const set = [](auto const& wanted, auto& value) {
        if (wanted) value = *wanted;
    };
    set(change.targets, alias.targets);
    set(change.description, alias.description);
    set(change.enabled, alias.enabled);
    set(change.expires, alias.expires);
    set(change.targets_may_send, alias.targets_may_send);
    set(change.posting, alias.posting);
    set(change.posters, alias.posters);
}

}  // namespace

Result<Done> Acts::add_alias(Request const& request, std::string_view address, AliasChange const& change)
{
    auto key = TRY(mail::Address::parse(address));
    mail::Alias alias{.id = AliasId::make(), .address = std::move(key)};
    alias.created = house_.clock();
    apply(change, alias);
    auto const need = administering(Ground::address);
    return run(request, need, alias.address.text(), [&](auto& writing, auto& authority) -> Result<void> {
        CHECK_OK(write({writing, authority, house_.clock(), house_.delimiter, house_.target}, alias, nullptr));
        audit_difference(writing, "alias.add", alias.address.text(), {}, describe(alias));
        return {};
    });
}

Result<Done> Acts::set_alias(Request const& request, std::string_view address, AliasChange const& change)
{
    auto const key = TRY(mail::Address::parse(address));
    auto const need = administering(Ground::alias);
    return run(request, need, key.text(), [&](auto& writing, auto& authority) -> Result<void> {
        auto const found = writing.alias(key.text());
        if (!found) return refuse(Fault::not_found, "address", key.text(), "is not an alias here");
        auto alias = *found;
        apply(change, alias);
        CHECK_OK(write({writing, authority, house_.clock(), house_.delimiter, house_.target}, alias, &*found));
        audit_difference(writing, "alias.set", key.text(), describe(*found), describe(alias));
        return {};
    });
}

Result<Done> Acts::delete_alias(Request const& request, std::string_view address)
{
    auto const key = TRY(mail::Address::parse(address));
    auto const need = administering(Ground::alias);
    return run(request, need, key.text(), [&](auto& writing, auto& authority) -> Result<void> {
        auto const found = writing.alias(key.text());
        if (!found) return refuse(Fault::not_found, "address", key.text(), "is not an alias here");
        auto referrers = writing.referrers(key.text(), house_.delimiter);
        // What is deleted leads nowhere, and is looked at when it comes back.
        std::erase_if(referrers.mailboxes,
                      [](auto const& mailbox) { return mailbox.state == mail::MailboxState::deleted; });
        if (auto const names = names_of(referrers, authority); !names.empty())
            return refuse(Fault::conflict, "address", key.text(), "is named by " + names.front());
        writing.remove(found->id);
        audit_difference(writing, "alias.delete", key.text(), describe(*found), {});
        return {};
    });
}

}  // namespace provost::directory
