// SPDX-License-Identifier: Apache-2.0
// Builds a whole copy from rows in any order: they are sorted first, since a tree that only grows at its end is quicker
// to make and denser. What does not fit in memory is sorted in runs, which wait in unnamed files and are merged.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "replica/environment.h"

namespace provost::replica {

class Builder {
public:
    // Makes `file`. Up to `run_bytes` of rows are held in memory; the default is a third of a million mailboxes.
    Builder(std::string const& file, std::size_t map_bytes, std::size_t run_bytes = std::size_t{96} << 20U);

    void put(Table table, std::string_view key, std::string_view value);
    std::shared_ptr<Environment> finish(store::Position const& position);

private:
    struct Row {
        std::size_t at = 0;  // of the key, which the value follows
        std::uint32_t value_size = 0;
        std::uint16_t key_size = 0;
        Table table = Table::entry;
    };
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, CloseFile>;
    class Run;

    std::string_view key_of(Row const& row) const { return {bytes_.data() + row.at, row.key_size}; }
    std::string_view value_of(Row const& row) const { return {bytes_.data() + row.at + row.key_size, row.value_size}; }
    void sort();
    void spill();
    void merge();
    void write(Table table, std::string_view key, std::string_view value);
    void commit();

    std::shared_ptr<Environment> environment_;
    std::size_t run_bytes_;
    std::string bytes_;
    std::vector<Row> rows_;
    std::vector<File> spilled_;
    std::unique_ptr<WriteTransaction> transaction_;
    std::size_t written_ = 0;  // bytes of rows in the transaction
};

}  // namespace provost::replica
