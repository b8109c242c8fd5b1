// SPDX-License-Identifier: Apache-2.0
#include "api/caller.h"

#include <array>
#include <pwd.h>
#include <unistd.h>

namespace provost::api {
namespace {

constexpr std::size_t longest_entry = 16 << 10;  // of the user database: name, home, shell and comment

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

Result<std::set<long>> uids_of(std::vector<std::string> const& users, std::string_view field)
{
    std::set<long> uids;
    for (auto const& user : users) {
        std::array<char, longest_entry> space{};
        passwd entry{};
        passwd* found = nullptr;
        if (getpwnam_r(user.c_str(), &entry, space.data(), space.size(), &found) != 0 || !found)
            return refuse(Fault::invalid, field, user, "is not a user of this host");
        uids.insert(static_cast<long>(found->pw_uid));
    }
    return uids;
}

directory::Caller caller_of(net::Peer const& peer, std::set<long> const& admins)
{
    if (peer.uid < 0) return {{"nobody", peer.address}, {}};
    auto const known = peer.uid == 0 || peer.uid == static_cast<long>(geteuid()) || admins.count(peer.uid) > 0;
    if (!known) return {{"nobody", "local"}, {}};
    return {{name_of_user(peer.uid), "local"}, directory::Authority::site_admin()};
}

}  // namespace provost::api
