// SPDX-License-Identifier: Apache-2.0
#include "mail/validity.h"

#include <algorithm>

namespace provost::mail {

std::optional<DomainFacts> WatchedView::domain(std::string_view name) const
{
    auto facts = view_.domain(name);
    if (facts) note(facts->expires);
    return facts;
}

Entry WatchedView::entry(std::string_view name) const
{
    auto entry = view_.entry(name);
    if (entry.kind == Entry::Kind::mailbox) note(entry.mailbox.expires);
    if (entry.kind == Entry::Kind::alias) note(entry.alias.expires);
    return entry;
}

void WatchedView::note(std::int64_t expires) const
{
    if (expires == never) return;
    if (expires <= now_) validity_.from = std::max(validity_.from, expires);
    else validity_.until = std::min(validity_.until, expires);
}

}  // namespace provost::mail
