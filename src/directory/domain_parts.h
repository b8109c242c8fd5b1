// SPDX-License-Identifier: Apache-2.0
// What the acts on whole domains have in common.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

struct Deed;

inline constexpr int domain_page = 500;  // so much of a domain is read at a time

std::string_view domain_part(std::string_view name);

// "1 alias", "2 aliases"
std::string counted(std::size_t count, char const* one, char const* many);

// What is in the domain, a page at a time: what `visit` does to each must take it out of the domain. Deleted are those
// that were deleted in it, and not in another one of its name.
template <class Visit>
void every_mailbox(store::Writing& writing, mail::DomainName const& domain, Visit visit)
{
    for (;;) {
        auto const some = writing.mailboxes("*@" + domain.text(), "", domain_page);
        for (auto const& mailbox : some) visit(mailbox);
        if (static_cast<int>(some.size()) < domain_page) return;
    }
}
template <class Visit>
void every_deleted(store::Writing& writing, mail::DomainName const& domain, Visit visit)
{
    for (;;) {
        auto const some = writing.deleted_mailboxes("*@" + domain.text(), {}, domain_page, {false, {domain.text()}});
        for (auto const& mailbox : some) visit(mailbox);
        if (static_cast<int>(some.size()) < domain_page) return;
    }
}
template <class Visit>
void every_alias(store::Writing& writing, mail::DomainName const& domain, Visit visit)
{
    for (;;) {
        auto const some = writing.aliases("*@" + domain.text(), "", domain_page);
        for (auto const& alias : some) visit(alias);
        if (static_cast<int>(some.size()) < domain_page) return;
    }
}

// Whoever names the domain from elsewhere.
store::Referrers from_elsewhere(store::Reading& record, mail::DomainName const& domain);

// Leaves the work of ending the sessions of these names, in items none of which is too long to be read; their ids.
std::vector<std::string> leave_endings(Deed const& deed, mail::Domain const& domain,
                                       std::vector<std::string> const& names);

}  // namespace provost::directory
