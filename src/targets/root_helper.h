// SPDX-License-Identifier: Apache-2.0
// The client of provost-helper, which does as root the few things that the daemon may not.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "targets/helper_protocol.h"

namespace provost::targets {

class RootHelper {
public:
    // Longer than the helper takes for a request and for the one before it (20 s each).
    static constexpr std::chrono::seconds patience{45};

    explicit RootHelper(std::string socket, std::chrono::milliseconds timeout = patience)
        : socket_(std::move(socket)), timeout_(timeout)
    {
    }

    // Blocks; from any thread. Fault::unavailable: trying again may help, and goes on with what was begun.
    // Fault::denied: the helper refuses, in its own words. A home that is not there is removed already.
    Result<void> ask(HelperRequest const& request) const;
    // What these users have open in Cyrus, and that it ends: on this host.
    Result<std::vector<OpenSession>> cyrus_sessions(std::vector<std::string> const& users) const;
    Result<void> end_cyrus_sessions(std::vector<std::string> const& users) const;

private:
    Result<std::string> answer_to(HelperRequest const& request) const;

    std::string socket_;
    std::chrono::milliseconds timeout_;
};

}  // namespace provost::targets
