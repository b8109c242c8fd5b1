// SPDX-License-Identifier: Apache-2.0
// How long an answer holds that was made of a view: until one of the expiries it was judged by comes, or, should the
// clock be set back, is to come again.
#pragma once

#include <cstdint>
#include <limits>

#include "mail/facts.h"

namespace provost::mail {

// Milliseconds since 1970: from the first on, and before the second.
struct Validity {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();
    std::int64_t until = std::numeric_limits<std::int64_t>::max();

    bool is_always() const { return *this == Validity(); }
    bool holds_at(std::int64_t moment) const { return from <= moment && moment < until; }
    bool operator==(Validity const&) const = default;
};

// Another view, watched: for one answer, judged at `now`.
class WatchedView final : public View {
public:
    WatchedView(View const& view, Time now) : view_(view), now_(to_millis(now)) {}

    Validity const& validity() const { return validity_; }

    std::optional<DomainFacts> domain(std::string_view name) const override;
    Entry entry(std::string_view name) const override;
    bool is_deleted(std::string_view name) const override { return view_.is_deleted(name); }
    std::optional<std::string_view> owner_of_login(std::string_view login) const override
    {
        return view_.owner_of_login(login);
    }
    std::optional<std::string_view> owner_of_former_name(std::string_view name) const override
    {
        return view_.owner_of_former_name(name);
    }

private:
    void note(std::int64_t expires) const;

    View const& view_;
    std::int64_t now_;
    mutable Validity validity_;
};

}  // namespace provost::mail
