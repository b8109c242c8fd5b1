// SPDX-License-Identifier: Apache-2.0
#include "host/files.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <memory>
#include <optional>
#include <pwd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/text.h"
#include "net/fd.h"

namespace provost::host {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

tl::unexpected<Error> not_done(std::string const& what, std::string const& path)
{
    return fail(errno == EACCES || errno == EPERM ? Fault::denied : Fault::unavailable,
                "cannot " + what + " " + escaped(path) + ": " + std::strerror(errno), path);
}

Result<void> write_all(int descriptor, std::string_view text, std::string const& path)
{
    while (!text.empty()) {
        auto const written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return not_done("write", path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor) != 0) return not_done("write", path);
    return {};
}

// Of the file that takes another's place; like no name that a server would read.
constexpr auto fresh_suffix = ".provost-new";
constexpr std::time_t old_enough = 3;  // seconds

// Nobody may read it before it has its owner: it may hold a secret.
Result<void> write_fresh(std::string const& path, FileState const& state)
{
    net::Fd const file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) return not_done("write", path);
    if (::fchown(file.get(), state.uid, state.gid) != 0) return not_done("give away", path);
    // After the owner: chown(2) may clear bits of the mode.
    if (::fchmod(file.get(), state.mode) != 0) return not_done("set the mode of", path);
    CHECK_OK(write_all(file.get(), state.content, path));
    // Whoever fears to read what is still being written, as Postfix does for seconds, need not: it takes its place
    // whole.
    auto const past = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) - old_enough;
    std::array<timespec, 2> const times{{{past, 0}, {past, 0}}};
    ::futimens(file.get(), times.data());
    return {};
}

bool is_link_of_root(std::string const& path)
{
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid == 0;
}

// So that a name that was given or taken is so after a crash too.
Result<void> sync_folder(std::string const& path)
{
    net::Fd const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) return not_done("write", path);
    return {};
}

}  // namespace

Root::Root(std::string folder) : folder_(std::move(folder))
{
    while (folder_.ends_with('/')) folder_.pop_back();
}

Result<uid_t> Root::user(std::string const& name) const
{
    if (name == "root") return 0;
    File const file(std::fopen(at("/etc/passwd").c_str(), "re"), std::fclose);
    for (passwd* entry = nullptr; file && (entry = ::fgetpwent(file.get())) != nullptr;) {
        if (name == entry->pw_name) return entry->pw_uid;
    }
    if (is_host()) {
        if (auto const* const entry = ::getpwnam(name.c_str())) return entry->pw_uid;
    }
    return refuse(Fault::not_found, "user", name, "does not exist on this host");
}

Result<gid_t> Root::group(std::string const& name) const
{
    if (name == "root") return 0;
    File const file(std::fopen(at("/etc/group").c_str(), "re"), std::fclose);
    for (::group* entry = nullptr; file && (entry = ::fgetgrent(file.get())) != nullptr;) {
        if (name == entry->gr_name) return entry->gr_gid;
    }
    if (is_host()) {
        if (auto const* const entry = ::getgrnam(name.c_str())) return entry->gr_gid;
    }
    return refuse(Fault::not_found, "group", name, "does not exist on this host");
}

