// SPDX-License-Identifier: Apache-2.0
#include "host/record.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <sodium/crypto_hash_sha256.h>

#include "base/text.h"
#include "base/time.h"

namespace provost::host {

namespace {

constexpr auto first_line = "provost setup 1";
constexpr auto kept_prefix = "kept-";
constexpr std::array phases{"idle", "changing", "undoing"};

std::string sha256(std::string_view bytes)
{
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                       reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
    return to_hex(digest);
}

std::string record_path(std::string const& folder) { return folder + "/record"; }
std::string kept_path(std::string const& folder, std::string const& digest)
{
    return folder + "/" + kept_prefix + digest;
}

std::string written(Stamp const& stamp)
{
    if (!stamp.there) return "absent";
    return fmt::format("{:04o} {} {} {}", stamp.mode, stamp.uid, stamp.gid, stamp.digest);
}

std::optional<Stamp> read_stamp(std::string_view text)
{
    if (text == "absent") return Stamp{};
    auto const words = split(text, ' ');
    if (words.size() != 4 || words[0].find_first_not_of("01234567") != std::string_view::npos) return std::nullopt;
    mode_t mode = 0;
    for (char digit : words[0]) mode = mode * 8 + static_cast<mode_t>(digit - '0');
    auto const uid = to_integer(words[1]);
    auto const gid = to_integer(words[2]);
    auto const digest = from_hex(words[3]);
    auto const is_id = [](auto number) { return number && *number >= 0 && *number <= UINT32_MAX; };
    if (mode > 07777 || words[0].size() > 5 || !is_id(uid) || !is_id(gid)) return std::nullopt;
    if (!digest || digest->size() != crypto_hash_sha256_BYTES) return std::nullopt;
    return Stamp{true, static_cast<uid_t>(*uid), static_cast<gid_t>(*gid), mode, std::string(words[3])};
}

// Whether the line could be read into the record.
bool read_line(std::string_view line, Record& record)
{
    auto const blank = line.find(' ');
    auto const word = line.substr(0, blank);
    auto const rest = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
    if (word == "phase") {
        for (std::size_t i = 0; i < phases.size(); ++i) {
            if (rest == phases.at(i)) record.phase = static_cast<Record::Phase>(i);
        }
        return rest == phases.at(static_cast<std::size_t>(record.phase));
    }
    if (word == "made" || word == "file") {
        if (!rest.starts_with('/')) return false;
        if (word == "made") record.folders.emplace_back(rest);
        if (word == "file") record.entries.push_back({std::string(rest), {}});
        return true;
    }
    if (record.entries.empty()) return false;
    auto& entry = record.entries.back();
    if (word == "by-hand") return entry.by_hand = true;
    auto const stamp = read_stamp(rest);
    if (!stamp) return false;
    if (word == "first") entry.first = *stamp;
    if (word == "ours") entry.ours = *stamp;
    if (word == "before") entry.before = *stamp;
    if (word == "next") entry.next = *stamp;
    return word == "first" || word == "ours" || word == "before" || word == "next";
}

// Whether the folder is there. What is in it will be written to /etc by root, and the folder it is in belongs to the
// daemon's user, who must not get to say what that is.
Result<bool> is_there(Root const& root, std::string const& folder)
{
    struct stat status {};
    if (::lstat(root.at(folder).c_str(), &status) != 0) {
        if (errno == ENOENT) return false;
        return fail(Fault::unavailable, "cannot open " + root.at(folder) + ": " + std::strerror(errno), folder);
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != 0 || (status.st_mode & 077U) != 0) {
        return fail(Fault::conflict, root.at(folder) + " is not a folder of root's alone: move it away", folder);
    }
    return true;
}

}  // namespace

Stamp stamp_of(FileState const& state)
{
    if (!state.there) return {};
    return {true, state.uid, state.gid, state.mode, sha256(state.content)};
}

Entry* Record::find(std::string const& path)
{
    for (auto& entry : entries) {
        if (entry.path == path) return &entry;
    }
    return nullptr;
}

std::string record_folder(config::Settings const& settings) { return settings.state.folder + "/setup"; }

RecordLock::RecordLock(RecordLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RecordLock::~RecordLock()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<RecordLock> RecordLock::take(Root const& root, std::string const& folder)
{
    auto const there = TRY(is_there(root, folder));
    if (!there) {
        Changes made;
        CHECK_OK(root.folder({folder, {"root", "root", 0700}}, made));
    }
    RecordLock lock(::open(root.at(folder).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (lock.descriptor_ < 0) {
        return fail(Fault::unavailable, "cannot open " + root.at(folder) + ": " + std::strerror(errno), folder);
    }
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        return fail(Fault::unavailable, "another provost setup runs on this host just now", folder);
    }
    return lock;
}

std::string record_text(Record const& record)
{
    auto text = fmt::format("{}\nphase {}\n", first_line, phases.at(static_cast<std::size_t>(record.phase)));
    for (auto const& folder : record.folders) text += "made " + folder + "\n";
    for (auto const& entry : record.entries) {
        text += "file " + entry.path + "\nfirst " + written(entry.first) + "\n";
        if (entry.ours) text += "ours " + written(*entry.ours) + "\n";
        if (entry.before) text += "before " + written(*entry.before) + "\n";
        if (entry.next) text += "next " + written(*entry.next) + "\n";
        if (entry.by_hand) text += "by-hand\n";
    }
    return text;
}

std::optional<Record> parse_record(std::string_view text)
{
    Record record;
    auto const lines = split(text, '\n');
    auto understood = lines.size() > 2 && lines.front() == first_line && lines.back().empty();
    for (std::size_t i = 1; understood && i + 1 < lines.size(); ++i) understood = read_line(lines[i], record);
    return understood ? std::optional(std::move(record)) : std::nullopt;
}

Result<Record> read_record(Root const& root, std::string const& folder)
{
    auto const there = TRY(is_there(root, folder));
    if (!there) return Record();
    auto const text = root.read(record_path(folder));
    if (!text && text.error().fault == Fault::not_found) return Record();
    if (!text) return tl::make_unexpected(text.error());
    auto record = parse_record(*text);
    if (!record) {
        return fail(Fault::conflict, root.at(record_path(folder)) +
                                         " cannot be understood: put back what is kept "
                                         "beside it by hand, and move it away");
    }
    return *std::move(record);
}

Result<void> write_record(Root const& root, std::string const& folder, Record const& record)
{
    return root.put(record_path(folder), {true, record_text(record), 0, 0, 0600});
}

Result<Stamp> keep(Root const& root, std::string const& folder, FileState const& state)
{
    auto const stamp = stamp_of(state);
    if (!stamp.there) return stamp;
    CHECK_OK(root.put(kept_path(folder, stamp.digest), {true, state.content, 0, 0, 0600}));
    return stamp;
}

Result<FileState> kept(Root const& root, std::string const& folder, Stamp const& stamp)
{
    if (!stamp.there) return FileState{};
    auto const path = kept_path(folder, stamp.digest);
    auto text = TRY(root.read(path));
    if (sha256(text) != stamp.digest) {
        return fail(Fault::conflict, root.at(path) + " is damaged: it is not what was kept");
    }
    return FileState{true, std::move(text), stamp.uid, stamp.gid, stamp.mode};
}

Result<void> tidy(Root const& root, std::string const& folder, Record const& record)
{
    std::set<std::string> named;
    for (auto const& entry : record.entries) {
        named.insert(kept_prefix + entry.first.digest);
        if (entry.before) named.insert(kept_prefix + entry.before->digest);
    }
    std::error_code error;
    for (auto const& file : std::filesystem::directory_iterator(root.at(folder), error)) {
        auto const name = file.path().filename().string();
        if (name.starts_with(kept_prefix) && named.count(name) == 0) CHECK_OK(root.put(folder + "/" + name, {}));
    }
    if (error) return fail(Fault::unavailable, "cannot list " + root.at(folder) + ": " + error.message());
    return record.entries.empty() ? root.put(record_path(folder), {}) : Result<void>();
}

Result<std::string> put_aside(Root const& root, std::string const& folder, std::string const& path,
                              FileState const& state)
{
    auto const name = std::filesystem::path(path).filename().string();
    auto const aside = fmt::format("{}/{}.{}", folder, name, to_millis(now()));
    CHECK_OK(root.put(aside, {true, state.content, 0, 0, 0600}));
    return aside;
}

}  // namespace provost::host
