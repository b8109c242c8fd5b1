// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "sql/engines.h"

namespace provost::sql {
namespace {

struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
struct EndBackup {
    void operator()(sqlite3_backup* b) const { sqlite3_backup_finish(b); }  // undoes what was not finished
};

// A statement is free for its next use however this one ends.
class Use {
public:
    explicit Use(sqlite3_stmt* s) : statement_(s) {}
    ~Use()
    {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Use(Use const&) = delete;
    Use& operator=(Use const&) = delete;

private:
    sqlite3_stmt* statement_;
};

constexpr int one_wait_for_lock = 5;  // milliseconds

struct Inode {
    dev_t device = 0;
    ino_t number = 0;
    bool operator==(Inode const&) const = default;
};

std::optional<Inode> inode_of(std::string const& file)
{
    struct stat found = {};
    if (::stat(file.c_str(), &found) != 0) return std::nullopt;
    return Inode{found.st_dev, found.st_ino};
}

class Sqlite final : public Connection {
public:
    Sqlite(std::string const& file, ConnectOptions const& options)
        : file_(file), busy_(static_cast<int>(options.busy.count()))
    {
        // Hashes of passwords are kept in it. SQLite gives its other files the rights of the first.
        if (options.create) {
            auto const fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
            if (fd >= 0) ::close(fd);
        }
        inode_ = inode_of(file);
        if (!inode_) throw Unreachable(file + ": there is no such file, or it cannot be reached");
        sqlite3* db = nullptr;
        auto const code = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
        db_.reset(db);
        if (code != SQLITE_OK) raise(code);
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, busy_);
        if (sqlite3_db_readonly(db, "main") == 1) throw Unreachable(file + ": it cannot be written to");
        run("PRAGMA journal_mode = WAL", {});
        run("PRAGMA synchronous = FULL", {});  // what was acknowledged survives a power failure
        run("PRAGMA foreign_keys = ON", {});
        // KiB. Each connection keeps what it once took, there are five, and the kernel has the file's pages anyhow.
        run("PRAGMA cache_size = -8192", {});
    }

    std::int64_t changes() const override { return sqlite3_changes64(db_.get()); }

