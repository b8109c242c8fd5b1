// SPDX-License-Identifier: Apache-2.0
#include "net/holder.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <optional>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/text.h"
#include "net/signals.h"

namespace provost::net {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int first_passed = 3;  // SD_LISTEN_FDS_START
constexpr auto first_pause = 50ms;
constexpr auto longest_pause = 1000ms;
constexpr auto long_life = 10s;  // after which a death is the first one again
constexpr auto patience = 60s;   // from SIGTERM to SIGKILL

struct Bound {
    Fd socket;
    std::string path;  // empty for TCP
    dev_t device = 0;
    ino_t inode = 0;
};

Result<Bound> bind(HeldSocket const& held)
{
    if (auto const* tcp = std::get_if<TcpPlace>(&held.place)) return Bound{TRY(bind_tcp(tcp->host, tcp->port)), {}};
    auto const& place = std::get<UnixPlace>(held.place);
    Bound bound{TRY(bind_unix(place)), place.path};
    struct stat found {};
    if (::lstat(place.path.c_str(), &found) == 0) {
        bound.device = found.st_dev;
        bound.inode = found.st_ino;
    }
    return bound;
}

// Unless somebody has put another one there.
void remove(Bound const& bound)
{
    struct stat found {};
    if (bound.path.empty() || ::lstat(bound.path.c_str(), &found) != 0) return;
    if (found.st_dev == bound.device && found.st_ino == bound.inode) ::unlink(bound.path.c_str());
}

class Holder {
public:
    explicit Holder(HolderPlan const& plan) : plan_(plan) {}
    ~Holder()
    {
        for (auto const& each : bound_) remove(each);
    }
    Holder(Holder const&) = delete;
    Holder& operator=(Holder const&) = delete;

    Result<void> begin();
    void run();

private:
    Result<void> start();
    [[noreturn]] void become_child(int report, pid_t parent);
    bool drop_to_user() const;
    void pass_sockets(int& report) const;
    void on_signal(int number);
    void on_child_end();
    void ask_to_end();
    std::chrono::milliseconds until_next() const;
    void plan_restart();

    HolderPlan const& plan_;
    Signals signals_{SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
    std::vector<Bound> bound_;
    std::string names_;
    passwd const* user_ = nullptr;

    pid_t child_ = 0;
    Clock::time_point started_;
    Clock::time_point next_start_;
    std::optional<Clock::time_point> kill_at_;
    std::chrono::milliseconds pause_{0};
    bool wanted_ = false;  // the child's end was asked for
    bool ending_ = false;
};

Result<void> Holder::begin()
{
    if (!plan_.user.empty()) {
        user_ = ::getpwnam(plan_.user.c_str());
        if (!user_) return refuse(Fault::invalid, "user", plan_.user, "is not a user of this system");
    }
    std::vector<std::string> names;
    for (auto const& held : plan_.sockets) {
        bound_.push_back(TRY(bind(held)));
        names.push_back(held.name);
    }
    names_ = joined(names, ":");
    return start();
}

void Holder::run()
{
    while (!ending_ || child_ > 0) {
        auto const number = signals_.wait_for(until_next());
        if (number) on_signal(*number);
        auto const now = Clock::now();
        if (kill_at_ && now >= *kill_at_) {
            log::warning("CHILD_KILLED", {{"pid", std::to_string(child_)}});
            ::kill(child_, SIGKILL);
            kill_at_.reset();
        }
        if (child_ > 0 || ending_ || now < next_start_) continue;
        if (auto started = start(); !started) {
            log::error("CHILD_NOT_STARTED", {{"error", started.error().message}});
            plan_restart();
        }
    }
}

std::chrono::milliseconds Holder::until_next() const
{
    auto next = Clock::now() + 1h;
    if (child_ == 0) next = next_start_;
    if (kill_at_) next = std::min(next, *kill_at_);
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()));
}

