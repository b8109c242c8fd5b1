// SPDX-License-Identifier: Apache-2.0
#include "host/groups.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <grp.h>
#include <memory>
#include <optional>
#include <pwd.h>
#include <set>
#include <sys/stat.h>

#include <fmt/format.h>

#include "base/text.h"

namespace provost::host {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File opened(Root const& root, char const* path) { return {std::fopen(root.at(path).c_str(), "re"), std::fclose}; }

struct Groups {
    gid_t primary = 0;
    std::set<gid_t> all = {};
};

Result<Groups> groups_of(Root const& root, std::string const& user)
{
    std::optional<gid_t> primary;
    auto const users = opened(root, "/etc/passwd");
    for (passwd* entry = nullptr; users && (entry = ::fgetpwent(users.get())) != nullptr;) {
        if (entry->pw_name == user) primary = entry->pw_gid;
    }
    if (!primary) return refuse(Fault::not_found, "user", user, "does not exist");
    Groups found{*primary, {*primary}};
    auto const groups = opened(root, "/etc/group");
    for (group* entry = nullptr; groups && (entry = ::fgetgrent(groups.get())) != nullptr;) {
        for (char** member = entry->gr_mem; *member != nullptr; ++member) {
            if (*member == user) found.all.insert(entry->gr_gid);
        }
    }
    return found;
}

std::string name_of(Root const& root, gid_t gid)
{
    auto const groups = opened(root, "/etc/group");
    for (group* entry = nullptr; groups && (entry = ::fgetgrent(groups.get())) != nullptr;) {
        if (entry->gr_gid == gid) return entry->gr_name;
    }
    return {};
}

std::vector<std::string> words(Root const& root, char const* act, Membership const& membership)
{
    std::vector<std::string> words{"gpasswd"};
    if (!root.is_host()) words.insert(words.end(), {"--root", root.at("")});
    words.insert(words.end(), {act, membership.user, membership.group});
    return words;
}

}  // namespace

Result<bool> is_member(Root const& root, Membership const& membership)
{
    auto const gid = TRY(root.group(membership.group));
    auto const groups = TRY(groups_of(root, membership.user));
    return groups.all.count(gid) != 0;
}

Result<std::vector<std::string>> groups_to_read(Root const& root, std::string const& user, std::string const& path)
{
    auto const uid = TRY(root.user(user));
    auto const groups = TRY(groups_of(root, user));
    auto const real = TRY(root.real(path));
    std::vector<std::string> wanted;
    std::string at;
    for (auto const part : split(std::string_view(real).substr(1), '/')) {
        at += "/" + std::string(part);
        struct stat status {};
        if (::stat(root.at(at).c_str(), &status) != 0) {
            return fail(Fault::not_found, at + ": " + std::strerror(errno), path);
        }
        auto const bit = S_ISDIR(status.st_mode) ? mode_t{1} : mode_t{4};
        auto const is_owner = status.st_uid == uid;
        auto const is_in = groups.all.count(status.st_gid) != 0;
        auto const shift = is_owner ? 6U : is_in ? 3U : 0U;
        if ((status.st_mode & (bit << shift)) != 0) continue;
        auto const group = name_of(root, status.st_gid);
        if (is_owner || is_in || (status.st_mode & (bit << 3U)) == 0 || status.st_gid == 0 || group.empty()) {
            return fail(Fault::conflict,
                        fmt::format("{} cannot be read by the user {}: {} is for uid {} and gid {} alone, {:04o}", path,
                                    user, at, status.st_uid, status.st_gid, status.st_mode & 07777U),
                        path);
        }
        if (std::find(wanted.begin(), wanted.end(), group) == wanted.end()) wanted.push_back(group);
    }
    return wanted;
}

Result<void> add_member(Root const& root, Membership const& membership, Runner const& run)
{
    TRY(run(words(root, "-a", membership)));
    return {};
}

Result<void> remove_member(Root const& root, Membership const& membership, Runner const& run)
{
    TRY(run(words(root, "-d", membership)));
    return {};
}

}  // namespace provost::host