    // A deferred transaction that finds its snapshot overtaken when it comes to write could only be given up.
    void begin(Access access) override { run(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN", {}); }

    void commit() override
    {
        try {
            run("COMMIT", {});
        } catch (Unreachable const& trouble) {
            auto const code = sqlite3_extended_errcode(db_.get());
            // The last page could not be written, so that there is no whole transaction in the log.
            bool const is_cut_short = (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_WRITE;
            if (is_cut_short || overwrite_log()) throw;
            throw InDoubt(trouble.what());
        }
    }

    // A backup put in the place of the file is another database.
    bool usable() const override { return sqlite3_get_autocommit(db_.get()) != 0 && inode_of(file_) == inode_; }

    // https://www.sqlite.org/c3ref/backup_finish.html
    void become(Sqlite const& from, std::chrono::milliseconds patience, std::function<void()> const& before)
    {
        std::unique_ptr<sqlite3_backup, EndBackup> const copying(
            sqlite3_backup_init(db_.get(), "main", from.db_.get(), "main"));
        if (!copying) raise(sqlite3_extended_errcode(db_.get()));
        // Asked for often: SQLite's own waiting grows to tenths of a second, between which busy writers leave no gap.
        sqlite3_busy_timeout(db_.get(), one_wait_for_lock);
        Stopwatch const since;
        auto code = SQLITE_BUSY;
        do code = sqlite3_backup_step(copying.get(), 0);  // no page, but the lock
        while ((code & 0xff) == SQLITE_BUSY && since.elapsed() < patience);
        sqlite3_busy_timeout(db_.get(), busy_);
        if (code == SQLITE_OK) {
            if (before) before();
            code = sqlite3_backup_step(copying.get(), -1);
        }
        if (code != SQLITE_DONE) raise(code, sqlite3_errstr(code));
    }

protected:
    Rows run(std::string_view statement, std::span<Value const> args) override
    {
        auto* s = prepared(statement);
        Use const use(s);
        if (sqlite3_bind_parameter_count(s) != static_cast<int>(args.size()))
            throw Broken("a statement was given " + std::to_string(args.size()) +
                         " arguments: " + std::string(statement));
        for (std::size_t i = 0; i < args.size(); ++i) bind(s, static_cast<int>(i) + 1, args[i]);

        Rows rows;
        for (;;) {
            auto const code = sqlite3_step(s);
            if (code == SQLITE_DONE) return rows;
            if (code != SQLITE_ROW) raise(code);
            auto const count = sqlite3_column_count(s);
            std::vector<Value> columns;
            columns.reserve(static_cast<std::size_t>(count));
            for (int i = 0; i < count; ++i) columns.push_back(column(s, i));
            rows.emplace_back(std::move(columns));
        }
    }

private:
    // A commit may fail after its pages are in the log, for want of a sync or of memory. Nobody reads them there, until
    // the log is read anew after a crash: unless another transaction has been written over them by then.
    // https://www.sqlite.org/walformat.html
    bool overwrite_log()
    {
        try {
            if (sqlite3_get_autocommit(db_.get()) == 0) run("ROLLBACK", {});
            run("BEGIN IMMEDIATE", {});
            // A number that nobody uses, in the first page; one that stayed the same would not be written.
            auto const number = run("PRAGMA user_version", {}).at(0).integer(0);
            run("PRAGMA user_version = " + std::to_string((number + 1) % 1000), {});
            run("COMMIT", {});
            return true;
        } catch (std::exception const&) {
            return false;
        }
    }

    sqlite3_stmt* prepared(std::string_view statement)
    {
        auto const found = cache_.find(statement);
        if (found != cache_.end()) return found->second.get();
        sqlite3_stmt* s = nullptr;
        auto const code = sqlite3_prepare_v3(db_.get(), statement.data(), static_cast<int>(statement.size()),
                                             SQLITE_PREPARE_PERSISTENT, &s, nullptr);
        if (code != SQLITE_OK) raise(code);
        return cache_.emplace(statement, s).first->second.get();
    }

    void bind(sqlite3_stmt* s, int i, Value const& value) const
    {
        auto code = SQLITE_OK;
        if (auto const* number = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(s, i, *number);
        } else if (auto const* text = std::get_if<std::string>(&value)) {
            if (text->find('\0') != std::string::npos) throw Broken("a NUL byte cannot be stored as text");
            code = sqlite3_bind_text64(s, i, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
        }
        if (code != SQLITE_OK) raise(code);
    }

    static Value column(sqlite3_stmt* s, int i)
    {
        switch (sqlite3_column_type(s, i)) {
            case SQLITE_NULL:
                return {};
            case SQLITE_INTEGER:
                return std::int64_t{sqlite3_column_int64(s, i)};
            default:
                break;
        }
        auto const* bytes = reinterpret_cast<char const*>(sqlite3_column_text(s, i));
        if (bytes == nullptr) throw std::bad_alloc();
        return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
    }

    // https://www.sqlite.org/rescode.html
    [[noreturn]] void raise(int code) const { raise(code, db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(code)); }

    [[noreturn]] void raise(int code, char const* words) const
    {
        auto const message = file_ + ": " + words;
        if (code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_CHECK) throw Broken(message);
        switch (code & 0xff) {
            case SQLITE_CONSTRAINT:
                throw Conflict(message);
            case SQLITE_BUSY:
            case SQLITE_LOCKED:
                throw Busy(message);
            case SQLITE_CANTOPEN:
            case SQLITE_IOERR:
            case SQLITE_FULL:
            case SQLITE_READONLY:
            case SQLITE_CORRUPT:
            case SQLITE_NOTADB:
            case SQLITE_PERM:
            case SQLITE_AUTH:
            case SQLITE_PROTOCOL:
            case SQLITE_NOLFS:
            case SQLITE_NOMEM:
            case SQLITE_INTERRUPT:
                throw Unreachable(message);
            default:
                throw Broken(message);
        }
    }

    std::string file_;
    int busy_;  // milliseconds
    std::optional<Inode> inode_;
    std::unique_ptr<sqlite3, Close> db_;
    std::map<std::string, Statement, std::less<>> cache_;
};

}  // namespace

std::unique_ptr<Connection> connect_sqlite(std::string const& file, ConnectOptions const& options)
{
    return std::make_unique<Sqlite>(file, options);
}

void copy_database(Connection& from, Connection& to, std::chrono::milliseconds patience,
                   std::function<void()> const& before)
{
    dynamic_cast<Sqlite&>(to).become(dynamic_cast<Sqlite&>(from), patience, before);
}

}  // namespace provost::sql
