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
constexpr auto record_name = "record";
constexpr std::array phases{"idle", "changing", "undoing"};

std::string sha256(std::string_view bytes)
{
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                       reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
    return to_hex(digest);
}

std::string kept_name(std::string const& digest) { return kept_prefix + digest; }

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
    if (word == "member" || word == "joining") {
        auto const names = split(rest, ' ');
        if (names.size() != 2 || names[0].empty() || names[1].empty()) return false;
        record.members.push_back({{std::string(names[0]), std::string(names[1])}, word == "member"});
        return true;
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

tl::unexpected<Error> not_opened(std::string const& path, int number)
{
    return fail(number == ENOENT ? Fault::not_found : Fault::unavailable,
                "cannot open " + path + ": " + std::strerror(number), path);
}

tl::unexpected<Error> not_roots_alone(std::string const& path)
{
    return fail(Fault::conflict, path + " is not a folder of root's alone: move it away", path);
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

Servers servers_of(Record const& record)
{
    Servers servers;
    for (auto const& entry : record.entries) {
        auto const path = std::filesystem::path(entry.path);
        if (entry.path.starts_with("/etc/dovecot/")) servers.dovecot = true;
        if (path.filename() == "cyrus.conf" || path.filename() == "imapd.conf") servers.cyrus = true;
    }
    return servers;
}

std::string record_folder(config::Settings const& settings) { return settings.state.folder + "/setup"; }

Result<RecordFolder> RecordFolder::open(Root const& root, std::string const& folder)
{
    auto const path = root.at(folder);
    net::Fd opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!opened && (errno == ELOOP || errno == ENOTDIR)) return not_roots_alone(path);
    if (!opened) return not_opened(path, errno);
    struct stat status {};
    if (::fstat(opened.get(), &status) != 0) return not_opened(path, errno);
    if (status.st_uid != 0 || (status.st_mode & 077U) != 0) return not_roots_alone(path);
    return RecordFolder(std::move(opened), path);
}

Result<RecordFolder> RecordFolder::make(Root const& root, std::string const& folder)
{
    auto const path = root.at(folder);
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    // Root's alone from the beginning: one that somebody else made meanwhile is not made so.
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return not_opened(path, errno);
    return open(root, folder);
}

// The folder by its descriptor, so that its path is not asked again.
Root RecordFolder::inside() const { return Root("/proc/self/fd/" + std::to_string(folder_.get())); }

Result<std::string> RecordFolder::read(std::string const& name) const
{
    auto text = inside().read("/" + name);
    if (!text) return fail(text.error().fault, "cannot read " + at(name) + ": " + text.error().message);
    return text;
}

Result<void> RecordFolder::put(std::string const& name, FileState const& state) const
{
    auto const done = inside().put("/" + name, state);
    if (!done) return fail(done.error().fault, "cannot write " + at(name) + ": " + done.error().message);
    return {};
}

Result<std::vector<std::string>> RecordFolder::names() const
{
    std::vector<std::string> names;
    std::error_code error;
    for (auto const& file : std::filesystem::directory_iterator(inside().at("/"), error)) {
        names.push_back(file.path().filename().string());
    }
    if (error) return fail(Fault::unavailable, "cannot list " + path_ + ": " + error.message());
    return names;
}

Result<RecordLock> RecordLock::take(Root const& root, std::string const& folder)
{
    auto opened = TRY(RecordFolder::make(root, folder));
    RecordLock lock(std::move(opened));
    if (::flock(lock.folder_.descriptor(), LOCK_EX | LOCK_NB) != 0) {
        return fail(Fault::unavailable, "another provost setup runs on this host just now", folder);
    }
    return lock;
}

std::string record_text(Record const& record)
{
    auto text = fmt::format("{}\nphase {}\n", first_line, phases.at(static_cast<std::size_t>(record.phase)));
    for (auto const& folder : record.folders) text += "made " + folder + "\n";
    for (auto const& [membership, is_settled] : record.members) {
        text += fmt::format("{} {} {}\n", is_settled ? "member" : "joining", membership.user, membership.group);
    }
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

Result<Record> read_record(RecordFolder const& folder)
{
    auto const text = folder.read(record_name);
    if (!text && text.error().fault == Fault::not_found) return Record();
    if (!text) return tl::make_unexpected(text.error());
    auto record = parse_record(*text);
    if (!record) {
        return fail(Fault::conflict, folder.at(record_name) +
                                         " cannot be understood: put back what is kept "
                                         "beside it by hand, and move it away");
    }
    return *std::move(record);
}

Result<void> write_record(RecordFolder const& folder, Record const& record)
{
    return folder.put(record_name, {true, record_text(record), 0, 0, 0600});
}

Result<Stamp> keep(RecordFolder const& folder, FileState const& state)
{
    auto const stamp = stamp_of(state);
    if (!stamp.there) return stamp;
    CHECK_OK(folder.put(kept_name(stamp.digest), {true, state.content, 0, 0, 0600}));
    return stamp;
}

Result<FileState> kept(RecordFolder const& folder, Stamp const& stamp)
{
    if (!stamp.there) return FileState{};
    auto const name = kept_name(stamp.digest);
    auto text = TRY(folder.read(name));
    if (sha256(text) != stamp.digest) {
        return fail(Fault::conflict, folder.at(name) + " is damaged: it is not what was kept");
    }
    return FileState{true, std::move(text), stamp.uid, stamp.gid, stamp.mode};
}

Result<void> tidy(RecordFolder const& folder, Record const& record)
{
    std::set<std::string> named;
    for (auto const& entry : record.entries) {
        named.insert(kept_name(entry.first.digest));
        if (entry.before) named.insert(kept_name(entry.before->digest));
    }
    auto const names = TRY(folder.names());
    for (auto const& name : names) {
        if (name.starts_with(kept_prefix) && named.count(name) == 0) CHECK_OK(folder.put(name, {}));
    }
    return record.entries.empty() && record.members.empty() ? folder.put(record_name, {}) : Result<void>();
}

Result<std::string> put_aside(RecordFolder const& folder, std::string const& path, FileState const& state)
{
    auto const name = fmt::format("{}.{}", std::filesystem::path(path).filename().string(), to_millis(now()));
    CHECK_OK(folder.put(name, {true, state.content, 0, 0, 0600}));
    return folder.at(name);
}

}  // namespace provost::host
