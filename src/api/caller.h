// SPDX-License-Identifier: Apache-2.0
// Who asks. What they may is directory/authority.h's to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/authority.h"
#include "net/http.h"

namespace provost::api {

// The id of a group of this host; none for an empty name, refused where there is no such group.
Result<std::optional<long>> gid_of(std::string const& group, std::string_view field);

// On the admin socket the kernel says who calls: root, the daemon's own user and the members of the group `admins` are
// site admins, everybody else, and every caller without such credentials, is nobody.
directory::Caller caller_of(net::Peer const& peer, std::optional<long> admins);

}  // namespace provost::api
