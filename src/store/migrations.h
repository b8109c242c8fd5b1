// SPDX-License-Identifier: Apache-2.0
// Brings a database to the schema of this version: files NNNN-name.sql, applied in order, each in one transaction and
// recorded with its checksum.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sql/connection.h"

namespace provost::store {

struct Migration {
    int number = 0;
    std::string name;      // "0001-initial"
    std::string text;      // statements, each ended by a semicolon at the end of a line
    std::string checksum;  // SHA-256 of the text, in hex
};

// The folder of migrations: $PROVOST_SCHEMA, or beside the program as it is installed, and as it is built.
std::string schema_folder();

// The migrations of a folder in order; `unavailable` where there are none, or their numbers have a gap.
Result<std::vector<Migration>> read_migrations(std::string const& folder);

// Applies what is missing; all of it only where `may_begin`. Refuses, as `unavailable` and with nothing changed, a
// database that a newer version wrote and one whose applied migrations are not these.
Result<void> migrate(sql::Connection& connection, std::vector<Migration> const& migrations, bool may_begin = true);

// The number of the last migration applied; 0 for an empty database.
int schema_version(sql::Connection& connection);

}  // namespace provost::store
