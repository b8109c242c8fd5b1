// SPDX-License-Identifier: Apache-2.0
// Which protocol is spoken on which socket, and what it is answered from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "directory/logins.h"
#include "directory/lookups.h"
#include "net/listener.h"
#include "net/session.h"
#include "reconcile/observations.h"
#include "store/store.h"

namespace provost::daemon {

class Wires {
public:
    Wires(directory::Lookups& lookups, directory::Logins& logins, Metrics& metrics);
    ~Wires();
    Wires(Wires const&) = delete;
    Wires& operator=(Wires const&) = delete;

    // For a socket by the name of host::Socket; none for a name that has no protocol.
    net::SessionMaker sessions(std::string const& name);
    static net::Limits limits(std::string const& name);
    // When nobody is let in any more: until the mail processes of those who were have asked for them, for a second at
    // most.
    void wait_for_mail_processes();

    // What the servers reported since the last call.
    reconcile::Observations::Usages take_usages();
    std::vector<store::Store::SignIn> take_sign_ins();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace provost::daemon
