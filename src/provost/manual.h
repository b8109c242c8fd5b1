// SPDX-License-Identifier: Apache-2.0
// Manual pages, made from what is declared: the command line, the settings, the sockets.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "provost/shape.h"

namespace provost::cli {

// "provost.1", "provostd.8", "provost.toml.5".
std::vector<std::string> manual_pages();

// Such a page, for man(1). Fault::not_found names those that there are.
Result<std::string> manual_page(std::string const& name, Shape const& command);

}  // namespace provost::cli
