// SPDX-License-Identifier: Apache-2.0
// For tests: an Exchange that writes down what a session answers, and replays a peer in pieces.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "net/session.h"

namespace provost::protocols {

class TestExchange final : public net::Exchange {
public:
    struct Sent {
        std::string bytes;
        bool closed = false;
        std::size_t waiting = 0;
    };
    struct Asked {
        std::chrono::milliseconds deadline;
        std::optional<std::string> if_late;
    };

    void write(std::string_view bytes) override
    {
        sent_->with([&](Sent& sent) { sent.bytes += bytes; });
    }
    net::Responder later(std::chrono::milliseconds deadline, std::optional<std::string> if_late) override
    {
        asked.push_back({deadline, std::move(if_late)});
        sent_->with([](Sent& sent) { ++sent.waiting; });
        return net::Responder(std::make_unique<Sink>(sent_));
    }
    void stream(std::function<std::optional<std::string>()> next) override
    {
        while (auto const piece = next()) {
            pieces.push_back(*piece);
            write(*piece);
        }
    }
    std::size_t unanswered() const override
    {
        return sent_->with([](Sent& sent) { return sent.waiting; });
    }
    void close() override
    {
        sent_->with([](Sent& sent) { sent.closed = true; });
    }

    // What went out since the last call.
    std::string out()
    {
        return sent_->with([](Sent& sent) { return std::exchange(sent.bytes, {}); });
    }
    bool is_closed() const
    {
        return sent_->with([](Sent& sent) { return sent.closed; });
    }

    std::vector<Asked> asked;
    std::vector<std::string> pieces;

private:
    class Sink final : public net::Responder::Sink {
    public:
        explicit Sink(std::shared_ptr<Guarded<Sent>> sent) : sent_(std::move(sent)) {}
        // Answered when all is said, so that whoever waits for it sees also that the conversation was ended.
        ~Sink() override
        {
            sent_->with([](Sent& sent) { --sent.waiting; });
        }
        void reply(std::string bytes) override
        {
            sent_->with([&](Sent& sent) { sent.bytes += bytes; });
        }
        void close() override
        {
            sent_->with([&](Sent& sent) { sent.closed = true; });
        }

    private:
        std::shared_ptr<Guarded<Sent>> sent_;
    };

    std::shared_ptr<Guarded<Sent>> sent_ = std::make_shared<Guarded<Sent>>();
};

// Hands bytes to a session as the network room does: what it leaves is handed in again with what follows.
class TestWire {
public:
    explicit TestWire(net::Session& session) : session_(session) {}

    std::string say(std::string_view bytes)
    {
        if (exchange.is_closed()) return {};
        held_ += bytes;
        while (!held_.empty() && !exchange.is_closed()) {
            auto const taken = session_.on_bytes(held_, exchange);
            held_.erase(0, taken);
            if (taken == 0) break;
        }
        if (exchange.is_closed()) held_.clear();
        return exchange.out();
    }
    // In pieces of one to `longest` bytes, chosen by `seed`.
    std::string say_in_pieces(std::string_view bytes, std::size_t longest, unsigned seed)
    {
        std::string answers;
        while (!bytes.empty()) {
            seed = seed * 1664525U + 1013904223U;  // Numerical Recipes' generator: any will do
            auto const size = std::min(bytes.size(), 1 + (seed >> 16U) % longest);
            answers += say(bytes.substr(0, size));
            bytes.remove_prefix(size);
        }
        return answers;
    }
    std::size_t held() const { return held_.size(); }

    TestExchange exchange;

private:
    net::Session& session_;
    std::string held_;
};

}  // namespace provost::protocols
