// SPDX-License-Identifier: Apache-2.0
// What somebody may do, and where: the one place that judges it. Nobody may anything unless it is said here.
//
//               see           help          administer    run
//   owner       its mailbox   its mailbox   -             -
//   help desk   its domains   its domains   -             -
//   domain admin its domains  its domains   its domains   -
//   site admin  everything    everything    everything    yes
//
// What somebody may not see is not there for him: it is refused as not found, whether it exists or not. What he sees
// and may not do is denied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/access.h"
#include "store/store.h"

namespace provost::directory {

enum class Right : std::uint8_t {
    see,         // domains, mailboxes and aliases, and what the servers are told of them
    help,        // set passwords and try them, end sessions
    administer,  // add, change and delete mailboxes and aliases, and look at what was done to them
    run,         // domains and their limits, who may do what, the daemon
};

// What a name stands for, and with it where a right is needed.
enum class Ground : std::uint8_t {
    site,         // no name: all of it
    some,         // no name: whatever of it one may see; who is asked looks at what it finds
    domain,       // the domain of that name
    mailbox,      // the domain the mailbox is in, or the mailbox itself for its owner
    new_mailbox,  // the domain it would be in
    alias,        // the domain the alias is in
    address,      // the domain of an address, whether there is anything at it or not
};

struct Need {
    Right right;
    Ground ground;
    bool changes;  // something, so that who may only read may not
};

class Authority {
public:
    Authority() = default;  // nobody's
    static Authority site_admin();

    // Where a role holds. Names are folded.
    struct Reach {
        bool everywhere = false;  // all domains; else these
        std::vector<std::string> domains = {};
        std::string mailbox = {};  // its own; empty where it has none
    };
    Authority(mail::Role role, Reach reach, bool read_only);

    // Whether there can be anything upon which it may.
    bool may(Right right, bool changes) const;
    bool runs_site() const { return is_somebody_ && role_ == mail::Role::site_admin; }
    bool sees_domain(std::string_view domain) const;
    bool sees(std::string_view name) const;  // of a mailbox or an alias
    // As a refusal may show it to the caller.
    std::string shown(std::string_view name) const;
    bool owns(std::string_view mailbox) const { return !reach_.mailbox.empty() && reach_.mailbox == mailbox; }

    // `name` is folded; empty for grounds without one.
    Result<void> check(Need const& need, std::string_view name) const;
    // Whether it may all that an admin may: who may not must not take that admin's mailbox from him.
    bool covers(mail::Admin const& admin) const;
    // That it runs the site, for a field that only such may say.
    Result<void> check_field(bool said, std::string_view field) const;

    // The domains whose objects a list may hold.
    store::Scope scope() const;
    Reach const& reach() const { return reach_; }

private:
    bool is_over(std::string_view name) const;  // an address, by its domain

    bool is_somebody_ = false;
    bool read_only_ = true;
    mail::Role role_ = mail::Role::owner;
    Reach reach_;
};

// Who asks for something.
struct Caller {
    store::Actor actor;
    Authority authority = {};
    std::string token = {};  // the id of the token he calls with; empty where he is known by other means
};

}  // namespace provost::directory
