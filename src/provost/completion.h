// SPDX-License-Identifier: Apache-2.0
// Scripts by which shells complete our command line: commands, options, and the words an option takes.
#pragma once

#include <string>

#include "provost/shape.h"

namespace provost::cli {

std::string bash_completion(Shape const& command);
std::string zsh_completion(Shape const& command);
std::string fish_completion(Shape const& command);

}  // namespace provost::cli
