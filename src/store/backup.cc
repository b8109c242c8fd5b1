// SPDX-License-Identifier: Apache-2.0
#include "store/backup.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "base/step.h"
#include "sql/engines.h"
#include "store/migrations.h"
#include "store/standing.h"

namespace provost::store {
namespace {

// The daemon's user owns the database; who makes the backup owns the copy.
std::unique_ptr<sql::Connection> connect_as_owner(std::string const& file, std::chrono::milliseconds busy)
{
    AsOwner const owner(folder_of(file));
    auto connection = sql::connect_sqlite(file, {.busy = busy});
    connection->begin(sql::Access::read);
    standing_of(*connection);  // opens what SQLite opens at the first look, and takes the snapshot
    return connection;
}

Result<void> give_name(std::string const& finished, std::string const& file, bool overwrite)
{
    auto const flags = overwrite ? 0U : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, file.c_str(), flags) == 0) return {};
    if (errno == EEXIST) return refuse(Fault::conflict, "FILE", file, "exists; --force overwrites it");
    return refuse(Fault::unavailable, "FILE", file, std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace

Result<Manifest> back_up(DatabaseFile const& database, std::string const& file, bool overwrite)
{
    auto const source = TRY(sql::file_of(database.url));
    if (!overwrite && std::filesystem::exists(std::filesystem::symlink_status(file)))
        return refuse(Fault::conflict, "FILE", file, "exists; --force overwrites it");
    try {
        auto const from = connect_as_owner(source, database.busy);
        // In a folder of the daemon's user the copy is that user's as well, or what lies there might lead root astray.
        std::optional<AsOwner> owner;
        if (owner_of(folder_of(file)) == owner_of(folder_of(source))) owner.emplace(folder_of(file));
        TemporaryFolder const folder(folder_of(file), "provost-backup");
        auto const copy = folder.file("database");
        Manifest manifest;
        {
            auto const to = sql::connect_sqlite(copy, {.create = true});
            step("backup: begun");
            sql::copy_database(*from, *to);
            step("backup: copied");
            auto const standing = standing_of(*to);
            manifest = {schema_version(*to), standing.position, standing.last_act, now(), 0};
        }
        manifest.bytes = std::filesystem::file_size(copy);
        auto const finished = folder.file("backup");
        write_backup_file(manifest, copy, finished);
        step("backup: written");
        CHECK_OK(give_name(finished, file, overwrite));
        step("backup: named");
        sync_folder(folder_of(file));
        return manifest;
    } catch (std::exception const& error) {
        return fail(Fault::unavailable, std::string("the backup cannot be made: ") + error.what());
    }
}

}  // namespace provost::store
