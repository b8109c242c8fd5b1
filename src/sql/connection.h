// SPDX-License-Identifier: Apache-2.0
// One SQL connection, whichever engine answers: statements are written once, with '?' for each argument.
// Engines differ in their driver files and nowhere else.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace provost::sql {

using Value = std::variant<std::monostate, std::int64_t, std::string>;  // monostate is NULL

// One row of an answer. Columns count from 0; asking for what a column is not throws Broken.
class Row {
public:
    explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}

    bool is_null(std::size_t i) const { return columns_.at(i).index() == 0; }
    std::int64_t integer(std::size_t i) const;
    bool flag(std::size_t i) const { return integer(i) != 0; }
    std::string const& text(std::size_t i) const;
    std::optional<std::int64_t> integer_or_null(std::size_t i) const;
    std::optional<Time> time_or_null(std::size_t i) const;

private:
    std::vector<Value> columns_;
};

using Rows = std::vector<Row>;

// What callers can act upon; the engine's own message goes along for the log.

// A unique or foreign key said no.
struct Conflict : std::runtime_error {
    using runtime_error::runtime_error;
};
// Deadlock or lock timeout: the transaction may be repeated from its start.
struct Busy : std::runtime_error {
    using runtime_error::runtime_error;
};
// The database cannot be used now: server gone, file unreadable, read-only, damaged, disk full.
struct Unreachable : std::runtime_error {
    using runtime_error::runtime_error;
};
// The same, in the middle of a commit: the transaction is done or not, as the next who writes there or reads it anew
// finds.
struct InDoubt : Unreachable {
    using Unreachable::Unreachable;
};
// Our own mistake.
struct Broken : std::logic_error {
    using logic_error::logic_error;
};

enum class Access : std::uint8_t { read, write };

// Used by one thread at a time.
class Connection {
public:
    Connection() = default;
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    virtual ~Connection() = default;

    template <class... Args>
    Rows query(std::string_view statement, Args const&... args)
    {
        std::vector<Value> const values{to_value(args)...};
        return run(statement, values);
    }

    // How many rows the last statement changed, or for an UPDATE matched.
    virtual std::int64_t changes() const = 0;

    // Begins a transaction that reads one snapshot, or one that may write.
    virtual void begin(Access access) = 0;

    // Throws Unreachable where the transaction is undone for sure, InDoubt where that cannot be told.
    virtual void commit() { query("COMMIT"); }

    // Whether it still leads to the database it was opened for, with no transaction left over.
    virtual bool usable() const = 0;

    // What a CREATE TABLE of this engine ends with.
    virtual std::string_view table_suffix() const { return {}; }

protected:
    virtual Rows run(std::string_view statement, std::span<Value const> args) = 0;

private:
    static Value to_value(std::integral auto v) { return static_cast<std::int64_t>(v); }
    static Value to_value(std::string_view v) { return std::string(v); }
    static Value to_value(Time v) { return to_millis(v); }
    template <class Tag>
    static Value to_value(Id<Tag> const& v)
    {
        return v.text();
    }
    template <class T>
    static Value to_value(std::optional<T> const& v)
    {
        return v ? to_value(*v) : Value{};
    }
};

// Undone unless committed.
class Transaction {
public:
    Transaction(Connection& connection, Access access) : connection_(connection) { connection_.begin(access); }
    ~Transaction();
    Transaction(Transaction const&) = delete;
    Transaction& operator=(Transaction const&) = delete;

    void commit();

private:
    Connection& connection_;
    bool open_ = true;
};

}  // namespace provost::sql
