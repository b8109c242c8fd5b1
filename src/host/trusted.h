// SPDX-License-Identifier: Apache-2.0
// Reads what a program of root's may obey.
#pragma once

#include <string>

#include "base/result.h"

namespace provost::host {

// The text of a regular file that nobody but root can have written: it, and each folder on the way to it, belongs to
// root and is writable by root alone; a folder may be sticky, as /tmp. Else Fault::denied names which of them is not.
Result<std::string> read_trusted(std::string const& path);

}  // namespace provost::host
