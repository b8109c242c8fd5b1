// SPDX-License-Identifier: Apache-2.0
// How those who name an address follow when it changes or goes.
#pragma once

#include <functional>
#include <optional>

#include "directory/act_parts.h"
#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

// "alias info@a.test", "mailbox bob@a.test", "domain a.test": those the caller may not see as an address of another
// domain.
std::vector<std::string> names_of(store::Referrers const& referrers, Authority const& authority);

// What is to be named from now on in place of an address: itself, another, or nobody.
using Rewriting = std::function<std::optional<mail::Address>(mail::Address const&)>;

// Addresses of `from`, with their extensions, become those of `to`; without `to` they go.
Rewriting instead_of(mail::Address const& from, std::optional<mail::Address> const& to, char delimiter);
Rewriting instead_of(mail::DomainName const& from, std::optional<mail::DomainName> const& to);

// Whether anything changed. Of addresses that have become the same, the first one stays.
bool rewrite(mail::Alias& alias, Rewriting const& how);
bool rewrite(mail::Mailbox& mailbox, Rewriting const& how);
bool rewrite(mail::Domain& domain, Rewriting const& how);

// Rewrites them all in the record, each with its audit entry and a note, if the caller may see it: what it is, its
// name, and `what` became of it. An alias that names nobody any more is removed, and then so is it where it was named;
// a mailbox that only forwarded, and has nowhere to, keeps its mail from then on.
void follow(Deed const& deed, store::Referrers const& referrers, Rewriting const& how, std::string const& what,
            Notes& notes);

}  // namespace provost::directory
