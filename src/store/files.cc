// SPDX-License-Identifier: Apache-2.0
#include "store/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace provost::store {
namespace {

[[noreturn]] void refused(std::string const& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

File::File(std::string path, int flags, mode_t mode)
    : path_(std::move(path)), fd_(::open(path_.c_str(), flags | O_CLOEXEC, mode))
{
    if (fd_ < 0) refused(path_);
}

File::~File() { ::close(fd_); }

std::size_t File::read(char* into, std::size_t most)
{
    for (;;) {
        auto const count = ::read(fd_, into, most);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) refused(path_);
    }
}

void File::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const count = ::write(fd_, bytes.data(), bytes.size());
        if (count >= 0) bytes.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR) refused(path_);
    }
}

void File::go_to(std::uint64_t offset)
{
    if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0) refused(path_);
}

void File::sync()
{
    if (::fsync(fd_) != 0) refused(path_);
}

std::uint64_t File::bytes() const
{
    struct stat found = {};
    if (::fstat(fd_, &found) != 0) refused(path_);
    return static_cast<std::uint64_t>(found.st_size);
}

void sync_folder(std::string const& folder) { File(folder, O_RDONLY | O_DIRECTORY).sync(); }

std::string folder_of(std::string const& file)
{
    auto const folder = std::filesystem::path(file).parent_path().string();
    return folder.empty() ? "." : folder;
}

TemporaryFolder::TemporaryFolder(std::string const& parent, std::string const& name)
    : path_(parent + "/." + name + "-XXXXXX")
{
    if (::mkdtemp(path_.data()) == nullptr) refused(path_);
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Owner owner_of(std::string const& folder)
{
    auto const whole = std::filesystem::absolute(folder).lexically_normal();
    for (auto each = whole;; each = each.parent_path()) {
        struct stat found = {};
        if (::lstat(each.c_str(), &found) != 0) refused(each.string());
        if (found.st_uid != 0) return {found.st_uid, found.st_gid};
        if (each == each.parent_path()) return {};
    }
}

AsOwner::AsOwner(std::string const& folder)
{
    if (::geteuid() != 0) return;
    auto const owner = owner_of(folder);
    if (owner.user == 0) return;
    group_ = ::getegid();
    auto const count = ::getgroups(0, nullptr);
    groups_.resize(static_cast<std::size_t>(std::max(count, 0)));
    if (count < 0 || ::getgroups(count, groups_.data()) != count) refused("reading the groups of root");
    if (::setgroups(1, &owner.group) == 0 && ::setegid(owner.group) == 0 && ::seteuid(owner.user) == 0) {
        is_other_ = true;
        return;
    }
    auto const why = errno;
    become_root_again();
    errno = why;
    refused("becoming the owner of " + folder);
}

// Nothing may go on as somebody else than it thinks.
void AsOwner::become_root_again() const
{
    if (::seteuid(0) != 0 || ::setegid(group_) != 0 || ::setgroups(groups_.size(), groups_.data()) != 0)
        std::terminate();
}

AsOwner::~AsOwner()
{
    if (is_other_) become_root_again();
}

}  // namespace provost::store
