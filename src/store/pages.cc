// SPDX-License-Identifier: Apache-2.0
#include "store/pages.h"

#include "base/text.h"

namespace provost::store {

Mask::Mask(std::string_view mask) : mask_(mask.empty() ? "*" : folded(mask))
{
    auto const wildcard = mask_.find_first_of("*?");
    prefix_ = mask_.substr(0, wildcard);
    exact_ = wildcard == std::string::npos;
    auto const at = mask_.rfind('@');
    if (at != std::string::npos && mask_.find_first_of("*?", at) == std::string::npos) domain_ = mask_.substr(at + 1);
}

bool Scope::has_domain(std::string_view domain) const
{
    return everywhere || std::binary_search(domains.begin(), domains.end(), domain);
}

bool Scope::has(std::string_view name) const
{
    auto const at = name.rfind('@');
    return everywhere || (at != std::string_view::npos && has_domain(name.substr(at + 1)));
}

bool Mask::matches(std::string_view name) const { return mask_ == "*" || matches_mask(mask_, name); }

bool Mask::is_past(std::string_view name) const { return name.substr(0, prefix_.size()) > prefix_; }

}  // namespace provost::store
