// SPDX-License-Identifier: Apache-2.0
#include "host/cyrus_sessions.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "base/text.h"
#include "host/acting_as.h"
#include "net/fd.h"

namespace provost::host {
namespace {

constexpr std::size_t longest_file = 4096;  // names of a user, a host and a mailbox are shorter

// What runs in somebody's name without being his: deliveries, copies to other servers.
bool is_of_a_person(std::string_view service)
{
    static constexpr std::array<std::string_view, 4> others{"lmtp", "sync", "csync", "mupdate"};
    return std::ranges::none_of(others, [&](auto other) { return service.starts_with(other); });
}

tl::unexpected<Error> cannot(std::string const& what)
{
    return fail(Fault::unavailable, "cannot " + what + ": " + std::strerror(errno));
}

// The processes of Cyrus's own list; one that ended meanwhile is left out.
class List {
public:
    explicit List(std::string const& folder)
        : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
          is_there_(static_cast<bool>(folder_) || errno != ENOENT)
    {
    }
    bool is_open() const { return static_cast<bool>(folder_); }
    bool is_missing() const { return !is_there_; }

    template <class Visit>
    Result<void> each(Visit visit) const
    {
        std::unique_ptr<DIR, int (*)(DIR*)> const listing(::fdopendir(::fcntl(folder_.get(), F_DUPFD_CLOEXEC, 0)),
                                                          ::closedir);
        if (!listing) return cannot("list the processes of Cyrus");
        while (auto const* const entry = ::readdir(listing.get())) {
            std::string const name = entry->d_name;
            auto const pid = to_integer(name);
            if (!pid || *pid <= 1) continue;
            net::Fd const file(::openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
            if (!file) continue;
            std::array<char, longest_file> text{};
            auto const size = ::read(file.get(), text.data(), text.size());
            if (size > 0) visit(*pid, std::string_view(text.data(), static_cast<std::size_t>(size)));
        }
        return {};
    }

private:
    net::Fd folder_;
    bool is_there_;
};

template <class Visit>
Result<void> each_session(CyrusProcesses const& processes, std::string_view user, Visit visit)
{
    ActingAs const cyrus(processes.uid, processes.gid);
    if (!cyrus.is_so()) return cannot("act as Cyrus's user");
    List const list(processes.folder);
    if (list.is_missing()) return {};
    if (!list.is_open()) return cannot("open '" + processes.folder + "'");
    return list.each([&](std::int64_t pid, std::string_view text) {
        auto const process = parse_cyrus_process(text);
        if (process.user == user && is_of_a_person(process.service)) visit(pid, process);
    });
}

}  // namespace

CyrusProcess parse_cyrus_process(std::string_view line)
{
    auto const fields = split(line.substr(0, line.find('\n')), '\t');
    if (fields.size() < 3) return {};
    return {std::string(fields[0]), std::string(fields[1]), std::string(fields[2])};
}

Result<std::vector<targets::OpenSession>> cyrus_sessions(CyrusProcesses const& processes, std::string_view user)
{
    std::vector<targets::OpenSession> found;
    CHECK_OK(each_session(processes, user, [&](std::int64_t pid, CyrusProcess const& process) {
        // One that is gone without having taken its file away has no session.
        if (::kill(static_cast<pid_t>(pid), 0) != 0) return;
        found.push_back({std::string(user), process.service, process.from, std::to_string(pid)});
    }));
    return found;
}

Result<void> end_cyrus_sessions(CyrusProcesses const& processes, std::string_view user)
{
    return each_session(processes, user, [](std::int64_t pid, CyrusProcess const&) {
        static_cast<void>(::kill(static_cast<pid_t>(pid), SIGTERM));
    });
}

}  // namespace provost::host