Result<FileState> Root::state(std::string const& path) const
{
    net::Fd const file(::open(at(path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0 && errno == ENOENT) return FileState{};
    if (file.get() < 0 && errno != ELOOP) return not_done("read", at(path));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return fail(Fault::conflict, escaped(at(path)) + " is in the way: it is not a file", path);
    }
    FileState state{true, {}, status.st_uid, status.st_gid, status.st_mode & 07777U};
    state.content = TRY(read(path));
    return state;
}

Result<void> Root::put(std::string const& path, FileState const& state) const
{
    auto const target = at(path);
    sweep(path);
    if (state.there) {
        auto const fresh = target + fresh_suffix;
        auto const written = write_fresh(fresh, state);
        if (!written || ::rename(fresh.c_str(), target.c_str()) != 0) {
            auto const error = written ? not_done("replace", target) : tl::make_unexpected(written.error());
            sweep(path);
            return error;
        }
    } else if (::unlink(target.c_str()) != 0) {
        return errno == ENOENT ? Result<void>() : not_done("remove", target);
    }
    return sync_folder(std::filesystem::path(target).parent_path());
}

void Root::sweep(std::string const& path) const { ::unlink((at(path) + fresh_suffix).c_str()); }

Result<std::string> Root::real(std::string const& path) const
{
    struct stat status {};
    if (::lstat(at(path).c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
    std::error_code error;
    auto const target = std::filesystem::canonical(at(path), error).string();
    auto const inside = folder_.empty() ? folder_ : std::filesystem::canonical(folder_).string();
    if (error || !target.starts_with(inside + "/") || target.find('\n') != std::string::npos) {
        return fail(Fault::conflict, escaped(at(path)) + " is a link that leads nowhere", path);
    }
    return target.substr(inside.size());
}

bool Root::exists(std::string const& path) const
{
    struct stat status {};
    return ::lstat(at(path).c_str(), &status) == 0;
}

// Whether owner, group or mode had to be changed. Never follows a link.
Result<bool> Root::give(std::string const& path, Access const& access) const
{
    auto const uid = TRY(user(access.owner));
    auto const gid = TRY(group(access.group));
    net::Fd const file(::open(at(path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return not_done("open", at(path));
    bool changed = false;
    if (status.st_uid != uid || status.st_gid != gid) {
        if (::fchown(file.get(), uid, gid) != 0) return not_done("give away", at(path));
        changed = true;
    }
    // After the owner: chown(2) may clear bits of the mode.
    if ((status.st_mode & 07777U) != access.mode) {
        if (::fchmod(file.get(), access.mode) != 0) return not_done("set the mode of", at(path));
        changed = true;
    }
    return changed;
}

Result<void> Root::folder(Folder const& folder, Changes& changes) const
{
    auto const path = at(folder.path);
    struct stat status {};
    bool const there = ::stat(path.c_str(), &status) == 0;
    if (there && !S_ISDIR(status.st_mode)) {
        return fail(Fault::conflict, escaped(path) + " is in the way: it is not a folder", folder.path);
    }
    if (there && !folder.ours) return {};
    if (!there) {
        std::error_code error;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
        if (::mkdir(path.c_str(), 0700) != 0) return not_done("make", path);
    }
    auto const real_path = is_link_of_root(path) ? TRY(real(folder.path)) : folder.path;
    auto const given = TRY(give(real_path, folder.access));
    if (!there) changes.push_back("made the folder " + folder.path);
    if (there && given) changes.push_back("set owner and mode of " + folder.path);
    return {};
}

Result<void> Root::file(std::string const& path, std::string const& text, Access const& access, Changes& changes) const
{
    auto const old = read(path);
    if (old && *old == text) {
        if (TRY(give(path, access))) changes.push_back("set owner and mode of " + path);
        return {};
    }
    auto const uid = TRY(user(access.owner));
    auto const gid = TRY(group(access.group));
    CHECK_OK(put(path, {true, text, uid, gid, access.mode}));
    changes.push_back("wrote " + path);
    return {};
}

Result<void> Root::link(Link const& link, Changes& changes) const
{
    std::error_code error;
    auto const path = at(link.path);
    if (std::filesystem::read_symlink(path, error) == link.target && !error) return {};
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return fail(Fault::conflict, escaped(path) + " is in the way: it is a folder", link.path);
    }
    auto const fresh = path + fresh_suffix;
    sweep(link.path);
    if (::symlink(link.target.c_str(), fresh.c_str()) != 0) return not_done("link", path);
    // Replaces at once, also a socket that another program left there.
    if (::rename(fresh.c_str(), path.c_str()) != 0) return not_done("link", path);
    changes.push_back("linked " + link.path + " to " + link.target);
    return {};
}

Result<std::string> Root::read(std::string const& path) const
{
    File const file(std::fopen(at(path).c_str(), "rbe"), std::fclose);
    if (!file) {
        if (errno == ENOENT) return fail(Fault::not_found, "there is no " + escaped(at(path)), path);
        return not_done("read", at(path));
    }
    std::string text;
    std::array<char, 4096> piece{};
    while (auto const got = std::fread(piece.data(), 1, piece.size(), file.get())) text.append(piece.data(), got);
    if (std::ferror(file.get()) != 0) return not_done("read", at(path));
    return text;
}

}  // namespace provost::host
