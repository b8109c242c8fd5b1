// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sodium/crypto_hash_sha256.h>

#include "base/step.h"
#include "base/text.h"
#include "base/time.h"

namespace provost::store {
namespace {

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
    return to_hex({reinterpret_cast<char const*>(digest.data()), digest.size()});
}

// Statements end with a semicolon at the end of a line; lines that begin with -- are for people.
std::vector<std::string> statements(std::string_view text)
{
    std::vector<std::string> found;
    std::string statement;
    for (auto line : split(text, '\n')) {
        line = trimmed(line);
        if (line.empty() || line.starts_with("--")) continue;
        bool const ends = line.ends_with(';');
        if (ends) line.remove_suffix(1);
        if (!statement.empty()) statement += ' ';
        statement += line;
        if (!ends) continue;
        found.push_back(std::move(statement));
        statement.clear();
    }
    if (!statement.empty()) found.push_back(std::move(statement));
    return found;
}

void apply(sql::Connection& connection, Migration const& migration)
{
    for (auto statement : statements(migration.text)) {
        if (statement.starts_with("CREATE TABLE ")) statement += connection.table_suffix();
        connection.query(statement);
        step("migration: statement");
    }
    connection.query("INSERT INTO schema_migration (number, name, checksum, applied) VALUES (?, ?, ?, ?)",
                     migration.number, migration.name, migration.checksum, now());
}

// How many of `migrations` the database has already.
Result<std::size_t> applied(sql::Connection& connection, std::vector<Migration> const& migrations)
{
    auto const rows = connection.query("SELECT number, name, checksum FROM schema_migration ORDER BY number");
    if (rows.size() > migrations.size())
        return fail(Fault::unavailable, "the database was written by a newer version: it has migration " +
                                            escaped(rows.back().text(1)) + ", the last one known here is " +
                                            (migrations.empty() ? "none" : migrations.back().name));
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].integer(0) != migrations[i].number || rows[i].text(2) != migrations[i].checksum)
            return fail(Fault::unavailable, "the database was made by another text of migration " + migrations[i].name +
                                                " (it has " + escaped(rows[i].text(1)) + " with checksum " +
                                                escaped(rows[i].text(2)) + ")");
    return rows.size();
}

}  // namespace

std::string schema_folder()
{
    if (auto const* said = std::getenv("PROVOST_SCHEMA"); said != nullptr && *said != '\0') return said;
    std::error_code failed;
    auto const program = std::filesystem::read_symlink("/proc/self/exe", failed);
    return (program.parent_path().parent_path() / "share/provost/schema").string();
}

Result<std::vector<Migration>> read_migrations(std::string const& folder)
{
    std::error_code error;
    std::vector<Migration> found;
    for (auto const& file : std::filesystem::directory_iterator(folder, error)) {
        if (file.path().extension() != ".sql") continue;
        Migration migration;
        migration.name = file.path().stem().string();
        migration.number = static_cast<int>(to_integer(migration.name.substr(0, 4)).value_or(0));
        std::ifstream in(file.path(), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        if (!in) return fail(Fault::unavailable, "cannot read " + file.path().string());
        migration.text = text.str();
        migration.checksum = sha256(migration.text);
        found.push_back(std::move(migration));
    }
    if (error) return fail(Fault::unavailable, "cannot read the schema in " + folder + ": " + error.message());
    std::ranges::sort(found, {}, &Migration::name);
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i].number != static_cast<int>(i) + 1)
            return fail(Fault::unavailable, "the schema in " + folder + " has " + found[i].name + ".sql where number " +
                                                std::to_string(i + 1) + " should be");
    if (found.empty()) return fail(Fault::unavailable, "there is no schema in " + folder);
    return found;
}

Result<void> migrate(sql::Connection& connection, std::vector<Migration> const& migrations, bool may_begin)
{
    std::string const table =
        "CREATE TABLE IF NOT EXISTS schema_migration (number SMALLINT NOT NULL PRIMARY KEY, "
        "name VARCHAR(100) NOT NULL, checksum CHAR(64) NOT NULL, applied BIGINT NOT NULL)";
    connection.query(table + std::string(connection.table_suffix()));
    // A database that is up to date is not written to, so that it opens while another process holds its lock.
    auto have = TRY(applied(connection, migrations));
    if (have == 0 && !may_begin)
        return fail(Fault::unavailable, "the database is empty where one that was in use is expected");
    while (have < migrations.size()) {
        sql::Transaction transaction(connection, sql::Access::write);
        have = TRY(applied(connection, migrations));
        if (have == migrations.size()) break;
        step("migration: begun");
        apply(connection, migrations[have]);
        step("migration: before commit");
        transaction.commit();
        step("migration: committed");
    }
    return {};
}

int schema_version(sql::Connection& connection)
{
    auto const rows = connection.query("SELECT MAX(number) FROM schema_migration");
    return static_cast<int>(rows.at(0).integer_or_null(0).value_or(0));
}

}  // namespace provost::store
