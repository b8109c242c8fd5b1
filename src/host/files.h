// SPDX-License-Identifier: Apache-2.0
// Makes folders, files and links be as said below a root folder, and says which of them had to change.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.h"

namespace provost::host {

// Owner and group by name, as the root's own passwd and group files number them.
struct Access {
    std::string owner = "root";
    std::string group = "root";
    mode_t mode = 0644;
};

struct Folder {
    std::string path;
    Access access;
    bool ours = true;  // another program's folder is made where it is missing, and otherwise left as it is
};

struct Link {
    std::string path;
    std::string target;
};

// What a file is: its bytes and who may do what with it; or that it is not there, and nothing more.
struct FileState {
    bool there = false;
    std::string content = {};
    uid_t uid = 0;
    gid_t gid = 0;
    mode_t mode = 0;

    bool operator==(FileState const&) const = default;
};

// What was changed, one sentence each; empty when all was as it should be.
using Changes = std::vector<std::string>;

class Root {
public:
    explicit Root(std::string folder = "/");

    bool is_host() const { return folder_.empty(); }  // the running system itself
    // Where `path`, absolute as seen inside the root, is.
    std::string at(std::string const& path) const { return folder_ + path; }

    // Each says what it changed in `changes`. Fault::not_found names a user or group that does not exist. A link of
    // root's to a folder, as to another disk, is followed.
    Result<void> folder(Folder const& folder, Changes& changes) const;
    Result<void> file(std::string const& path, std::string const& text, Access const& access, Changes& changes) const;
    Result<void> link(Link const& link, Changes& changes) const;

    // Fault::not_found where there is no such file.
    Result<std::string> read(std::string const& path) const;
    bool exists(std::string const& path) const;

    // Fault::conflict where there is something that is not a file; a link is not, see real().
    Result<FileState> state(std::string const& path) const;
    // Makes it so at once: who reads finds the old file or the new one, also when the host stops in between.
    Result<void> put(std::string const& path, FileState const& state) const;
    // What a crash in the middle of put() may have left beside the file.
    void sweep(std::string const& path) const;
    // The path with its links followed, inside the root. Fault::conflict where they lead out of it or to nothing.
    Result<std::string> real(std::string const& path) const;

    Result<uid_t> user(std::string const& name) const;
    Result<gid_t> group(std::string const& name) const;

private:
    Result<bool> give(std::string const& path, Access const& access) const;

    std::string folder_;  // empty for "/"
};

}  // namespace provost::host
