// SPDX-License-Identifier: Apache-2.0
// The doors of the settings, as a proof knocks at them.
#pragma once

#include <vector>

#include "config/settings.h"
#include "targets/doors.h"

namespace provost::host {

// Those that are set; a door whose setting is empty does not exist on this host.
std::vector<targets::Door> doors_of(config::Doors const& doors);

}  // namespace provost::host
