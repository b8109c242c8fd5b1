// SPDX-License-Identifier: Apache-2.0
// Runs one of the host's own programs, with a deadline and without a shell.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "host/versions.h"

namespace provost::host {

// What it wrote to standard output. Found in the system's own folders, whatever PATH says; LC_ALL=C; nothing to read.
// Fault::not_found: there is no such program. Fault::unavailable: it was killed at the deadline or by another.
// Fault::conflict: it wrote more than 4 MiB, and was killed.
// Fault::invalid: it ended with an exit other than 0, told with its last words on standard error.
Result<std::string> run_command(std::vector<std::string> const& words, std::chrono::milliseconds deadline);

// The same as a Runner; half a minute is what postconf may take on a host that is busy.
Runner host_commands(std::chrono::milliseconds deadline = std::chrono::seconds(30));

}  // namespace provost::host
