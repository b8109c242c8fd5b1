// SPDX-License-Identifier: Apache-2.0
// Who asks, and what they may: nobody may anything unless it is said here.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/acts.h"
#include "net/http.h"

namespace provost::api {

// What a route needs of its caller.
enum class Right : std::uint8_t {
    look,         // see domains, mailboxes and aliases, and what the servers are told of them
    administer,   // add, change and delete them
    credentials,  // set passwords, try them, end sessions
    operate,      // see the daemon's health, its work and the audit
};
inline constexpr std::uint8_t all_rights = 15;

class Caller {
public:
    static Caller nobody(std::string from) { return Caller({"nobody", std::move(from)}, 0); }
    static Caller site_admin(store::Actor actor) { return Caller(std::move(actor), all_rights); }
    static Caller with(store::Actor actor, std::vector<Right> const& rights);

    bool may(Right right) const { return (rights_ & bit(right)) != 0; }
    store::Actor const& actor() const { return actor_; }

private:
    Caller(store::Actor actor, std::uint8_t rights) : actor_(std::move(actor)), rights_(rights) {}
    static std::uint8_t bit(Right right) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(right)); }

    store::Actor actor_;
    std::uint8_t rights_;
};

// The ids of users of this host; a name that is none is refused.
Result<std::set<long>> uids_of(std::vector<std::string> const& users, std::string_view field);

// On the admin socket the kernel says who calls (SO_PEERCRED): root, the daemon's own user and `admins` are site
// admins, everybody else, and every caller without such credentials, is nobody.
Caller caller_of(net::Peer const& peer, std::set<long> const& admins);

}  // namespace provost::api
