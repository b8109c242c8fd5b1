// SPDX-License-Identifier: Apache-2.0
// The client's side of the API on a Unix socket, as far as a load needs it.
#pragma once

#include "wire.h"

namespace bench {

struct ApiReply {
    int status = 0;
    std::string body = {};

    bool is_done() const { return status / 100 == 2; }
};

class Api {
public:
    explicit Api(std::string const& socket) : fd_(connect_to(socket))
    {
        if (fd_ < 0) fail(socket);
    }
    Api(Api const&) = delete;
    Api& operator=(Api const&) = delete;
    ~Api() { ::close(fd_); }

    ApiReply post(std::string const& target, std::string const& body)
    {
        return ask("POST " + target +
                   " HTTP/1.1\r\nHost: provost\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    ApiReply get(std::string const& target) { return ask("GET " + target + " HTTP/1.1\r\nHost: provost\r\n\r\n"); }

private:
    ApiReply ask(std::string const& request)
    {
        if (!write_all(fd_, request)) fail("the API has ended the conversation");
        for (;;) {
            auto const head = in_.find("\r\n\r\n");
            if (head != std::string::npos) {
                auto const size = body_size(head);
                if (in_.size() >= head + 4 + size) {
                    ApiReply reply{std::atoi(in_.c_str() + std::strlen("HTTP/1.1 ")), in_.substr(head + 4, size)};
                    in_.erase(0, head + 4 + size);
                    return reply;
                }
            }
            if (!read_some(fd_, in_)) fail("the API has ended the conversation");
        }
    }

    std::size_t body_size(std::size_t head) const
    {
        for (auto const* name : {"Content-Length: ", "content-length: "})
            if (auto const at = in_.find(name); at < head) return std::strtoul(in_.c_str() + at + 16, nullptr, 10);
        return 0;
    }

    int fd_;
    std::string in_;
};

}  // namespace bench
