// SPDX-License-Identifier: Apache-2.0
// What provost-helper does with a connection and with a request (targets/helper_protocol.h).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "config/settings.h"
#include "host/cyrus_sessions.h"
#include "net/fd.h"
#include "targets/helper_protocol.h"

namespace provost::host {

// Returns the words of OK.
using HelperWork = std::function<Result<std::string>(targets::HelperRequest const& request)>;

// How long a peer may take for its line, and how long one request may take.
constexpr std::chrono::seconds helper_hearing{5};
constexpr std::chrono::seconds helper_patience{20};

// One line in, one line out; the caller closes. Only processes of these users are heard (SO_PEERCRED, unix(7)); others
// are told NO. Whoever says nothing within `hearing`, or ends before the line does, gets no answer.
void converse(net::Fd const& peer, std::vector<uid_t> const& callers, HelperWork const& work,
              std::chrono::milliseconds hearing = helper_hearing);

// Each request within helper_patience. Without `cyrus` there is none on this host, and what is asked of it is denied.
HelperWork helper_work(config::Mail const& mail, std::optional<CyrusProcesses> const& cyrus);

}  // namespace provost::host
