// SPDX-License-Identifier: Apache-2.0
// Files as backups need them. What the system refuses is thrown as std::system_error with the path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace provost::store {

class File {
public:
    File(std::string path, int flags, mode_t mode = 0600);
    ~File();
    File(File const&) = delete;
    File& operator=(File const&) = delete;

    std::size_t read(char* into, std::size_t most);  // 0 at the end
    void write(std::string_view bytes);
    void go_to(std::uint64_t offset);
    void sync();
    std::uint64_t bytes() const;

private:
    std::string path_;
    int fd_;
};

// What was renamed in the folder stays so after a power failure.
void sync_folder(std::string const& folder);
std::string folder_of(std::string const& file);

// Read by nobody else, and gone with all that is in it at the end.
class TemporaryFolder {
public:
    TemporaryFolder(std::string const& parent, std::string const& name);
    ~TemporaryFolder();
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    std::string file(std::string const& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

// Whose a folder is. Where it is root's, whose the nearest above it is that is not: who owns that may have put a link
// to it there. Links are not followed.
struct Owner {
    uid_t user = 0;
    gid_t group = 0;
    bool operator==(Owner const&) const = default;
};
Owner owner_of(std::string const& folder);

// Root acts as the owner of a folder for the length of a scope, without other groups: there a link may lead anywhere,
// but not further than that user may go. The owner of a file in it says nothing, since the file may be a link. Does
// nothing for others than root. For processes of one thread.
class AsOwner {
public:
    explicit AsOwner(std::string const& folder);
    ~AsOwner();
    AsOwner(AsOwner const&) = delete;
    AsOwner& operator=(AsOwner const&) = delete;

private:
    void become_root_again() const;

    bool is_other_ = false;
    gid_t group_ = 0;  // as they were
    std::vector<gid_t> groups_;
};

}  // namespace provost::store
