// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <vector>

#include "base/log.h"

namespace provost::net {
namespace {

constexpr int most_at_once = 64;                // accepted without a look at other events
constexpr std::chrono::milliseconds rest{100};  // when descriptors have run out

int set_non_blocking(Fd& fd)
{
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    return fd.release();
}

std::vector<long> groups_of(int socket)
{
    std::vector<gid_t> groups(32);
    socklen_t size = 0;
    for (;;) {
        size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) break;
        if (errno != ERANGE) return {};
        groups.resize(size / sizeof(gid_t));
    }
    groups.resize(size / sizeof(gid_t));
    return {groups.begin(), groups.end()};
}

}  // namespace

Peer peer_of(int socket, int& family)
{
    Peer peer;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) address.ss_family = AF_UNIX;
    family = address.ss_family;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family == AF_INET) {
        auto const& v4 = reinterpret_cast<sockaddr_in const&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        peer.address = std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
    } else if (family == AF_INET6) {
        auto const& v6 = reinterpret_cast<sockaddr_in6 const&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        peer.address = "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
    } else {
        ucred credentials{};
        socklen_t length = sizeof credentials;
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) {
            peer.pid = credentials.pid;
            peer.uid = credentials.uid;
            peer.gid = credentials.gid;
            peer.groups = groups_of(socket);
        }
    }
    return peer;
}

Acceptor::Acceptor(Loop& loop, Fd listening, std::string name, Accepted accepted)
    : loop_(loop),
      listening_(loop.context, set_non_blocking(listening)),
      name_(std::move(name)),
      accepted_(std::move(accepted))
{
}

void Acceptor::start() { wait(); }

void Acceptor::stop()
{
    boost::system::error_code ignored;
    listening_.close(ignored);
    accepted_ = nullptr;
}

void Acceptor::wait()
{
    auto ready = [self = shared_from_this()](boost::system::error_code error) {
        if (!error && self->listening_.is_open()) self->accept_all();
    };
    listening_.async_wait(asio::posix::stream_descriptor::wait_read, ready);
}

void Acceptor::accept_all()
{
    for (int i = 0; i < most_at_once; ++i) {
        Fd socket(::accept4(listening_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket) {
            tell_of_trouble({});
            hand_over(std::move(socket));
            continue;
        }
        if (errno == EAGAIN) break;
        if (errno == EINTR || errno == ECONNABORTED) continue;
        tell_of_trouble(std::strerror(errno));
        loop_.deadlines.add(Clock::now() + rest, [self = shared_from_this()] {
            if (self->listening_.is_open()) self->wait();
        });
        return;
    }
    wait();
}

// Whatever becomes of one connection, the next one is waited for.
void Acceptor::hand_over(Fd socket)
{
    try {
        accepted_(std::move(socket));
    } catch (std::exception const& error) {
        log::error("CONNECTION_NOT_BEGUN", {{"listener", name_}, {"error", error.what()}});
    }
}

// Once when it begins, or becomes another, and once when it is over: it may last, and is met ten times a second.
void Acceptor::tell_of_trouble(std::string const& trouble)
{
    if (trouble == trouble_) return;
    trouble_ = trouble;
    if (trouble.empty()) log::info("ACCEPTING_AGAIN", {{"listener", name_}});
    else log::error("ACCEPT_FAILED", {{"listener", name_}, {"error", trouble}});
}

}  // namespace provost::net
