// SPDX-License-Identifier: Apache-2.0
#include "directory/domain_parts.h"

#include <algorithm>

#include "directory/act_parts.h"

namespace provost::directory {

std::string_view domain_part(std::string_view name)
{
    auto const at = name.rfind('@');
    return at == std::string_view::npos ? std::string_view() : name.substr(at + 1);
}

std::string counted(std::size_t count, char const* one, char const* many)
{
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

store::Referrers from_elsewhere(store::Reading& record, mail::DomainName const& domain)
{
    auto referrers = record.referrers_into(domain.text());
    std::erase_if(referrers.aliases, [&](auto const& alias) { return alias.address.domain() == domain.text(); });
    std::erase_if(referrers.mailboxes, [&](auto const& mailbox) { return domain_part(mailbox.name) == domain.text(); });
    std::erase_if(referrers.domains, [&](auto const& other) { return other.name == domain; });
    return referrers;
}

std::vector<std::string> leave_endings(Deed const& deed, mail::Domain const& domain,
                                       std::vector<std::string> const& names)
{
    std::vector<std::string> ids;
    for (std::size_t from = 0; from < names.size(); from += domain_page) {
        auto const to = std::min(names.size(), from + domain_page);
        auto const at = [&](std::size_t i) { return names.begin() + static_cast<std::ptrdiff_t>(i); };
        auto const work = end_sessions(deed.target, domain.id.text(), {at(from), at(to)}, deed.now);
        deed.writing.add_work(work);
        ids.push_back(work.id);
    }
    return ids;
}

}  // namespace provost::directory