void Holder::on_signal(int number)
{
    switch (number) {
        case SIGTERM:
        case SIGINT:
            ending_ = true;
            ask_to_end();
            break;
        case SIGUSR1:
            ask_to_end();
            break;
        case SIGHUP:
            if (child_ > 0) ::kill(child_, SIGHUP);
            break;
        case SIGCHLD:
            on_child_end();
            break;
    }
}

void Holder::ask_to_end()
{
    if (child_ == 0) return;
    wanted_ = true;
    kill_at_ = Clock::now() + patience;
    ::kill(child_, SIGTERM);
}

void Holder::on_child_end()
{
    int status = 0;
    if (child_ == 0 || ::waitpid(child_, &status, WNOHANG) != child_) return;
    auto const how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                         : "status " + std::to_string(WEXITSTATUS(status));
    auto const level = wanted_ ? log::Level::info : log::Level::warning;
    log::write(level, "CHILD_ENDED", {{"pid", std::to_string(child_)}, {"with", how}});
    child_ = 0;
    kill_at_.reset();
    if (wanted_ || Clock::now() - started_ >= long_life) pause_ = 0ms;
    wanted_ = false;
    plan_restart();
}

// The first time at once, then after ever longer pauses.
void Holder::plan_restart()
{
    next_start_ = Clock::now() + pause_;
    pause_ = std::min(std::max<std::chrono::milliseconds>(first_pause, pause_ * 2), longest_pause);
}

Result<void> Holder::start()
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Fault::unavailable, std::string("no pipe: ") + std::strerror(errno));
    Fd const reading(ends[0]);
    Fd writing(ends[1]);
    auto const parent = ::getpid();
    auto const child = ::fork();
    if (child < 0) return fail(Fault::unavailable, std::string("cannot fork: ") + std::strerror(errno));
    if (child == 0) become_child(writing.get(), parent);
    writing.close();

    int error = 0;
    if (::read(reading.get(), &error, sizeof error) == sizeof error) {
        ::waitpid(child, nullptr, 0);
        return fail(Fault::unavailable, "cannot run '" + escaped(plan_.command[0]) + "': " + std::strerror(error));
    }
    child_ = child;
    started_ = Clock::now();
    log::info("CHILD_STARTED", {{"pid", std::to_string(child)}, {"command", plan_.command[0]}});
    return {};
}

bool Holder::drop_to_user() const
{
    if (!user_) return true;
    return ::initgroups(user_->pw_name, user_->pw_gid) == 0 && ::setgid(user_->pw_gid) == 0 &&
           ::setuid(user_->pw_uid) == 0;
}

void Holder::pass_sockets(int& report) const
{
    auto const count = static_cast<int>(bound_.size());
    // Out of the way first: the numbers to pass may be in use by the very descriptors to be passed.
    report = ::fcntl(report, F_DUPFD_CLOEXEC, first_passed + count);
    std::vector<int> copies;
    for (auto const& each : bound_) copies.push_back(::fcntl(each.socket.get(), F_DUPFD_CLOEXEC, first_passed + count));
    for (int i = 0; i < count; ++i) ::dup2(copies[static_cast<std::size_t>(i)], first_passed + i);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", names_.c_str(), 1);
}

void Holder::become_child(int report, pid_t parent)
{
    pass_sockets(report);
    if (drop_to_user()) {
        // After the change of user, which clears it.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(0);
        ::sigprocmask(SIG_SETMASK, &signals_.before(), nullptr);
        std::vector<char*> words;
        for (auto const& word : plan_.command) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        ::execvp(words[0], words.data());
    }
    int const error = errno;
    static_cast<void>(!::write(report, &error, sizeof error));
    ::_exit(127);
}

}  // namespace

int hold(HolderPlan const& plan)
{
    Holder holder(plan);
    if (auto begun = holder.begin(); !begun) {
        log::error("HOLDER_NOT_STARTED", {{"error", begun.error().message}});
        return 1;
    }
    holder.run();
    return 0;
}

}  // namespace provost::net
