// SPDX-License-Identifier: Apache-2.0
// Proof of off: that an account which was let in before an act is refused after it, at the servers' own doors.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "directory/logins.h"
#include "targets/doors.h"
#include "targets/target.h"

namespace provost::directory {

struct DoorProof {
    std::string door;                   // "imap"
    std::string before;                 // word(Knock) before the act, or "not tried"
    std::string after;                  // word(Knock) after it
    std::string said;                   // the server's words after it
    std::chrono::milliseconds took{0};  // of the knock after the act
    bool proved = false;                // refused after the act
};

struct Proof {
    bool complete = false;  // sessions gone and every door that could be reached refuses
    int sessions_ended = 0;
    std::chrono::milliseconds sessions_took{0};
    std::string sessions_trouble;  // why sessions could not be looked at or ended; empty when they were
    std::vector<DoorProof> doors;
    std::chrono::milliseconds took{0};  // from the commit to the last refusal
};

class ProofOfOff {
public:
    struct Settings {
        std::vector<targets::Door> doors;
        std::chrono::milliseconds knock_deadline{5000};
        std::chrono::milliseconds sessions_deadline{10000};
    };
    // `target` may be null: then there are no sessions to end.
    ProofOfOff(Logins& logins, targets::Target* target, Settings settings);

    // One proof in the making: knocks before the act is committed, and again after it.
    class Attempt {
    public:
        virtual ~Attempt() = default;
        // After the act is answered from everywhere: ends sessions until two looks in a row found none, then knocks.
        virtual Proof finish() = 0;
    };
    // `names`: the canonical name first, then others its sessions may run under.
    std::unique_ptr<Attempt> begin(std::vector<std::string> names);

    // The part without doors, for `kick` and for a changed password.
    Proof end_sessions(std::vector<std::string> const& names);

private:
    Logins& logins_;
    targets::Target* target_;
    Settings settings_;
};

}  // namespace provost::directory
