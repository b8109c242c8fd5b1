// SPDX-License-Identifier: Apache-2.0
// The engines there are, chosen by the scheme of a database's URL.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "sql/connection.h"

namespace provost::sql {

struct ConnectOptions {
    // How long one statement waits for a lock another process holds, before Busy.
    std::chrono::milliseconds busy{500};
    // Whether a file that is not there is made, or is Unreachable.
    bool create = false;
};

// Opens a further connection to the same database each time it is called; throws Unreachable or Busy.
using Connect = std::function<std::unique_ptr<Connection>()>;

// "sqlite:/var/lib/provost/provost.db" -> how to connect to it; `invalid` for an engine that is not known.
Result<Connect> engine_for(std::string const& url, ConnectOptions const& options = {});

// The file of a URL that names one; `invalid` for what is no database in a file.
Result<std::string> file_of(std::string const& url);

// Copies a whole database page by page: what `from` shows, in its transaction where it has one, over what is in `to`,
// which has none. Others see in `to` what was there or all that came, and nothing between. `before` is called when
// others can no longer write to `to` and nothing of it is changed yet: it may still change `from`, and what it throws
// leaves `to` as it was. Busy where others write for longer than `patience`. Both are SQLite's.
void copy_database(Connection& from, Connection& to, std::chrono::milliseconds patience = {},
                   std::function<void()> const& before = {});

// A file; one that is created is readable by its owner alone.
std::unique_ptr<Connection> connect_sqlite(std::string const& file, ConnectOptions const& options);

}  // namespace provost::sql
