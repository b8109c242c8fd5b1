// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <system_error>
#include <unistd.h>

#include "base/random.h"
#include "base/step.h"
#include "sql/engines.h"
#include "store/backup.h"
#include "store/migrations.h"
#include "store/session.h"
#include "store/standing.h"

namespace provost::store {
namespace {

namespace fs = std::filesystem;

// Whoever writes all the time lets others in between, by chance.
constexpr std::chrono::seconds lock_patience{15};

// Leaves from under the lock on the database, which is undone by that.
struct Refused {
    Error error;
};

// https://www.sqlite.org/fileformat2.html#magic_header_string
bool is_database(std::string const& file)
{
    constexpr std::string_view magic{"SQLite format 3\0", 16};
    File in(file, O_RDONLY);
    std::string begins(magic.size(), ' ');
    begins.resize(in.read(begins.data(), begins.size()));
    return begins == magic;
}

std::map<std::string, std::string> mailbox_names(sql::Connection& connection)
{
    std::map<std::string, std::string> names;
    for (auto const& row : connection.query("SELECT id, name FROM mailbox")) names.emplace(row.text(0), row.text(1));
    return names;
}

std::vector<std::string> names_missing_in(std::map<std::string, std::string> const& other,
                                          std::map<std::string, std::string> const& all)
{
    std::vector<std::string> found;
    for (auto const& [id, name] : all)
        if (!other.contains(id)) found.push_back(name);
    std::ranges::sort(found);
    return found;
}

std::string said(Position const& position, Time last_act)
{
    return "revision " + std::to_string(position.revision) + " of " + to_rfc3339(last_act);
}

class Restoring {
public:
    Restoring(std::string database, std::chrono::milliseconds busy, BackupFile const& backup,
              RestoreOptions const& options)
        : database_(std::move(database)),
          busy_(busy),
          backup_(backup),
          options_(options),
          folder_(folder_of(database_), "restore")
    {
        out_.backup = backup.manifest();
    }

    Result<Restored> run(std::vector<Migration> const& migrations)
    {
        CHECK_OK(prepare(migrations));
        step("restore: prepared");
        bool const exists = fs::exists(database_);
        if (!exists || !is_database(database_)) {
            if (exists) out_.trouble = "what is in " + database_ + " is not a database";
            if (exists) CHECK_OK(judge());
            if (!options_.dry_run) put_file();
            return out_;
        }
        auto const present = sql::connect_sqlite(database_, {.busy = busy_});
        look_at(*present);
        CHECK_OK(judge());
        if (!out_.trouble.empty() || schema_version(*present) <= static_cast<int>(migrations.size())) {
            if (!options_.dry_run) put_content(*present);
            return out_;
        }
        return fail(Fault::conflict, "the database was written by a newer version; restore with that version");
    }

private:
    // Extracts, looks whether all of it can be read and holds together, and brings it to this version's schema.
    Result<void> prepare(std::vector<Migration> const& migrations)
    {
        auto const& manifest = backup_.manifest();
        if (manifest.schema > static_cast<int>(migrations.size()))
            return fail(Fault::conflict, "the backup is of a newer version: it has schema " +
                                             std::to_string(manifest.schema) + ", the last one known here is " +
                                             std::to_string(migrations.size()));
        auto const file = folder_.file("database");
        backup_.extract(file);
        prepared_ = sql::connect_sqlite(file, {});
        auto const checked = prepared_->query("PRAGMA integrity_check(1)");
        if (checked.size() != 1 || checked[0].text(0) != "ok")
            return fail(Fault::invalid, "the database in the backup is damaged: " + checked.at(0).text(0));
        auto const unkept = prepared_->query("PRAGMA foreign_key_check");
        if (!unkept.empty())
            return fail(Fault::invalid, "the database in the backup does not hold together: a row of " +
                                            unkept[0].text(0) + " belongs to one of " + unkept[0].text(2) +
                                            " that is not there");
        if (schema_version(*prepared_) != manifest.schema || standing_of(*prepared_).position != manifest.position)
            return fail(Fault::invalid, "the database in the backup is not the one that its first lines tell of");
        CHECK_OK(migrate(*prepared_, migrations, false));
        names_ = mailbox_names(*prepared_);
        for (auto const& [id, name] : names_) out_.mailbox_ids.insert(id);
        return {};
    }

    void look_at(sql::Connection& present)
    {
        try {
            out_.before = standing_of(present);
            auto const now_there = mailbox_names(present);
            out_.back_again = names_missing_in(now_there, names_);
            out_.gone = names_missing_in(names_, now_there);
        } catch (sql::Busy const&) {
            throw;
        } catch (std::exception const& error) {
            out_.before.reset();
            out_.trouble = error.what();
        }
    }

