// SPDX-License-Identifier: Apache-2.0
#include "host/command.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "base/time.h"

namespace provost::host {

namespace {

constexpr std::size_t most_output = 4U << 20U;  // doveconf -a writes 100 KiB; more than this is not what was asked for

class Pipe {
public:
    Pipe()
    {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
    }
    ~Pipe()
    {
        for (int end : ends_) {
            if (end >= 0) ::close(end);
        }
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    bool made() const { return ends_[0] >= 0; }
    int reading() const { return ends_[0]; }
    int writing() const { return ends_[1]; }
    void close_writing() { ::close(std::exchange(ends_[1], -1)); }

private:
    std::array<int, 2> ends_{-1, -1};
};

std::string program(std::string const& name)
{
    if (name.starts_with('/')) return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
    for (auto folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/local/sbin/", "/usr/local/bin/"}) {
        if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
    }
    return {};
}

Result<pid_t> start(std::string const& path, std::vector<std::string> const& words, Pipe const& out, Pipe const& err)
{
    std::vector<char*> arguments;
    for (auto const& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::array<char const*, 3> const environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    std::unique_ptr<posix_spawn_file_actions_t, int (*)(posix_spawn_file_actions_t*)> const end(
        &actions, ::posix_spawn_file_actions_destroy);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.writing(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err.writing(), STDERR_FILENO);
    pid_t child = 0;
    auto const failed = ::posix_spawn(&child, path.c_str(), &actions, nullptr, arguments.data(),
                                      const_cast<char**>(environment.data()));
    if (failed != 0) return fail(Fault::unavailable, "cannot run " + path + ": " + std::strerror(failed));
    return child;
}

enum class Gathered { whole, late, too_much };

// Reads both pipes until they end.
Gathered gather(Pipe const& out, Pipe const& err, std::array<std::string, 2>& texts, std::chrono::milliseconds deadline)
{
    Stopwatch const watch;
    std::array<pollfd, 2> ends{{{out.reading(), POLLIN, 0}, {err.reading(), POLLIN, 0}}};
    std::array<char, 16384> piece{};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        auto const left = deadline - watch.elapsed();
        if (left.count() <= 0) return Gathered::late;
        if (::poll(ends.data(), ends.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
            return Gathered::late;
        }
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i].fd < 0 || ends[i].revents == 0) continue;
            auto const got = ::read(ends[i].fd, piece.data(), piece.size());
            if (got <= 0) {
                ends[i].fd = -1;
            } else if (texts[i].append(piece.data(), static_cast<std::size_t>(got)).size() > most_output) {
                return Gathered::too_much;
            }
        }
    }
    return Gathered::whole;
}

}  // namespace

Result<std::string> run_command(std::vector<std::string> const& words, std::chrono::milliseconds deadline)
{
    auto const& name = words.at(0);
    auto const path = program(name);
    if (path.empty()) return refuse(Fault::not_found, "program", name, "is not installed on this host");
    Pipe out;
    Pipe err;
    if (!out.made() || !err.made()) return fail(Fault::unavailable, "cannot run " + path + ": " + std::strerror(errno));
    auto const child = TRY(start(path, words, out, err));
    out.close_writing();
    err.close_writing();
    std::array<std::string, 2> texts;
    auto const gathered = gather(out, err, texts, deadline);
    if (gathered != Gathered::whole) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (gathered == Gathered::too_much) {
        return fail(Fault::conflict, path + " wrote more than " + std::to_string(most_output >> 20U) + " MiB");
    }
    if (gathered == Gathered::late || !WIFEXITED(status)) {
        return fail(Fault::unavailable, path + " did not end within " + std::to_string(deadline.count()) + " ms");
    }
    if (WEXITSTATUS(status) != 0) {
        return fail(Fault::invalid, path + " ended with " + std::to_string(WEXITSTATUS(status)) + ": " +
                                        escaped(trimmed(texts[1]), 2000));
    }
    return std::move(texts[0]);
}

Runner host_commands(std::chrono::milliseconds deadline)
{
    return [deadline](std::vector<std::string> const& words) { return run_command(words, deadline); };
}

}  // namespace provost::host
