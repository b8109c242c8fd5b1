// SPDX-License-Identifier: Apache-2.0
// What root does for another user is done with that user's rights.
#pragma once

#include <sys/types.h>
#include <vector>

namespace provost::host {

// Another effective user for the length of a scope, in a process with one thread. What it cannot give back it does not
// outlive.
class ActingAs {
public:
    ActingAs(uid_t uid, gid_t gid);
    ~ActingAs();
    ActingAs(ActingAs const&) = delete;
    ActingAs& operator=(ActingAs const&) = delete;
    bool is_so() const { return is_so_; }

private:
    uid_t uid_;
    gid_t gid_;
    std::vector<gid_t> groups_;
    bool changed_ = false;
    bool is_so_ = false;
};

}  // namespace provost::host
