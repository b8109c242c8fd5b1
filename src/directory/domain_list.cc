// SPDX-License-Identifier: Apache-2.0
#include "directory/domain_list.h"

#include <algorithm>

namespace provost::directory {

Result<mail::Domains> domains_named(DomainList const& list, store::Reading& record)
{
    mail::Domains domains{.all = list.all};
    for (auto const& text : list.names) {
        auto const name = TRY(mail::DomainName::parse(text, "domains"));
        auto const domain = record.domain(name.text());
        if (!domain) return refuse(Fault::conflict, "domains", name.text(), "is not a domain here");
        auto const is_it = [&](auto const& other) { return other.id == domain->id; };
        if (std::any_of(domains.some.begin(), domains.some.end(), is_it))
            return refuse(Fault::conflict, "domains", name.text(), "is named twice");
        domains.some.push_back({domain->id, name.text()});
    }
    return domains;
}

}  // namespace provost::directory
