// SPDX-License-Identifier: Apache-2.0
// Who is in which group, and what a user would have to be in to read a file.
#pragma once

#include <string>
#include <vector>

#include "host/files.h"
#include "host/versions.h"

namespace provost::host {

struct Membership {
    std::string user, group;

    bool operator==(Membership const&) const = default;
};

// As the root's own files say. Fault::not_found names a user or group that does not exist.
Result<bool> is_member(Root const& root, Membership const& membership);

// The groups that the user has to become a member of to read the file; none where it may be read as it is.
// Fault::conflict where no group helps.
Result<std::vector<std::string>> groups_to_read(Root const& root, std::string const& user, std::string const& path);

Result<void> add_member(Root const& root, Membership const& membership, Runner const& run);
Result<void> remove_member(Root const& root, Membership const& membership, Runner const& run);

}  // namespace provost::host
