// SPDX-License-Identifier: Apache-2.0
// A backup of the record, and the record made of one. Both work on the database's file itself, whether the daemon runs
// or not, while it reads and writes: what they see and make is one consistent state.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/backup_file.h"

namespace provost::store {

struct DatabaseFile {
    std::string url;
    std::chrono::milliseconds busy{2000};  // how long a lock is waited for
};

// Writes a backup, readable by its owner alone, under a temporary name, and renames it when it is on the disk. The
// owner is who calls, or the database's own where the folder is that one's too. A database in a folder of another is
// read, as it is written by restore(), with that user's rights. `conflict` where the file is there and is not to be
// overwritten.
Result<Manifest> back_up(DatabaseFile const& database, std::string const& file, bool overwrite);

// A database that is there, as it stands.
struct Standing {
    Position position;
    Time last_act = {};
};

struct RestoreOptions {
    std::string schema;     // the folder of migrations
    bool may_lose = false;  // acts that the backup does not have
    bool dry_run = false;
};

struct Restored {
    Manifest backup;
    std::optional<Standing> before;  // nothing where no database could be read
    std::string trouble;             // why not
    Position position;               // of the restored database; none after a dry run
    std::string aside;               // the file the old database is kept in; none where there was none
    // Names, sorted. Both empty where the old database could not be read.
    std::vector<std::string> back_again;  // mailboxes that were purged since the backup: their mail is gone
    std::vector<std::string> gone;        // mailboxes made since: their homes stay, and nobody's
    std::set<std::string> mailbox_ids;    // of the restored database
};

// Puts what is in a backup in the place of the database, with a new epoch, so that every copy is read anew, and a
// revision later than both. Deleted mailboxes get the time that passed since the backup added to theirs, or those that
// were undeleted meanwhile would be purged at once. `invalid` for a file that is damaged or is no backup, `conflict`
// where it is of a newer schema or acts would be lost; nothing is changed then.
Result<Restored> restore(DatabaseFile const& database, std::string const& file, RestoreOptions const& options);

}  // namespace provost::store
