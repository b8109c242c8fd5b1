// SPDX-License-Identifier: Apache-2.0
// For tests: the other end of a connection, blocking, with a bound on every wait; and a directory of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/fd.h"

namespace provost::net {

class TestDirectory {
public:
    TestDirectory()
    {
        std::string name = "/tmp/provost-test-XXXXXX";
        if (!::mkdtemp(name.data())) throw std::runtime_error("no directory for the test");
        path_ = name;
    }
    ~TestDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestDirectory(TestDirectory const&) = delete;
    TestDirectory& operator=(TestDirectory const&) = delete;
    std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    std::string path_;
};

class TestPeer {
public:
    explicit TestPeer(std::string const& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        connect(reinterpret_cast<sockaddr const*>(&address), sizeof address);
    }
    explicit TestPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect(reinterpret_cast<sockaddr const*>(&address), sizeof address);
    }

    // How many bytes were taken before the other end stopped taking (or closed).
    std::size_t send(std::string_view bytes, std::chrono::milliseconds patience = std::chrono::seconds(20))
    {
        std::size_t sent = 0;
        while (sent < bytes.size() && wait(POLLOUT, patience)) {
            auto const n = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0) break;
            sent += static_cast<std::size_t>(n);
        }
        return sent;
    }

    // Exactly `count` bytes, or what came before the end or the patience.
    std::string receive(std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds(20))
    {
        std::string bytes;
        char buffer[16384];
        while (bytes.size() < count && wait(POLLIN, patience)) {
            auto const n = ::recv(socket_.get(), buffer, std::min(sizeof buffer, count - bytes.size()), 0);
            if (n <= 0) break;
            bytes.append(buffer, static_cast<std::size_t>(n));
        }
        return bytes;
    }
    std::string receive_all() { return receive(static_cast<std::size_t>(-1)); }

    // Whether the other end closes within the patience; what it sends before is dropped.
    bool is_closed(std::chrono::milliseconds patience = std::chrono::seconds(20))
    {
        char buffer[16384];
        while (wait(POLLIN, patience)) {
            if (::recv(socket_.get(), buffer, sizeof buffer, 0) <= 0) return true;
        }
        return false;
    }
    void end_of_requests() { ::shutdown(socket_.get(), SHUT_WR); }
    void close() { socket_.close(); }

private:
    void connect(sockaddr const* address, socklen_t size)
    {
        if (::connect(socket_.get(), address, size) != 0) throw std::runtime_error(std::strerror(errno));
    }
    bool wait(short what, std::chrono::milliseconds patience) const
    {
        pollfd waited{socket_.get(), what, 0};
        return ::poll(&waited, 1, static_cast<int>(patience.count())) > 0;
    }

    Fd socket_;
};

}  // namespace provost::net