    // Whether what is there may go.
    Result<void> judge() const
    {
        if (options_.may_lose) return {};
        auto const& manifest = out_.backup;
        if (!out_.before)
            return fail(Fault::conflict, "what the database has that the backup does not have cannot be told (" +
                                             out_.trouble + "); --yes restores nevertheless");
        auto const& there = out_.before->position;
        bool const earlier = there.epoch == manifest.position.epoch && there.revision < manifest.position.revision;
        // Nobody ever acted on one of revision 0.
        if (there == manifest.position || earlier || there.revision == 0) return {};
        return fail(Fault::conflict, "acts that the backup does not have would be lost: the database stands at " +
                                         said(there, out_.before->last_act) + ", the backup at " +
                                         said(manifest.position, manifest.last_act) + " (made " +
                                         to_rfc3339(manifest.made) + "); --yes restores nevertheless");
    }

    // A revision later than both: no number is ever given to two states that somebody may compare.
    void begin_new_life()
    {
        auto const& manifest = out_.backup;
        sql::Transaction transaction(*prepared_, sql::Access::write);
        auto const least = out_.before ? static_cast<std::int64_t>(out_.before->position.revision) : 0;
        prepared_->query("UPDATE revision SET epoch = ? WHERE id = 1", random_token());
        prepared_->query("UPDATE revision SET revision = ? WHERE id = 1 AND revision < ?", least, least);
        prepared_->query(
            "UPDATE mailbox SET restorable_until = restorable_until + ? WHERE restorable_until IS NOT NULL",
            std::max<std::int64_t>(0, (now() - manifest.made).count()));
        Session session(*prepared_);
        session.start_act({"root", "local"});
        session.audit_act("database.restore", "database",
                          out_.before ? R"({"revision":)" + std::to_string(least) + "}" : std::string(),
                          R"({"revision":)" + std::to_string(manifest.position.revision) + R"(,"made":")" +
                              to_rfc3339(manifest.made) + R"("})");
        out_.position = session.position();
        transaction.commit();
        step("restore: new life");
    }

    std::string aside_name() const
    {
        auto when = to_rfc3339(now());
        std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
        return database_ + ".before-restore-" + when;
    }

    // Over what the database holds, in one transaction of it: whoever has it open reads on, and who writes waits.
    void put_content(sql::Connection& present)
    {
        auto const live = sql::connect_sqlite(database_, {.busy = busy_});
        auto const aside = aside_name();
        try {
            sql::copy_database(*prepared_, *live, lock_patience, [&] {
                look_at(present);
                if (auto const may = judge(); !may) throw Refused{may.error()};
                begin_new_life();
                auto const copy = folder_.file("aside");
                sql::copy_database(present, *sql::connect_sqlite(copy, {.create = true}));
                fs::rename(copy, aside);
                sync_folder(folder_of(database_));
                out_.aside = aside;
                step("restore: before it is written over");
            });
            step("restore: done");
        } catch (...) {
            std::error_code ignored;
            if (!out_.aside.empty()) fs::remove(aside, ignored);
            throw;
        }
    }

    // There is no database to write over: the file takes its name. What SQLite kept beside the old one goes first,
    // since it would be taken for the new one's.
    void put_file()
    {
        begin_new_life();
        prepared_.reset();
        auto const file = folder_.file("database");
        File(file, O_RDONLY).sync();
        auto const aside = aside_name();
        if (fs::exists(database_)) {
            fs::create_hard_link(database_, aside);
            out_.aside = aside;
        }
        if (fs::exists(database_ + "-wal")) fs::rename(database_ + "-wal", aside + "-wal");
        fs::remove(database_ + "-shm");
        step("restore: before the file has its name");
        fs::rename(file, database_);
        step("restore: has its name");
        sync_folder(folder_of(database_));
    }

    std::string database_;
    std::chrono::milliseconds busy_;
    BackupFile const& backup_;
    RestoreOptions const& options_;
    TemporaryFolder folder_;
    std::unique_ptr<sql::Connection> prepared_;
    std::map<std::string, std::string> names_;  // of its mailboxes, by id
    Restored out_;
};

}  // namespace

Result<Restored> restore(DatabaseFile const& database, std::string const& file, RestoreOptions const& options)
{
    auto const target = TRY(sql::file_of(database.url));
    auto const migrations = TRY(read_migrations(options.schema));
    try {
        auto const backup = TRY(BackupFile::open(file));
        AsOwner const owner(folder_of(target));
        return Restoring(target, database.busy, backup, options).run(migrations);
    } catch (Refused const& refused) {
        return tl::make_unexpected(refused.error);
    } catch (std::exception const& error) {
        return fail(Fault::unavailable, std::string("nothing is restored: ") + error.what());
    }
}

}  // namespace provost::store
