// SPDX-License-Identifier: Apache-2.0
// One accepted connection on its loop: bytes in, bytes out, limits. For the other files of this room only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/generic/stream_protocol.hpp>

#include "net/loop.h"
#include "net/session.h"
#include "net/shared.h"

namespace provost::net {

// Everything happens on the loop; only the Sinks of Responders reach it from elsewhere, through the inbox.
class Connection final : public Exchange, public std::enable_shared_from_this<Connection> {
public:
    Connection(Loop& loop, std::shared_ptr<Listener::Shared> shared, Fd socket, int family);
    ~Connection() override;

    void start(Peer const& peer);
    void drain();  // no more requests than those that have arrived
    void end(Ending ending);

    void answer(std::uint64_t ticket, std::optional<std::string> bytes);  // nullopt: close
    void close_after_answers();

    void write(std::string_view bytes) override;
    Responder later(std::chrono::milliseconds deadline, std::optional<std::string> if_late) override;
    void stream(std::function<std::optional<std::string>()> next) override;
    std::size_t unanswered() const override { return waiting_.size(); }
    void close() override { closing_ = true; }

private:
    struct Waiting {
        Deadlines::Key deadline;
        std::optional<std::string> if_late;
    };
    struct Tail {
        std::function<std::optional<std::string>()> next;
        std::string after;  // written meanwhile
    };
    enum class Sent : std::uint8_t { all, some, broken };

    void advance();
    bool may_hand_in() const;
    void hand_in();
    Sent send();
    void fill();
    void go_on_soon();
    bool seal();
    void read();
    void on_read(boost::system::error_code error, std::size_t bytes);
    void unseal(std::size_t bytes);
    void wait_until_writable();
    bool over() const;
    std::size_t unsent() const { return out_.size() - sent_ + unsent_in_tails_ + wire_.size() - wire_sent_; }
    std::size_t input_size() const { return in_end_ - in_begin_; }
    void make_room();

    std::optional<Clock::time_point> due(Ending& why) const;
    void watch();
    void on_watch();

    Loop& loop_;
    std::shared_ptr<Listener::Shared> const shared_;
    asio::generic::stream_protocol::socket socket_;
    std::unique_ptr<Session> session_;

    std::vector<char> in_;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
    std::string out_;
    std::size_t sent_ = 0;
    std::deque<Tail> tails_;
    std::size_t unsent_in_tails_ = 0;

    std::unique_ptr<TlsStream> tls_;  // none: what is sent and read goes over the wire as it is
    std::vector<char> records_;       // as they are read
    std::string wire_;                // records that are to be sent
    std::size_t wire_sent_ = 0;

    std::unordered_map<std::uint64_t, Waiting> waiting_;
    std::uint64_t last_ticket_ = 0;

    bool reading_ = false;
    bool waiting_writable_ = false;
    bool advancing_ = false;
    bool goes_on_ = false;  // go_on_soon() has been called, and was not run yet
    bool fresh_ = false;    // something happened since the session last refused to take more
    bool no_more_ = false;  // nothing more will be read
    bool closing_ = false;
    bool failed_ = false;
    bool ended_ = false;

    std::optional<Clock::time_point> half_since_;
    std::optional<Clock::time_point> stalled_since_;
    Clock::time_point active_at_;
    std::optional<Deadlines::Key> watch_;
};

}  // namespace provost::net
