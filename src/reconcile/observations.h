// SPDX-License-Identifier: Apache-2.0
// Writes down what was seen (usage, sign-ins) in batches, off the path of those who saw it. Observations may be lost:
// with the process, and beyond a bound while the record is away.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "mail/fullness.h"
#include "reconcile/rounds.h"
#include "store/store.h"

namespace provost::reconcile {

class Observations {
public:
    struct SeenUsage {
        std::string name;     // at login
        std::string mailbox;  // id of the mailbox that was called so when it was seen; empty: none was
        store::Usage usage;
    };
    using Usages = std::vector<SeenUsage>;
    using SignIns = std::vector<store::Store::SignIn>;
    using TokenUses = std::vector<store::TokenUse>;

    // Each source gives what it saw since it was asked before. Everything is called from the thread of this.
    struct House {
        std::function<Result<store::Store*>()> record;  // unavailable while the database is
        std::vector<std::function<Usages()>> usages;
        // Told of them at once, by mailbox, whether the record is there or not.
        std::function<void(std::vector<std::pair<std::string, mail::Fullness>>)> copy;
        std::vector<std::function<SignIns()>> sign_ins;
        std::vector<std::function<TokenUses()>> token_uses = {};
    };
    struct Settings {
        std::chrono::milliseconds every{1'000};
        std::size_t most_kept = 50'000;  // of each kind while the record is away; about 10 MB
    };
    Observations(House house, Settings settings, Metrics& metrics);
    ~Observations() { stop(); }

    // Writes what there is once more, if the record is there.
    void stop();

private:
    using Place = std::pair<std::string, std::string>;  // name, service

    std::chrono::milliseconds round();
    void collect();
    void collect_usages();
    void write(store::Store& store);
    template <class Kept>
    void drop_beyond_bound(Kept& kept, Counter& dropped);

    House house_;
    Settings settings_;
    Counter& dropped_usages_;
    Counter& dropped_sign_ins_;
    std::map<std::string, store::Usage> usages_;         // the latest of each name
    std::map<Place, store::Store::SignIn> sign_ins_;     // the latest of each
    std::map<std::string, store::TokenUse> token_uses_;  // the latest of each; as many as there are tokens at most
    bool record_is_away_ = false;
    bool stopped_ = false;
    Rounds rounds_;  // last: its thread uses the others
};

}  // namespace provost::reconcile
