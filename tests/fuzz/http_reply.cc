// SPDX-License-Identifier: Apache-2.0
// What an HTTP server answers us: Dovecot's doveadm, and provostd to its command.
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "base/guarded.h"
#include "fuzz/target.h"
#include "net/http_client.h"
#include "net/sockets.h"

using namespace provost;
using namespace provost::net;

namespace {

// Answers each connection with the bytes of the moment.
class Server {
public:
    Server() : path_("/tmp/provost-fuzz-" + std::to_string(::getpid())), listening_(*bind_unix({.path = path_}))
    {
        std::thread([this] { serve(); }).detach();
    }
    std::string const& path() const { return path_; }
    // Read during a call, and after it where that did not wait for all of the answer.
    void says(std::string_view bytes)
    {
        says_.with([&](std::string& kept) { kept = bytes; });
    }

private:
    void serve() const
    {
        for (;;) {
            pollfd waiting{listening_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, -1) < 0) continue;
            Fd const peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!peer) continue;
            char heard[4096];
            if (::recv(peer.get(), heard, sizeof heard, 0) <= 0) continue;
            auto const answer = says_.with([](std::string const& kept) { return kept; });
            ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }
    std::string path_;
    Fd listening_;
    mutable Guarded<std::string> says_;
};

}  // namespace

FUZZ_TARGET(http_reply, input)
{
    static Server server;
    server.says(input);
    auto const response = call({.url = "http://provost/", .unix_socket = server.path(), .longest_body = 1000});
    if (!response) {
        HOLDS(response.error().fault == Fault::unavailable);
        return;
    }
    HOLDS(response->body.size() <= 1000);
    for (auto const& [name, value] : response->headers) {
        HOLDS(name.find('\n') == std::string::npos);
        HOLDS(value.find('\n') == std::string::npos);
    }
}
