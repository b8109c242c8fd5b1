// SPDX-License-Identifier: Apache-2.0
#include "replica/environment.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace provost::replica {
namespace {

// One a thread that ever asked; far above the threads of a node.
constexpr unsigned most_readers = 1024;
// For so many, at a cache line each, and what comes before them.
constexpr off_t readers_bytes = off_t{most_readers} * 64 + 4096;

class AnyTransaction {
public:
    AnyTransaction(MDB_env* env, unsigned flags) { check(mdb_txn_begin(env, nullptr, flags, &txn_), "begin"); }
    ~AnyTransaction()
    {
        if (txn_ != nullptr) mdb_txn_abort(txn_);
    }
    AnyTransaction(AnyTransaction const&) = delete;
    AnyTransaction& operator=(AnyTransaction const&) = delete;
    MDB_txn* get() const { return txn_; }
    void commit() { check(mdb_txn_commit(std::exchange(txn_, nullptr)), "commit"); }

private:
    MDB_txn* txn_ = nullptr;
};

// LMDB maps a file for its table of readers, and makes it with holes: a page of it that is first written to where the
// disk is full would be a SIGBUS. One that was there before may be used as it is.
void allocate_readers(std::string const& file)
{
    auto const name = file + "-lock";
    auto const fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;  // LMDB says why
    struct stat found = {};
    bool const is_new = ::fstat(fd, &found) == 0 && found.st_size == 0;
    auto const code = ::posix_fallocate(fd, 0, readers_bytes);
    ::close(fd);
    if (code == 0 || !is_new) return;
    ::unlink(name.c_str());
    check(code, name.c_str());
}

}  // namespace

void check(int code, char const* what)
{
    if (code == MDB_SUCCESS) return;
    auto const message = std::string("replica: ") + what + ": " + mdb_strerror(code);
    if (code == MDB_MAP_FULL) throw MapFull(message);
    for (auto const lack : {ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE, EAGAIN})
        if (code == lack) throw SystemLacks(message);
    throw EnvironmentError(message);
}

Environment::Environment(std::string const& file, std::size_t map_bytes, bool create) : file_(file)
{
    struct stat found = {};
    bool const exists = ::stat(file.c_str(), &found) == 0;
    if (exists == create) throw EnvironmentError(file + (create ? " exists already" : " is not there"));
    while (exists && map_bytes < 2 * static_cast<std::size_t>(found.st_size)) map_bytes *= 2;
    check(mdb_env_create(&env_), "create");
    try {
        check(mdb_env_set_maxdbs(env_, table_count), "tables");
        check(mdb_env_set_maxreaders(env_, most_readers), "readers");
        check(mdb_env_set_mapsize(env_, map_bytes), "map size");
        allocate_readers(file);
        // NOTLS: a reading transaction belongs to our slot of a thread, and may be ended by another.
        // NOMETASYNC: a host that goes down may lose the last change of a copy that is sound otherwise, and the record
        // has it. Each act waits for one sync less.
        check(mdb_env_open(env_, file.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NOMETASYNC, 0600), file.c_str());
        check_size();
        open_tables(create);
    } catch (...) {
        mdb_env_close(env_);
        throw;
    }
}

Environment::~Environment()
{
    mdb_env_sync(env_, 1);
    mdb_env_close(env_);
}

// LMDB reads through a map: a page its meta page promises and the file lacks would be a SIGBUS, not an error.
void Environment::check_size() const
{
    struct stat found = {};
    int fd = -1;
    check(mdb_env_get_fd(env_, &fd), "file");
    if (::fstat(fd, &found) != 0) throw EnvironmentError(file_ + ": cannot be looked at");
    if (found.st_size != 0 && static_cast<std::size_t>(found.st_size) < used_bytes())
        throw EnvironmentError(file_ + ": is cut short: " + std::to_string(found.st_size) + " of " +
                               std::to_string(used_bytes()) + " bytes");
}

void Environment::open_tables(bool create)
{
    AnyTransaction transaction(env_, create ? 0U : MDB_RDONLY);
    for (std::size_t i = 0; i < table_count; ++i)
        check(mdb_dbi_open(transaction.get(), table_names[i], create ? MDB_CREATE : 0U, &tables_[i]), table_names[i]);
    auto key = val("format");
    auto value = val(format);
    if (create) {
        check(mdb_put(transaction.get(), table(Table::meta), &key, &value, 0), "format");
    } else {
        check(mdb_get(transaction.get(), table(Table::meta), &key, &value), "format");
        if (view(value) != format) throw EnvironmentError(file_ + ": is of another format");
    }
    transaction.commit();
}

std::size_t Environment::map_bytes() const
{
    MDB_envinfo info = {};
    check(mdb_env_info(env_, &info), "info");
    return info.me_mapsize;
}

std::size_t Environment::used_bytes() const
{
    MDB_envinfo info = {};
    MDB_stat stat = {};
    check(mdb_env_info(env_, &info), "info");
    check(mdb_env_stat(env_, &stat), "stat");
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

bool Environment::is_lost() const
{
    MDB_txn* txn = nullptr;
    auto const code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
    if (code == MDB_SUCCESS) mdb_txn_abort(txn);
    return code == MDB_PANIC;
}

void Environment::grow(std::size_t map_bytes) { check(mdb_env_set_mapsize(env_, map_bytes), "map size"); }

void Environment::copy_to(std::string const& file) const
{
    check(mdb_env_copy2(env_, file.c_str(), MDB_CP_COMPACT), "copy");
}

void Environment::prefault() const
{
    int fd = -1;
    if (mdb_env_get_fd(env_, &fd) == MDB_SUCCESS) ::posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
}

void Environment::remove(std::string const& file)
{
    ::unlink(file.c_str());
    ::unlink((file + "-lock").c_str());
}

WriteTransaction::WriteTransaction(Environment const& environment) : environment_(environment)
{
    check(mdb_txn_begin(environment.get(), nullptr, 0, &txn_), "begin");
}

WriteTransaction::~WriteTransaction()
{
    if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<std::string_view> WriteTransaction::get(Table table, std::string_view key) const
{
    auto k = val(key);
    MDB_val value = {};
    auto const code = mdb_get(txn_, environment_.table(table), &k, &value);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "get");
    return view(value);
}

void WriteTransaction::put(Table table, std::string_view key, std::string_view value)
{
    auto k = val(key);
    auto v = val(value);
    check(mdb_put(txn_, environment_.table(table), &k, &v, 0), "put");
}

void WriteTransaction::append(Table table, std::string_view key, std::string_view value)
{
    auto k = val(key);
    auto v = val(value);
    auto const code = mdb_put(txn_, environment_.table(table), &k, &v, MDB_APPEND);
    // The record may order names otherwise than by their bytes.
    if (code == MDB_KEYEXIST) return put(table, key, value);
    check(code, "append");
}

void WriteTransaction::remove(Table table, std::string_view key)
{
    auto k = val(key);
    auto const code = mdb_del(txn_, environment_.table(table), &k, nullptr);
    if (code != MDB_NOTFOUND) check(code, "remove");
}

void WriteTransaction::commit() { check(mdb_txn_commit(std::exchange(txn_, nullptr)), "commit"); }

}  // namespace provost::replica
