// SPDX-License-Identifier: Apache-2.0
// Compares what the directory says of mailboxes with what their stores have, and mends one when told to.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/time.h"
#include "directory/drift.h"
#include "directory/proof.h"
#include "store/store.h"
#include "targets/target.h"

namespace provost::reconcile {

class Drifts final : public directory::DriftFinder {
public:
    struct House {
        std::function<Result<store::Store*>()> record;
        std::map<std::string, targets::Target*> targets;
        std::string site;  // the target that keeps new mailboxes, and has people's sessions
        // directory::ProofOfOff::end_sessions: a server takes a moment to end one
        std::function<directory::Proof(std::vector<std::string> const&)> end_sessions;
        std::function<Time()> clock = now;
    };
    explicit Drifts(House house) : house_(std::move(house)) {}

    Result<directory::DriftPage> look(std::string_view mask, std::string_view after, int limit) override;
    Result<std::vector<directory::Drift>> repair(std::string_view id, bool dry_run = false) override;
    Result<std::vector<directory::Drift>> strangers() override;
    Result<void> remove_stranger(std::string_view id, bool dry_run = false) override;

private:
    struct Seen {
        mail::Mailbox mailbox;  // with the limits that count
        bool is_off = false;    // nobody is to have a session under its name
    };
    Seen seen(store::Reading& reading, mail::Mailbox mailbox) const;
    Result<targets::Target*> target_of(mail::Mailbox const& mailbox) const;
    Result<std::vector<directory::Drift>> compare(Seen const& seen) const;
    Result<std::vector<directory::Drift>> open_sessions(Seen const& seen, targets::Target& target) const;
    bool is_elsewhere(mail::Mailbox const& mailbox) const;

    House house_;
};

}  // namespace provost::reconcile
