// SPDX-License-Identifier: Apache-2.0
// What the measuring programs share: sockets, clocks, and how a distribution is written as JSON.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

[[noreturn]] inline void fail(std::string const& what)
{
    std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(1);
}

inline double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

inline sockaddr_un address_of(std::string const& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) fail(path + " is too long for a socket");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

// -1 where nobody listens there.
inline int connect_to(std::string const& path)
{
    int const fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    auto const address = address_of(path);
    if (::connect(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

// False where the other side has ended.
inline bool write_all(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const written = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Appends what has come; false where the other side has ended.
inline bool read_some(int fd, std::string& to)
{
    char buffer[64 * 1024];
    auto const got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    to.append(buffer, static_cast<std::size_t>(got));
    return true;
}

// The lines of a file, each parted in two at its first tab.
inline std::vector<std::pair<std::string, std::string>> pairs_in(std::string const& file)
{
    std::ifstream in(file);
    if (!in) fail(file);
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::string line; std::getline(in, line);) {
        auto const tab = line.find('\t');
        if (tab == std::string::npos) pairs.emplace_back(line, std::string());
        else pairs.emplace_back(line.substr(0, tab), line.substr(tab + 1));
    }
    return pairs;
}

// The value below which this part of the sorted values lies; 0 of none.
inline double percentile(std::vector<double> const& sorted, double part)
{
    if (sorted.empty()) return 0;
    auto const place = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5);
    return sorted[place];
}

inline std::string base64(std::string_view bytes)
{
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        auto const left = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8U | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j) out += j <= left ? letters[group >> (18 - 6 * j) & 63U] : '=';
    }
    return out;
}

// xorshift: quick, and the same numbers in each run.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 2654435769U + 88172645463325252U) {}
    std::size_t below(std::size_t bound)
    {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return static_cast<std::size_t>(state_ % bound);
    }

private:
    std::uint64_t state_;
};

}  // namespace bench
