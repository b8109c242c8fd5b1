// SPDX-License-Identifier: Apache-2.0
// Who calls with a token, and what he may: answered from this node's replica, so that it goes on while the database
// is away, and judged again in the transaction of each act.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "directory/authority.h"
#include "mail/facts.h"
#include "password/admission.h"
#include "replica/replica.h"

namespace provost::directory {

// A secret as its owner keeps it: prv_ and 256 random bits in base64url.
Secret new_token_secret();
std::string token_hash(Secret const& secret);  // SHA-256, 32 bytes

// What a token may at this time: at most what it says, and at most what its admin may. Nothing where one of the two is
// off or expired, or nobody may sign in to the mailbox the admin belongs to.
std::optional<Authority> authority_of(mail::Admin const& admin, mail::Token const& token, mail::View const& view,
                                      Time now);

class Access {
public:
    struct Settings {
        std::chrono::seconds max_age{0};  // of the replica; 0: however old
    };
    Access(replica::Replica& replica, password::Admission& admission, Settings settings, Metrics& metrics);

    enum class Verdict : std::uint8_t {
        known,
        unknown,      // no such token, or it does not count now or from there: never told apart
        too_many,     // unknown, from where too many such came
        cannot_tell,  // no replica to answer from
    };
    struct Outcome {
        Verdict verdict = Verdict::cannot_tell;
        Caller caller = {};                              // known only
        std::chrono::steady_clock::time_point due = {};  // not to be told before; unknown and too_many only
    };
    // `from` is the client's address. A token that is known is let in however many wrong ones came from there.
    Outcome sign_in(Secret const& secret, std::string const& from, std::chrono::steady_clock::time_point arrival);

    // When and from where tokens were used since the last call, the latest of each.
    std::vector<store::TokenUse> take_uses();

private:
    std::optional<Caller> caller_of(Secret const& secret, std::string const& from);
    Outcome refused(Secret const& secret, std::string const& from, std::chrono::steady_clock::time_point arrival);

    replica::Replica& replica_;
    password::Admission& admission_;
    Settings settings_;
    Counter& known_;
    Counter& unknown_;
    Counter& cannot_tell_;
    Guarded<std::map<std::string, store::TokenUse>> uses_;  // by the token's id
};

}  // namespace provost::directory
