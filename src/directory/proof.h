// SPDX-License-Identifier: Apache-2.0
// Proof of off: that an account which was let in before an act is refused after it, at the servers' own doors.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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
    // Sessions gone, and every door that could be reached refuses. A door that was out of reach both before and after
    // is shown and does not count, but where doors are known at least one has to have refused.
    bool complete = false;
    int sessions_ended = 0;
    std::chrono::milliseconds sessions_took{0};
    std::string sessions_trouble;  // why sessions could not be looked at or ended; empty when they were
    std::vector<DoorProof> doors;
    std::chrono::milliseconds took{0};  // from the commit to the last refusal
};

class ProofOfOff {
public:
    using Knocking = std::function<targets::KnockResult(targets::Door const&, std::string const& login,
                                                        Secret const& password, std::chrono::milliseconds deadline)>;
    struct Settings {
        std::vector<targets::Door> doors;
        std::chrono::milliseconds knock_deadline{5000};
        std::chrono::milliseconds sessions_deadline{10000};
        // Between two looks at the sessions: a server does not tell when one has ended.
        std::chrono::milliseconds look_again{100};
        // How long a sign-in that was confirmed may take to show among the sessions.
        std::chrono::milliseconds visible_within{2000};
        Knocking knock = targets::knock;
    };
    // What is asked of Logins.
    struct SignIns {
        std::function<std::unique_ptr<Logins::Probe>(std::string_view name)> probe;
        // Counts knocks with the probe as well, where they were let in by a server that asks for confirmation: every
        // one but Postfix.
        std::function<int(std::string_view name, std::chrono::milliseconds window)> confirmed_lately;
    };

    // `target` may be null: then there are no sessions to end.
    ProofOfOff(SignIns sign_ins, targets::Target* target, Settings settings);
    ProofOfOff(Logins& logins, targets::Target* target, Settings settings)
        : ProofOfOff(
              SignIns{[&logins](std::string_view name) { return logins.probe(name); },
                      [&logins](std::string_view name, auto window) { return logins.confirmed_lately(name, window); }},
              target, std::move(settings))
    {
    }

    // One proof in the making: knocks before the act is committed, and again after it.
    class Attempt {
    public:
        virtual ~Attempt() = default;
        // After the act is answered from everywhere, once: ends sessions until two looks in a row found none, and
        // knocks meanwhile.
        virtual Proof finish() = 0;
    };
    // `names`: the canonical name first, then others its sessions may run under. The attempt must not outlive this.
    std::unique_ptr<Attempt> begin(std::vector<std::string> names);

    // The part without doors, for `kick` and for a changed password: ends the sessions that were there when it was
    // called, but does not wait for those of clients that come back and are let in again.
    Proof end_sessions(std::vector<std::string> const& names);

private:
    SignIns sign_ins_;
    targets::Target* target_;
    Settings settings_;
};

}  // namespace provost::directory
