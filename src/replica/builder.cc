// SPDX-License-Identifier: Apache-2.0
#include "replica/builder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

namespace provost::replica {
namespace {

// So many bytes of rows are committed at a time: few enough that LMDB keeps its dirty pages in memory, many enough that
// the syncs do not matter.
constexpr std::size_t commit_bytes = std::size_t{16} << 20U;
// What they may take in pages at worst: each half empty, and as much again for those above them.
constexpr std::size_t commit_room = 4 * commit_bytes;

// Before each row in a run's file.
struct Frame {
    std::uint32_t value_size = 0;
    std::uint16_t key_size = 0;
    Table table = Table::entry;
    std::uint8_t unused = 0;
};

[[noreturn]] void raise(char const* what)
{
    throw EnvironmentError(std::string("replica: ") + what + ": " + std::strerror(errno));
}

}  // namespace

// A sorted run, read from its start.
class Builder::Run {
public:
    explicit Run(File file) : file_(std::move(file)) { next(); }
    bool over() const { return over_; }
    Table table() const { return frame_.table; }
    std::string_view key() const { return std::string_view(row_).substr(0, frame_.key_size); }
    std::string_view value() const { return std::string_view(row_).substr(frame_.key_size); }
    bool is_before(Run const& other) const
    {
        return table() != other.table() ? table() < other.table() : key() < other.key();
    }
    void next()
    {
        if (std::fread(&frame_, sizeof frame_, 1, file_.get()) != 1) {
            if (std::ferror(file_.get()) != 0) raise("cannot read a sorted run");
            over_ = true;
            return;
        }
        row_.resize(std::size_t{frame_.key_size} + frame_.value_size);
        if (std::fread(row_.data(), 1, row_.size(), file_.get()) != row_.size()) raise("cannot read a sorted run");
    }

private:
    File file_;
    Frame frame_;
    std::string row_;
    bool over_ = false;
};

Builder::Builder(std::string const& file, std::size_t map_bytes, std::size_t run_bytes)
    : environment_(std::make_shared<Environment>(file, map_bytes, true)), run_bytes_(run_bytes)
{
}

void Builder::put(Table table, std::string_view key, std::string_view value)
{
    if (key.size() > UINT16_MAX || value.size() > commit_bytes) throw std::length_error("replica: a row is too long");
    if (!rows_.empty() && bytes_.size() + key.size() + value.size() > run_bytes_) spill();
    rows_.push_back(
        {bytes_.size(), static_cast<std::uint32_t>(value.size()), static_cast<std::uint16_t>(key.size()), table});
    bytes_.append(key).append(value);
}

void Builder::sort()
{
    std::ranges::sort(rows_, [&](Row const& a, Row const& b) {
        return a.table != b.table ? a.table < b.table : key_of(a) < key_of(b);
    });
}

void Builder::spill()
{
    auto const folder = std::filesystem::path(environment_->file()).parent_path();
    auto const fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) raise("cannot make a file for a sorted run");
    File file(::fdopen(fd, "w+"));
    if (!file) raise("cannot open a file for a sorted run");
    sort();
    for (auto const& row : rows_) {
        Frame const frame{row.value_size, row.key_size, row.table};
        std::fwrite(&frame, sizeof frame, 1, file.get());
        std::fwrite(bytes_.data() + row.at, 1, std::size_t{row.key_size} + row.value_size, file.get());
    }
    if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0) raise("cannot write a sorted run");
    std::rewind(file.get());
    spilled_.push_back(std::move(file));
    rows_.clear();
    bytes_.clear();
}

void Builder::merge()
{
    std::vector<Run> runs;
    for (auto& file : spilled_) runs.emplace_back(std::move(file));
    spilled_.clear();
    for (;;) {
        std::erase_if(runs, [](Run const& run) { return run.over(); });
        if (runs.empty()) return;
        auto& first = *std::ranges::min_element(runs, [](auto const& a, auto const& b) { return a.is_before(b); });
        write(first.table(), first.key(), first.value());
        first.next();
    }
}

void Builder::write(Table table, std::string_view key, std::string_view value)
{
    if (transaction_ && written_ + key.size() + value.size() > commit_bytes) commit();
    if (!transaction_) {
        auto bytes = environment_->map_bytes();
        while (bytes < environment_->used_bytes() + commit_room) bytes *= 2;
        if (bytes != environment_->map_bytes()) environment_->grow(bytes);
        transaction_ = std::make_unique<WriteTransaction>(*environment_);
        written_ = 0;
    }
    transaction_->append(table, key, value);
    written_ += key.size() + value.size();
}

void Builder::commit()
{
    transaction_->commit();
    transaction_.reset();
}

std::shared_ptr<Environment> Builder::finish(store::Position const& position)
{
    if (spilled_.empty()) {
        sort();
        for (auto const& row : rows_) write(row.table, key_of(row), value_of(row));
    } else {
        spill();
        merge();
    }
    // Last of all: a copy without a position is not finished.
    write(Table::meta, "position", encode(position));
    commit();
    return std::move(environment_);
}

}  // namespace provost::replica
