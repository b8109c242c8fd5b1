// SPDX-License-Identifier: Apache-2.0
// One LMDB file: opened, checked, written in transactions, copied. Everything throws EnvironmentError with LMDB's
// words.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <lmdb.h>

#include "replica/records.h"

namespace provost::replica {

struct EnvironmentError : std::runtime_error {
    using runtime_error::runtime_error;
};
// What the system lacks, such as memory, descriptors or room on the disk: it says nothing of the file, and may pass.
struct SystemLacks : EnvironmentError {
    using EnvironmentError::EnvironmentError;
};
// The map has to grow before the write can be done.
struct MapFull : EnvironmentError {
    using EnvironmentError::EnvironmentError;
};

inline MDB_val val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
inline std::string_view view(MDB_val const& value) { return {static_cast<char const*>(value.mv_data), value.mv_size}; }
void check(int code, char const* what);

class Environment {
public:
    // Opens the file or, with `create`, makes it, readable by its owner alone. The map is `map_bytes` or twice the
    // file, whichever is more. A file that is cut short or not in our format throws.
    Environment(std::string const& file, std::size_t map_bytes, bool create);
    ~Environment();
    Environment(Environment const&) = delete;
    Environment& operator=(Environment const&) = delete;

    MDB_env* get() const { return env_; }
    MDB_dbi table(Table table) const { return tables_[static_cast<std::size_t>(table)]; }
    std::string const& file() const { return file_; }
    std::size_t map_bytes() const;
    std::size_t used_bytes() const;  // what of the file is in use, free pages inside it counted

    // The page that leads to all others could not be written: LMDB lets nobody read or write here any more. What the
    // file holds is sound, and found by whoever opens it anew.
    bool is_lost() const;

    // Only between transactions, and only while nobody reads.
    void grow(std::size_t map_bytes);
    // Writes a compact copy of it to another file, which must not exist.
    void copy_to(std::string const& file) const;
    // Asks the kernel to have the file in memory, without waiting for it.
    void prefault() const;
    // Forgets the file, and what LMDB keeps beside it. Whoever has it open keeps it.
    static void remove(std::string const& file);

private:
    void check_size() const;
    void open_tables(bool create);

    std::string file_;
    MDB_env* env_ = nullptr;
    MDB_dbi tables_[table_count] = {};
};

// Undone unless committed.
class WriteTransaction {
public:
    explicit WriteTransaction(Environment const& environment);
    ~WriteTransaction();
    WriteTransaction(WriteTransaction const&) = delete;
    WriteTransaction& operator=(WriteTransaction const&) = delete;

    std::optional<std::string_view> get(Table table, std::string_view key) const;  // valid until the next write
    void put(Table table, std::string_view key, std::string_view value);
    // The same, quicker and denser where keys come in order.
    void append(Table table, std::string_view key, std::string_view value);
    void remove(Table table, std::string_view key);  // what is not there is removed already
    void commit();

private:
    Environment const& environment_;
    MDB_txn* txn_ = nullptr;
};

}  // namespace provost::replica
