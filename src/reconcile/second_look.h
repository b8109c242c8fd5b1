// SPDX-License-Identifier: Apache-2.0
// Looks again at mailboxes that letters were refused for. A report that was lost would otherwise leave a mailbox full
// in our eyes for ever: nobody delivers to it, so nothing more is reported.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "directory/lookups.h"
#include "reconcile/observations.h"
#include "targets/target.h"

namespace provost::reconcile {

class SecondLook {
public:
    using Refused = std::function<std::vector<directory::Lookups::FullMailbox>()>;
    struct Settings {
        std::chrono::milliseconds again{60'000};  // between two looks at one mailbox
        std::size_t most = 10;                    // in one call, each some milliseconds
    };
    SecondLook(Refused refused, targets::Target& target, Settings settings, Metrics& metrics);

    // Asks the target for those that were refused since the last call. Returns those that are otherwise than was known.
    Observations::Usages look();

    // Looks at no more, and returns when nothing is being asked: before we cease to answer the target, which asks us
    // about those it is asked about.
    void stop();

private:
    using Clock = std::chrono::steady_clock;

    Refused refused_;
    targets::Target& target_;
    Settings settings_;
    Counter& corrected_;
    std::map<std::string, Clock::time_point> looked_;  // by mailbox id
    std::atomic<bool> stopping_{false};
    std::mutex looking_;
};

}  // namespace provost::reconcile
