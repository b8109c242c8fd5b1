// SPDX-License-Identifier: Apache-2.0
// What the protocols that carry passwords ask of the directory.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "directory/logins.h"

namespace provost::protocols {

class SignIns {
public:
    virtual ~SignIns() = default;
    // Calls `done` once, from any thread, perhaps before it returns.
    virtual void verify(directory::LoginAttempt attempt, std::function<void(directory::LoginOutcome)> done) = 0;
    // Whether a login that was accepted still holds. Called on event loops.
    virtual directory::Found confirm(std::string_view name, mail::Service service, directory::UserFields& fields,
                                     std::string& reason) = 0;
};

}  // namespace provost::protocols
