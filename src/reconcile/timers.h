// SPDX-License-Identifier: Apache-2.0
// What time alone causes: sessions of what has expired end, deleted mailboxes whose date has come are given up, old
// change rows go.
//
// No act is needed for an expiry to hold (it is judged at every answer), so nothing is written down about it. Where a
// look has got to is kept in memory only: the first look after a start goes over everything that ever expired, and so
// also over what expired while nobody was looking.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "reconcile/rounds.h"
#include "store/store.h"
#include "targets/target.h"

namespace provost::reconcile {

class Timers {
public:
    struct House {
        std::function<Result<store::Store*>()> record;  // unavailable while the database is
        targets::Target* target = nullptr;              // none: there are no sessions to end
        std::function<Time()> clock = now;
    };
    struct Settings {
        std::chrono::milliseconds look_again{1'000};
        // An expiry is looked at again until this has passed: a sign-in just before it may show late.
        std::chrono::milliseconds visible_within{3'000};
        std::chrono::milliseconds tidy_again{600'000};          // for purging and pruning
        std::chrono::hours keep_changes = store::keep_changes;  // a follower that was away longer reads everything anew
    };
    Timers(House house, Settings settings, Metrics& metrics);

    void wake() { rounds_.wake(); }
    void stop() { rounds_.stop(); }

private:
    std::chrono::milliseconds round();
    void end_expired_sessions(store::Store& store);
    bool end_sessions(std::vector<std::string> const& names);
    void tidy(store::Store& store);
    Result<void> give_up(store::Store& store, std::string const& id, Time until);

    House house_;
    Settings settings_;
    Counter& expired_sessions_;
    Counter& purged_;
    store::Lapse place_;  // everything up to here is done with
    std::optional<Stopwatch> since_tidied_;
    Time tidied_to_ = {};  // the clock when that began
    bool record_is_away_ = false;
    bool target_is_away_ = false;
    bool ending_fails_ = false;
    Rounds rounds_;  // last: its thread uses the others
};

}  // namespace provost::reconcile
