// SPDX-License-Identifier: Apache-2.0
// Who asks. What they may is directory/authority.h's to say.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/authority.h"
#include "net/http.h"

namespace provost::api {

// The ids of users of this host; a name that is none is refused.
Result<std::set<long>> uids_of(std::vector<std::string> const& users, std::string_view field);

// On the admin socket the kernel says who calls (SO_PEERCRED): root, the daemon's own user and `admins` are site
// admins, everybody else, and every caller without such credentials, is nobody.
directory::Caller caller_of(net::Peer const& peer, std::set<long> const& admins);

}  // namespace provost::api
