// SPDX-License-Identifier: Apache-2.0
// Reading by mask without LIKE, whose letter case and escapes differ between engines: the part of a mask before its
// first wildcard, or a whole domain, bounds what is read; the mask itself is applied here.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace provost::store {

class Mask {
public:
    explicit Mask(std::string_view mask);  // empty for everything

    bool matches(std::string_view name) const;

    // What the name must begin with, and the domain it must end with; empty for any.
    std::string const& prefix() const { return prefix_; }
    std::string const& domain() const { return domain_; }
    bool is_exact() const { return exact_; }  // the mask has no wildcard: `prefix` is the name

    // Whether `name`, and all that sort after it, lie beyond the mask.
    bool is_past(std::string_view name) const;

private:
    std::string mask_;
    std::string prefix_;
    std::string domain_;
    bool exact_ = false;
};

// Rows are read so many at a time; enough that the cost of a statement does not matter, few enough to hold.
inline constexpr int page = 1000;

// A page over those domains of a scope that a mask leaves: `of_domain(name)` reads one of them, all for an empty name.
template <class OfDomain, class Name>
auto of_domains(Mask const& mask, Scope const& scope, int limit, OfDomain of_domain, Name name)
{
    if (scope.everywhere) return of_domain(std::string_view(mask.domain()));
    decltype(of_domain(std::string_view())) found;
    for (auto const& domain : scope.domains) {
        if (!mask.domain().empty() && mask.domain() != domain) continue;
        auto some = of_domain(std::string_view(domain));
        std::move(some.begin(), some.end(), std::back_inserter(found));
    }
    std::ranges::sort(found, {}, name);
    if (found.size() > static_cast<std::size_t>(limit))
        found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
    return found;
}

}  // namespace provost::store
