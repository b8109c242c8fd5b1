// SPDX-License-Identifier: Apache-2.0
// What a protocol is to the network room: told of bytes, given ways to answer. No sockets, no co_await.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provost::net {

// Answers one request: once, now or later, from any thread; or closes the conversation. After the conversation
// has ended, or the deadline has answered in its place, replies go nowhere. Destroyed unused, it closes: a request
// that was forgotten must look like "cannot tell", never like silence.
class Responder {
public:
    // What the network room gives a Responder; tests give their own.
    class Sink {
    public:
        virtual ~Sink() = default;
        virtual void reply(std::string bytes) = 0;
        virtual void close() = 0;
    };

    explicit Responder(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) noexcept = default;
    ~Responder()
    {
        if (sink_) sink_->close();
    }

    void reply(std::string bytes)
    {
        if (auto sink = std::move(sink_)) sink->reply(std::move(bytes));
    }
    void close()
    {
        if (auto sink = std::move(sink_)) sink->close();
    }
    void reply_and_close(std::string bytes)
    {
        if (auto sink = std::move(sink_)) {
            sink->reply(std::move(bytes));
            sink->close();
        }
    }

private:
    std::unique_ptr<Sink> sink_;
};

// The ways to answer that a Session has while it is told of bytes.
class Exchange {
public:
    virtual ~Exchange() = default;

    // In place, in order: the cheap way, for answers that are known at once.
    virtual void write(std::string_view bytes) = 0;

    // Later, from any thread. Replies go out in the order they are made, not in the order of requests (the
    // protocols that answer later number their requests). When `deadline` passes first, `if_late` is sent instead;
    // nullopt closes the conversation.
    virtual Responder later(std::chrono::milliseconds deadline, std::optional<std::string> if_late) = 0;

    // In pieces, as the peer drains them: `next` is called on the loop until it returns nullopt.
    // What is written meanwhile follows after the last piece.
    virtual void stream(std::function<std::optional<std::string>()> next) = 0;

    // How many later() still wait for their answer. A protocol that must answer in order takes nothing meanwhile:
    // when an answer has gone out, on_bytes is called again with what is left.
    virtual std::size_t unanswered() const { return 0; }

    // Sends what was written, then ends the conversation.
    virtual void close() = 0;
};

// Who is at the other end of a Unix socket (SO_PEERCRED, SO_PEERGROUPS); uid and gid are -1 on TCP.
struct Peer {
    long pid = -1;
    long uid = -1;
    long gid = -1;
    std::vector<long> groups = {};  // the others that he is a member of
    std::string address;            // "127.0.0.1:4711" on TCP, empty on Unix
};

// One conversation; lives on one event loop and is told everything there.
class Session {
public:
    virtual ~Session() = default;

    // What we say first; Dovecot's auth server does.
    virtual std::string greeting() { return {}; }

    // Takes whole requests off the front of `input` and returns how many bytes it took; the rest is handed in again
    // with what follows (or at once, where it took something but not all). An unfinished request longer than the
    // listener's limit ends the conversation.
    virtual std::size_t on_bytes(std::string_view input, Exchange& exchange) = 0;
};

// Called on any of the loops. nullptr turns the peer away.
using SessionMaker = std::function<std::unique_ptr<Session>(Peer const&)>;

}  // namespace provost::net
