// SPDX-License-Identifier: Apache-2.0
#include "net/sockets.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <netinet/in.h>
#include <optional>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <systemd/sd-daemon.h>

#include "base/text.h"

namespace provost::net {
namespace {

// Connections that wait while nobody accepts, as between two runs of the daemon; the kernel lowers it to
// net.core.somaxconn (4096 since Linux 5.4).
constexpr int backlog = 4096;

auto trouble(Fault fault, std::string const& what, std::string const& where)
{
    return fail(fault, what + " '" + escaped(where) + "': " + std::strerror(errno));
}

template <class Address>
sockaddr const* generic(Address const& address)
{
    return reinterpret_cast<sockaddr const*>(&address);
}

Result<uid_t> user_id(std::string const& name)
{
    if (name.empty()) return static_cast<uid_t>(-1);
    auto const* entry = ::getpwnam(name.c_str());
    if (!entry) return refuse(Fault::invalid, "owner", name, "is not a user of this system");
    return entry->pw_uid;
}

Result<gid_t> group_id(std::string const& name)
{
    if (name.empty()) return static_cast<gid_t>(-1);
    auto const* entry = ::getgrnam(name.c_str());
    if (!entry) return refuse(Fault::invalid, "group", name, "is not a group of this system");
    return entry->gr_gid;
}

// Whether the place is free, or holds a socket that its process has left behind.
Result<void> check_free(std::string const& path, sockaddr_un const& address)
{
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno == ENOENT) return {};
        return trouble(Fault::unavailable, "cannot look at", path);
    }
    if (!S_ISSOCK(found.st_mode)) return refuse(Fault::conflict, "socket", path, "exists and is not a socket");
    Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN) {
        return refuse(Fault::conflict, "socket", path, "is in use: somebody answers on it");
    }
    if (errno == ECONNREFUSED || errno == ENOENT) return {};
    return trouble(Fault::unavailable, "cannot tell who uses", path);
}

// Through a handle on the very file, so that nobody who may write to the directory can point us at another.
Result<void> dress(std::string const& path, UnixPlace const& place)
{
    auto const owner = TRY(user_id(place.owner));
    auto const group = TRY(group_id(place.group));
    Fd file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0) return trouble(Fault::unavailable, "cannot open", path);
    if (!S_ISSOCK(found.st_mode)) return refuse(Fault::conflict, "socket", path, "was replaced under our hands");
    if (::fchownat(file.get(), "", owner, group, AT_EMPTY_PATH) != 0) {
        return trouble(Fault::denied, "cannot change the owner of", path);
    }
    auto const handle = "/proc/self/fd/" + std::to_string(file.get());
    if (::chmod(handle.c_str(), place.mode) != 0) return trouble(Fault::denied, "cannot change the mode of", path);
    return {};
}

Result<Fd> bind_beside(std::string const& path, UnixPlace const& place)
{
    auto const address = TRY(unix_address(path));
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return trouble(Fault::unavailable, "no socket for", path);
    ::unlink(path.c_str());
    if (::bind(socket.get(), generic(address), sizeof address) != 0) {
        return trouble(errno == EACCES ? Fault::denied : Fault::unavailable, "cannot bind", path);
    }
    CHECK_OK(dress(path, place));
    if (::listen(socket.get(), backlog) != 0) return trouble(Fault::unavailable, "cannot listen on", path);
    return socket;
}

}  // namespace

Result<sockaddr_un> unix_address(std::string const& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return refuse(Fault::invalid, "socket", path, "must be a path of 1 to 107 bytes (unix(7))");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

Result<std::multimap<std::string, Fd>> inherited_sockets()
{
    char** names = nullptr;
    int const count = ::sd_listen_fds_with_names(1, &names);
    if (count < 0) return fail(Fault::unavailable, std::string("inherited sockets: ") + std::strerror(-count));
    std::multimap<std::string, Fd> sockets;
    for (int i = 0; i < count; ++i) {
        sockets.emplace(names[i], Fd(SD_LISTEN_FDS_START + i));
        std::free(names[i]);
    }
    std::free(names);
    return sockets;
}

Result<Fd> bind_unix(UnixPlace const& place)
{
    auto const address = TRY(unix_address(place.path));
    auto const directory = std::filesystem::path(place.path).parent_path();
    if (place.make_directory && ::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
        return trouble(Fault::unavailable, "cannot make", directory.string());
    }
    CHECK_OK(check_free(place.path, address));

    // Made ready under another name and moved: nobody meets it before it listens, or with the wrong owner.
    auto const beside = (directory / ("." + std::to_string(::getpid()) + ".s")).string();
    auto socket = bind_beside(beside, place);
    if (socket && ::rename(beside.c_str(), place.path.c_str()) != 0) {
        socket = trouble(Fault::unavailable, "cannot move the socket to", place.path);
    }
    if (!socket) ::unlink(beside.c_str());
    return socket;
}

Result<Fd> bind_tcp(std::string const& host, std::uint16_t port)
{
    sockaddr_storage address{};
    socklen_t size = 0;
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        size = sizeof v4;
    } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        size = sizeof v6;
    } else {
        return refuse(Fault::invalid, "host", host, "is not a numeric address");
    }
    auto const where = host + ":" + std::to_string(port);
    Fd socket(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return trouble(Fault::unavailable, "no socket for", where);
    int const on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.get(), generic(address), size) != 0) {
        auto const fault = errno == EADDRINUSE ? Fault::conflict : Fault::unavailable;
        return trouble(fault, "cannot bind", where);
    }
    if (::listen(socket.get(), backlog) != 0) return trouble(Fault::unavailable, "cannot listen on", where);
    return socket;
}

std::uint16_t port_of(Fd const& socket)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    return 0;
}

void notify_ready() { ::sd_notify(0, "READY=1"); }
void notify_stopping() { ::sd_notify(0, "STOPPING=1"); }

}  // namespace provost::net
