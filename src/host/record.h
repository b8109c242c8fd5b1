// SPDX-License-Identifier: Apache-2.0
// What setup keeps of the files it changes, in a folder for root alone: how each was, and how far a change has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "host/files.h"
#include "host/groups.h"
#include "net/fd.h"

namespace provost::host {

// A FileState with a digest in place of its bytes.
struct Stamp {
    bool there = false;
    uid_t uid = 0;
    gid_t gid = 0;
    mode_t mode = 0;
    std::string digest = {};  // SHA-256, in hex

    bool operator==(Stamp const&) const = default;
};

Stamp stamp_of(FileState const& state);

struct Entry {
    std::string path;
    Stamp first;                       // before the first setup: what undo brings back
    std::optional<Stamp> ours = {};    // what the last setup that came to its end wrote
    std::optional<Stamp> before = {};  // while a change is under way: how it was ...
    std::optional<Stamp> next = {};    // ... and how it is to be
    bool by_hand = false;              // somebody changed what we had written, and a later setup took that over
};

// Somebody whom setup made a member of a group.
struct Joined {
    Membership membership;
    bool is_settled = false;  // by a setup that came to its end

    bool operator==(Joined const&) const = default;
};

struct Record {
    enum class Phase : std::uint8_t {
        idle,
        changing,  // until its end, everything can be put back to `before`
        undoing,   // goes on to its end, whenever that is
    };
    Phase phase = Phase::idle;
    std::vector<std::string> folders = {};  // made by setup
    std::vector<Joined> members = {};
    std::vector<Entry> entries = {};

    Entry* find(std::string const& path);
};

// Whose files are among the entries.
struct Servers {
    bool dovecot = false;
    bool cyrus = false;
};
Servers servers_of(Record const& record);

// STATE/setup.
std::string record_folder(config::Settings const& settings);

// The folder, opened once: what is read and written is in the one that was looked at, whatever else comes to its path.
// For what is in it will be written to /etc by root, and the folder it is in belongs to the daemon's user, who must not
// get to say what that is.
class RecordFolder {
public:
    // Fault::not_found: there is none. Fault::conflict: it is not root's alone.
    static Result<RecordFolder> open(Root const& root, std::string const& folder);
    // The same, made where there is none.
    static Result<RecordFolder> make(Root const& root, std::string const& folder);

    // Of a file by its name in the folder.
    Result<std::string> read(std::string const& name) const;
    Result<void> put(std::string const& name, FileState const& state) const;
    std::string at(std::string const& name) const { return path_ + "/" + name; }  // for people
    Result<std::vector<std::string>> names() const;
    int descriptor() const { return folder_.get(); }

private:
    RecordFolder(net::Fd folder, std::string path) : folder_(std::move(folder)), path_(std::move(path)) {}
    Root inside() const;

    net::Fd folder_;
    std::string path_;
};

// As long as it lives nobody else changes the record. Makes the folder. Fault::unavailable: another one does just now.
class RecordLock {
public:
    static Result<RecordLock> take(Root const& root, std::string const& folder);
    RecordFolder const& folder() const { return folder_; }

private:
    explicit RecordLock(RecordFolder folder) : folder_(std::move(folder)) {}
    RecordFolder folder_;
};

// nullopt where it cannot be understood.
std::optional<Record> parse_record(std::string_view text);
std::string record_text(Record const& record);

// An empty one where there is none. Fault::conflict where it cannot be understood.
Result<Record> read_record(RecordFolder const& folder);

// On the disk when it returns.
Result<void> write_record(RecordFolder const& folder, Record const& record);

// Keeps the bytes; on the disk when it returns.
Result<Stamp> keep(RecordFolder const& folder, FileState const& state);
// What was kept. Fault::conflict where the bytes are no longer those of the stamp.
Result<FileState> kept(RecordFolder const& folder, Stamp const& stamp);

// Removes the kept bytes that the record does not name, and the record itself where it is empty.
Result<void> tidy(RecordFolder const& folder, Record const& record);

// Puts a copy of a file under a name of its own, for whoever changed it by hand. Returns where.
Result<std::string> put_aside(RecordFolder const& folder, std::string const& path, FileState const& state);

}  // namespace provost::host
