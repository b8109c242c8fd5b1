// SPDX-License-Identifier: Apache-2.0
// The site's Cyrus, built out of the settings: its administrator, who is an account of ours, and it as a target.
#pragma once

#include <string>

#include "base/secret.h"
#include "config/settings.h"
#include "targets/cyrus.h"
#include "targets/root_helper.h"

namespace provost::daemon {

net::ImapServer cyrus_server(config::Cyrus const& settings);

class CyrusSite {
public:
    using IsAnothers = std::function<Result<bool>(std::string const& id)>;
    // `password` is the administrator's, and outlives this.
    CyrusSite(config::Cyrus const& settings, Secret const& password, targets::RootHelper const& helper,
              IsAnothers is_anothers);

private:
    targets::CyrusAdmin admin_;

public:
    targets::Cyrus target;
};

}  // namespace provost::daemon
