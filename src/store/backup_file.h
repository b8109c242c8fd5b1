// SPDX-License-Identifier: Apache-2.0
// The file of a backup: eight lines that say what it is, then an SQLite database. The first line names the SHA-256 of
// everything after it, so that no byte can change unnoticed.
//
//   Provost backup 1 sha256 9f86...
//   schema 2
//   epoch 3Jb...
//   revision 41
//   nonce x0f...
//   last-act 2026-11-20T23:09:03Z
//   made 2026-11-21T02:00:00Z
//   bytes 217088
#pragma once

#include <string>

#include "base/result.h"
#include "store/files.h"
#include "store/store.h"

namespace provost::store {

struct Manifest {
    int schema = 0;
    Position position;
    Time last_act = {};  // when the revision was made
    Time made = {};
    std::uint64_t bytes = 0;  // of the database
};

// Writes the database in the file `database` to a new file `file`, and waits until it is on the disk.
void write_backup_file(Manifest const& manifest, std::string const& database, std::string const& file);

// A backup that was found whole.
class BackupFile {
public:
    // Reads all of it; `not_found`, or `invalid` where it is no backup or not as it was written.
    static Result<BackupFile> open(std::string const& file);
    Manifest const& manifest() const { return manifest_; }
    // Writes the database to a new file.
    void extract(std::string const& to) const;

private:
    BackupFile(std::unique_ptr<File> file, Manifest manifest, std::uint64_t begins)
        : file_(std::move(file)), manifest_(std::move(manifest)), begins_(begins)
    {
    }
    std::unique_ptr<File> file_;
    Manifest manifest_;
    std::uint64_t begins_;  // where the database does
};

}  // namespace provost::store
