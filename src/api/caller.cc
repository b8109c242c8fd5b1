// SPDX-License-Identifier: Apache-2.0
#include "api/caller.h"

#include <algorithm>
#include <array>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace provost::api {
namespace {

constexpr std::size_t longest_entry = 16 << 10;  // of the user database: name, home, shell and comment
constexpr std::size_t most_members = 1 << 20;    // bytes of a group's entry, with the names of all its members

std::string name_of_user(long uid)
{
    if (uid == 0) return "root";
    std::array<char, longest_entry> space{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(static_cast<uid_t>(uid), &entry, space.data(), space.size(), &found) == 0 && found)
        return found->pw_name;
    return "uid:" + std::to_string(uid);
}

}  // namespace

Result<std::optional<long>> gid_of(std::string const& name, std::string_view field)
{
    if (name.empty()) return std::optional<long>();
    std::vector<char> space(most_members);
    group entry{};
    group* found = nullptr;
    if (getgrnam_r(name.c_str(), &entry, space.data(), space.size(), &found) != 0 || !found)
        return refuse(Fault::invalid, field, name, "is not a group of this host");
    return std::optional<long>(static_cast<long>(found->gr_gid));
}

directory::Caller caller_of(net::Peer const& peer, std::optional<long> admins)
{
    if (peer.uid < 0) return {{"nobody", peer.address}, {}, {}};
    auto const is_member = admins && (peer.gid == *admins ||
                                      std::find(peer.groups.begin(), peer.groups.end(), *admins) != peer.groups.end());
    auto const known = peer.uid == 0 || peer.uid == static_cast<long>(geteuid()) || is_member;
    if (!known) return {{"nobody", "local"}, {}, {}};
    return {{name_of_user(peer.uid), "local"}, directory::Authority::site_admin(), {}};
}

}  // namespace provost::api
