// SPDX-License-Identifier: Apache-2.0
// What the protocols ask: the parts of the directory they need, so that they can be tested without one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/lookups.h"
#include "mail/answers.h"

namespace provost::protocols {

// What Postfix's maps are answered from. Called on event loops.
class Maps {
public:
    virtual ~Maps() = default;
    virtual std::optional<mail::Map> named(std::string_view name) const = 0;
    virtual directory::Found ask(mail::Map map, std::string_view key, std::string& text) = 0;  // Lookups::ask
};

// What Postfix's policy service is answered from. Called on event loops.
class Rooms {
public:
    virtual ~Rooms() = default;
    virtual directory::Room room(std::string_view recipient, std::int64_t declared) = 0;  // Lookups::room
};

// What Dovecot's user lookups are answered from. Called on event loops.
class Users {
public:
    using Purpose = directory::Lookups::Purpose;

    virtual ~Users() = default;
    virtual directory::Found user(std::string_view name, Purpose purpose, directory::UserFields& fields,
                                  std::string& reason) = 0;
    virtual std::optional<std::vector<std::string>> users(std::string_view after, std::size_t most) = 0;
};

}  // namespace provost::protocols
