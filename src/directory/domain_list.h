// SPDX-License-Identifier: Apache-2.0
// Domains as somebody names them: all, or some by name.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "mail/access.h"
#include "store/store.h"

namespace provost::directory {

struct DomainList {
    bool all = false;
    std::vector<std::string> names = {};
};

// Refuses a name that is no domain here.
Result<mail::Domains> domains_named(DomainList const& list, store::Reading& record);

}  // namespace provost::directory
