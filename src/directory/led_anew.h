// SPDX-License-Identifier: Apache-2.0
// What must hold of those who name a domain once it is ours, or leads elsewhere than it did.
#pragma once

#include <string_view>

#include "directory/act_parts.h"
#include "directory/rules.h"
#include "mail/model.h"
#include "store/store.h"

namespace provost::directory {

// After writing the domain: what `named` it may lead in a circle by now, which is refused over `field`, or to nobody,
// which is noted.
Result<void> check_led_anew(Deed const& deed, mail::DomainName const& domain, store::Referrers const& named,
                            Rules& rules, std::string_view field, Notes& notes);

}  // namespace provost::directory
