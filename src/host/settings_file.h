// SPDX-License-Identifier: Apache-2.0
// The settings' file with another value in it; all else as somebody wrote it.
#pragma once

#include <string>

#include "base/result.h"

namespace provost::host {

// With [mail] target as said. Fault::conflict where it has to be done by hand. `file` stands for it in errors.
Result<std::string> with_target(std::string const& text, std::string const& target, std::string const& file);

}  // namespace provost::host
