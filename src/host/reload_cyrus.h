// SPDX-License-Identifier: Apache-2.0
// Lets Cyrus read its files anew. It has to start again for that: its processes keep what they have read, and the
// groups they are in.
#pragma once

#include <string>

#include "config/settings.h"
#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

// systemd calls it so.
inline constexpr auto cyrus_unit = "cyrus-imapd";

// Whether its master(8) runs, by systemd or by itself.
bool cyrus_runs(Root const& root, config::Settings const& settings, Runner const& run);

// Where it runs, or systemd is to run it: of Debian's files some name programs that are not installed, and it does not
// start with them. Fault::unavailable where it does not answer at our LMTP socket then.
Result<void> restart_cyrus(Root const& root, config::Settings const& settings, Runner const& run, Changes& changes);

// The same with its own files, which need not let it start. Removes the socket that it had for us.
Result<void> release_cyrus(Root const& root, config::Settings const& settings, Runner const& run, Changes& changes);

}  // namespace provost::host
