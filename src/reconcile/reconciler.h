// SPDX-License-Identifier: Apache-2.0
// Does the work that acts leave behind for targets: by lease, until it is done, however long the target is away.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/awaited.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/proof.h"
#include "reconcile/rounds.h"
#include "store/store.h"
#include "targets/target.h"

namespace provost::reconcile {

class Reconciler {
public:
    // What it needs of the house. Everything is called from its thread.
    struct House {
        std::function<Result<store::Store*>()> record;  // unavailable while the database is
        std::map<std::string, targets::Target*> targets;
        // directory::ProofOfOff::end_sessions
        std::function<directory::Proof(std::vector<std::string> const&)> end_sessions;
        std::function<Time()> clock = now;
    };
    struct Settings {
        std::chrono::milliseconds look_again{1'000};      // for work that other nodes left, or that falls due
        std::chrono::milliseconds lease{90'000};          // longer than any one item takes
        std::chrono::milliseconds first_wait{1'000};      // after a failure, doubled by each
        std::chrono::milliseconds longest_wait{300'000};  // at which doubling ends
    };
    Reconciler(House house, Settings settings, Metrics& metrics);

    void wake() { rounds_.wake(); }  // an act has just left work
    void stop() { rounds_.stop(); }  // after the item in hand
    // Returns when an item was done, or could not be, or after this time.
    void await(std::chrono::milliseconds limit);

    // How long an item waits after it failed for the `attempts`-th time.
    static std::chrono::milliseconds wait_after(int attempts, Settings const& settings);

private:
    std::chrono::milliseconds round();
    void look_at_clock(store::Store& store);
    void do_one(store::Store& store, store::Work const& work);
    void write_down(store::Store& store, store::Work const& work, Result<void> const& outcome);
    Result<void> attempt(store::Store& store, store::Work const& work);
    Result<void> end_sessions(store::Work const& work, targets::Target const& target);
    Result<void> retire(store::Store& store, store::Work const& work, targets::Target& target);
    Result<void> ensure(store::Store& store, store::Work const& work, targets::Target& target);

    House house_;
    Settings settings_;
    Counter& done_;
    Counter& failed_;
    bool record_is_away_ = false;
    Awaited<std::uint64_t> moves_;     // items that were done, or could not be
    std::optional<Time> last_looked_;  // at the clock that people set
    Stopwatch since_last_looked_;
    Rounds rounds_;  // last: its thread uses the others
};

}  // namespace provost::reconcile
