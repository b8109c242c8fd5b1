// SPDX-License-Identifier: Apache-2.0
#include "host/trusted.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "net/fd.h"

namespace provost::host {

namespace {

tl::unexpected<Error> unreadable(std::string const& path)
{
    return fail(errno == ENOENT ? Fault::not_found : Fault::unavailable,
                "cannot read '" + escaped(path) + "': " + std::strerror(errno), "config");
}

bool is_roots_alone(struct stat const& status)
{
    auto const by_others = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    auto const sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    return status.st_uid == 0 && (!by_others || sticky_folder);
}

Result<void> check(std::string const& path, struct stat const& status)
{
    if (is_roots_alone(status)) return {};
    return refuse(Fault::denied, "config", path, "must belong to root and be writable by root alone");
}

Result<std::string> content_of(net::Fd const& file, std::string const& path)
{
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        auto const got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path);
        if (got == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

Result<std::string> read_trusted(std::string const& path)
{
    // Its folders first: once none of them can be changed by others, what is opened is what was looked at.
    std::error_code error;
    auto const real = std::filesystem::canonical(path, error);
    if (error) {
        errno = error.value();
        return unreadable(path);
    }
    struct stat status {};
    for (auto folder = real.parent_path();; folder = folder.parent_path()) {
        if (::stat(folder.c_str(), &status) != 0) return unreadable(folder);
        CHECK_OK(check(folder, status));
        if (folder == folder.root_path()) break;
    }
    net::Fd const file(::open(real.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file || ::fstat(file.get(), &status) != 0) return unreadable(path);
    if (!S_ISREG(status.st_mode)) return refuse(Fault::invalid, "config", path, "is not a regular file");
    CHECK_OK(check(path, status));
    return content_of(file, path);
}

}  // namespace provost::host
