// SPDX-License-Identifier: Apache-2.0
#include "host/acting_as.h"

#include <algorithm>
#include <cstdlib>
#include <grp.h>
#include <unistd.h>

namespace provost::host {

ActingAs::ActingAs(uid_t uid, gid_t gid) : uid_(::geteuid()), gid_(::getegid())
{
    if (uid_ == uid && gid_ == gid) {
        is_so_ = true;
        return;
    }
    auto const count = ::getgroups(0, nullptr);
    groups_.resize(static_cast<std::size_t>(std::max(count, 0)));
    if (::getgroups(count, groups_.data()) != count) return;
    changed_ = true;
    is_so_ = ::setgroups(1, &gid) == 0 && ::setegid(gid) == 0 && ::seteuid(uid) == 0;
}

ActingAs::~ActingAs()
{
    if (!changed_) return;
    bool const back = ::seteuid(uid_) == 0 && ::setegid(gid_) == 0 && ::setgroups(groups_.size(), groups_.data()) == 0;
    if (!back && is_so_) std::abort();
}

}  // namespace provost::host
