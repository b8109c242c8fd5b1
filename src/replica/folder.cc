// SPDX-License-Identifier: Apache-2.0
#include "replica/folder.h"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/step.h"
#include "base/text.h"
#include "replica/replica.h"
#include "replica/snapshot.h"

namespace provost::replica {
namespace {

constexpr std::size_t longest_line = 200;  // of a file's name, or a boot's id
constexpr char const* boot_id_file = "/proc/sys/kernel/random/boot_id";

// Empty where there is no such file; one that cannot be opened now says nothing.
std::string first_line(std::string const& file)
{
    auto const fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return {};
    if (fd < 0) check(errno, file.c_str());
    char bytes[longest_line];
    auto const size = ::read(fd, bytes, sizeof bytes);
    ::close(fd);
    std::string_view const text(bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return std::string(text.substr(0, text.find('\n')));
}

[[noreturn]] void raise(std::string const& what)
{
    throw EnvironmentError("replica: " + what + ": " + std::strerror(errno));
}

void sync(std::string const& path, int flags)
{
    auto const fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd < 0) raise("cannot open " + path);
    auto const failed = ::fsync(fd) != 0;
    ::close(fd);
    if (failed) raise("cannot sync " + path);
}

// After this the file holds `text`, or what it held before; whatever happens.
void write_whole(std::string const& folder, std::string const& name, std::string const& text)
{
    auto const file = folder + "/" + name;
    auto const next = file + ".new";
    {
        std::ofstream out(next, std::ios::trunc);
        out << text << '\n';
        out.close();
        if (!out) raise("cannot write " + next);
    }
    sync(next, O_RDONLY);
    step("folder: before a name is given");
    if (::rename(next.c_str(), file.c_str()) != 0) raise("cannot rename " + next);
    sync(folder, O_RDONLY | O_DIRECTORY);
}

// A copy of a million mailboxes is read through in a few seconds; garbage may also make a walk go in circles.
constexpr unsigned reading_seconds = 60;

// Reads every row, in a process of its own: LMDB believes what it finds in a page, and may die of it.
bool reads_through(std::string const& file, std::size_t map_bytes)
{
    auto const child = ::fork();
    if (child < 0) return true;
    if (child == 0) {
        ::signal(SIGALRM, SIG_DFL);
        ::alarm(reading_seconds);
        try {
            LmdbSnapshot const snapshot(std::make_shared<Environment>(file, map_bytes, false));
            std::size_t volatile sum = 0;  // or the reading might be thought useless
            for (std::size_t i = 0; i < table_count; ++i)
                snapshot.every_row(static_cast<Table>(i), [&](std::string_view key, std::string_view value) {
                    for (auto const part : {key, value}) sum = sum + std::hash<std::string_view>()(part);
                });
            ::_exit(0);
        } catch (SystemLacks const&) {
            ::_exit(0);
        } catch (...) {
            ::_exit(1);
        }
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// The folder's lock; `conflict` where another daemon has it.
Result<int> made_and_locked(std::string const& path)
{
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fail(Fault::unavailable, "cannot make the folder " + path + ": " + error.message());
    ::chmod(path.c_str(), 0700);  // it holds hashes of passwords
    auto const lock = ::open((path + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (lock < 0) return fail(Fault::unavailable, "cannot open " + path + "/lock: " + std::strerror(errno));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock);
        return fail(Fault::conflict, "another provostd uses the read copy in " + path);
    }
    return lock;
}

unsigned number_of(std::string const& name)
{
    // copy-17.mdb
    if (!name.starts_with("copy-") || !name.ends_with(".mdb")) return 0;
    auto const number = to_integer(name.substr(5, name.size() - 9)).value_or(0);
    return number > 0 && number < INT32_MAX ? static_cast<unsigned>(number) : 0;
}

}  // namespace

Result<std::unique_ptr<Folder>> Folder::open(std::string const& path)
{
    auto const lock = TRY(made_and_locked(path));
    return std::unique_ptr<Folder>(new Folder(path, lock));
}

bool was_used(std::string const& folder)
{
    std::error_code error;
    return std::filesystem::exists(folder + "/current", error) || error;
}

Folder::Folder(std::string path, int lock) : path_(std::move(path)), lock_(lock)
{
    std::error_code ignored;
    for (auto const& file : std::filesystem::directory_iterator(path_, ignored))
        next_ = std::max(next_, number_of(file.path().filename().string()) + 1);
}

Folder::~Folder()
{
    if (is_in_use_) ::unlink((path_ + "/running").c_str());
    ::close(lock_);
}

std::shared_ptr<Environment> Folder::current(std::size_t map_bytes, std::string& why)
{
    std::shared_ptr<Environment> found;
    current_ = first_line(path_ + "/current");
    auto const running = first_line(path_ + "/running");
    if (number_of(current_) == 0) {
        why = "there is no copy yet";
        current_.clear();
    } else if (!running.empty() && running != first_line(boot_id_file)) {
        why = "the machine went down while the copy was in use";
    } else if (!running.empty() && !reads_through(path_ + "/" + current_, map_bytes)) {
        why = "the copy cannot be read through";
    } else {
        try {
            auto opened = std::make_shared<Environment>(path_ + "/" + current_, map_bytes, false);
            LmdbSnapshot(opened).position();  // what is followed from, and without which it would never be mended
            found = std::move(opened);
        } catch (SystemLacks const&) {
            throw;
        } catch (std::exception const& error) {
            why = error.what();
        }
    }
    if (!found && !current_.empty()) set_aside(current_);
    remove_others();
    is_in_use_ = true;
    if (running != first_line(boot_id_file)) stamp();
    return found;
}

// A disk that is full is no reason to have nothing to answer from.
void Folder::stamp() const
{
    try {
        write_whole(path_, "running", first_line(boot_id_file));
    } catch (EnvironmentError const& error) {
        log::warning("REPLICA_NOT_STAMPED", {{"reason", error.what()}});
    }
}

void Folder::set_aside(std::string const& file)
{
    auto const from = path_ + "/" + file;
    ::rename(from.c_str(), (path_ + "/set-aside.mdb").c_str());
    ::unlink((from + "-lock").c_str());
    current_.clear();
}

// What a build that did not come to its end left behind.
void Folder::remove_others() const
{
    std::error_code ignored;
    std::vector<std::string> others;
    for (auto const& file : std::filesystem::directory_iterator(path_, ignored)) {
        auto name = file.path().filename().string();
        if (number_of(name) != 0 && name != current_) others.push_back(std::move(name));
    }
    for (auto const& name : others) Environment::remove(path_ + "/" + name);
}

// Somebody may have removed it meanwhile, as he may: what it held is still answered from.
void Folder::make_again()
{
    std::error_code ignored;
    if (std::filesystem::exists(path_ + "/lock", ignored)) return;
    auto const lock = made_and_locked(path_);
    if (!lock) throw EnvironmentError("replica: " + lock.error().message);
    ::close(lock_);
    lock_ = *lock;
    current_.clear();
    stamp();
}

std::string Folder::next_file()
{
    make_again();
    return path_ + "/copy-" + std::to_string(next_++) + ".mdb";
}

void Folder::note_contact() const { ::utimensat(AT_FDCWD, (path_ + "/current").c_str(), nullptr, 0); }

std::optional<std::chrono::milliseconds> Folder::since_contact() const
{
    struct stat found = {};
    if (::stat((path_ + "/current").c_str(), &found) != 0) return std::nullopt;
    auto const at = from_millis(std::int64_t{found.st_mtim.tv_sec} * 1000 + found.st_mtim.tv_nsec / 1'000'000);
    return std::max(now() - at, std::chrono::milliseconds(0));
}

void Folder::use(Environment const& finished)
{
    auto const name = std::filesystem::path(finished.file()).filename().string();
    write_whole(path_, "current", name);
    step("rebuild: named");
    if (!current_.empty()) Environment::remove(path_ + "/" + current_);
    current_ = name;
}

}  // namespace provost::replica
