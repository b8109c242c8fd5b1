// SPDX-License-Identifier: Apache-2.0
// Credentials for proofs: random, made for one act, in memory only, for one account, from loopback or from
// where the wire does not tell, for a minute.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/secret.h"
#include "directory/logins.h"

namespace provost::directory {

class Probes {
public:
    // The credential lasts until it is destroyed, or a minute has passed. It may outlive the Probes.
    std::unique_ptr<Logins::Probe> make(std::string_view name);

    // Whether `password`, given for `name` from `address`, is a probe's. Compared in constant time.
    bool knows(std::string_view name, std::string_view address, Secret const& password) const;

    struct Live {
        std::string name;
        Secret password;
        std::chrono::steady_clock::time_point until;
        std::uint64_t number;
    };
    struct State {
        std::vector<Live> live;
        std::uint64_t next_number = 0;
    };

private:
    std::shared_ptr<Guarded<State>> state_ = std::make_shared<Guarded<State>>();
};

}  // namespace provost::directory
