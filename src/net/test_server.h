// SPDX-License-Identifier: Apache-2.0
// For tests: a server of one connection, on a thread, that does what the test says.
#pragma once

#include <algorithm>
#include <functional>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/fd.h"
#include "net/sockets.h"

namespace provost::net {

class TestServer {
public:
    using Talk = std::function<void(int)>;
    explicit TestServer(Talk talk, std::string const& host = "127.0.0.1")
        : listening_(*bind_tcp(host, 0)), port(port_of(listening_))
    {
        thread_ = std::thread([this, talk = std::move(talk)] {
            pollfd waited{listening_.get(), POLLIN, 0};
            ::poll(&waited, 1, 20'000);
            Fd peer(::accept(listening_.get(), nullptr, nullptr));
            int const on = 1;  // as servers do
            ::setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (peer) talk(peer.get());
        });
    }
    ~TestServer() { thread_.join(); }
    TestServer(TestServer const&) = delete;
    TestServer& operator=(TestServer const&) = delete;

private:
    Fd listening_;
    std::thread thread_;

public:
    std::uint16_t const port;
};

// Its side of a conversation in lines, in the clear or under TLS.
class TestTalk {
public:
    explicit TestTalk(int socket) : socket_(socket) {}
    explicit TestTalk(SSL* tls) : tls_(tls) {}

    void say(std::string_view bytes)
    {
        if (tls_) SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
        else ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    // Up to the next LF, without it and a CR before it; what there is where the client hangs up.
    std::string line()
    {
        while (unread_.find('\n') == std::string::npos && receive()) {
        }
        auto text = bytes(std::min(unread_.find('\n'), unread_.size()));
        bytes(1);
        if (text.ends_with('\r')) text.pop_back();
        return text;
    }
    std::string bytes(std::size_t count)
    {
        while (unread_.size() < count && receive()) {
        }
        auto taken = unread_.substr(0, count);
        unread_.erase(0, count);
        return taken;
    }
    // Whether the client has said more than was read, or says so now; in the clear.
    bool has_more()
    {
        pollfd heard{socket_, POLLIN, 0};
        return !unread_.empty() || ::poll(&heard, 1, 20) > 0;
    }
    void expect(std::string_view wanted) { EXPECT_EQ(line(), wanted); }

private:
    bool receive()
    {
        char buffer[16384];
        auto const got = tls_ ? SSL_read(tls_, buffer, sizeof buffer) : ::recv(socket_, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        unread_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    int socket_ = -1;
    SSL* tls_ = nullptr;
    std::string unread_;
};

}  // namespace provost::net
