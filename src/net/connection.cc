// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <sys/socket.h>
#include <utility>

#include <sodium/utils.h>

#include "base/log.h"

namespace provost::net {
namespace {

constexpr std::size_t first_buffer = 4 << 10;     // an idle connection holds no more
constexpr std::size_t longest_read = 64 << 10;    // a read is not larger, so that no peer holds the loop for long
constexpr std::size_t piece = 64 << 10;           // streams are asked for more while less than this is unsent
constexpr std::size_t most_streams = 8;           // of one peer at a time; beyond it we stop reading
constexpr std::size_t most_at_once = 256 << 10;   // sent without a look at other connections
constexpr std::size_t longest_record = 17 << 10;  // RFC 8446 5.2: 16 KiB and what goes with them
constexpr std::size_t kept_capacity = 256 << 10;  // of an empty output buffer

class ToConnection final : public Responder::Sink {
public:
    ToConnection(std::shared_ptr<Inbox> inbox, std::weak_ptr<Connection> connection, std::uint64_t ticket)
        : inbox_(std::move(inbox)), connection_(std::move(connection)), ticket_(ticket)
    {
    }

    void reply(std::string bytes) override
    {
        replied_ = true;
        inbox_->post([to = connection_, ticket = ticket_, bytes = std::move(bytes)]() mutable {
            if (auto connection = to.lock()) connection->answer(ticket, std::move(bytes));
        });
    }

    void close() override
    {
        inbox_->post([to = connection_, ticket = ticket_, replied = replied_] {
            auto connection = to.lock();
            if (!connection) return;
            if (replied) connection->close_after_answers();
            else connection->answer(ticket, std::nullopt);
        });
    }

private:
    std::shared_ptr<Inbox> inbox_;
    std::weak_ptr<Connection> connection_;
    std::uint64_t ticket_;
    bool replied_ = false;
};

}  // namespace

Connection::Connection(Loop& loop, std::shared_ptr<Listener::Shared> shared, Fd socket, int family)
    : loop_(loop),
      shared_(std::move(shared)),
      socket_(loop.context, asio::generic::stream_protocol(family, 0), socket.get()),
      in_(first_buffer)
{
    socket.release();
}

// Where the loops end before the listener, the loop may no longer be touched here.
Connection::~Connection() = default;

void Connection::start(Peer const& peer)
{
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    active_at_ = Clock::now();
    try {
        if (shared_->tls) {
            tls_ = shared_->tls->accept();
            records_.resize(longest_record);
        }
        session_ = shared_->sessions(peer);
        if (session_) out_ = session_->greeting();
    } catch (std::exception const& error) {
        log::error("SESSION_FAILED", {{"listener", shared_->name}, {"error", error.what()}});
        return end(Ending::failed);
    }
    if (!session_) return end(Ending::turned_away);
    advance();
}

void Connection::drain()
{
    // The peer's next write fails at once, and it knows to try again; what it wrote before can still be read.
    ::shutdown(socket_.native_handle(), SHUT_RD);
    advance();
}

void Connection::end(Ending ending)
{
    if (std::exchange(ended_, true)) return;
    auto const self = shared_from_this();
    boost::system::error_code ignored;
    socket_.close(ignored);
    for (auto const& [ticket, waiting] : waiting_) loop_.deadlines.cancel(waiting.deadline);
    waiting_.clear();
    if (watch_) loop_.deadlines.cancel(*watch_);
    tails_.clear();
    session_.reset();
    shared_->ended(ending);
    if (shared_->of_loop[loop_.index].erase(self) > 0) {
        --loop_.connections;
        shared_->count(-1);
    }
}

void Connection::write(std::string_view bytes)
{
    if (tails_.empty()) {
        out_ += bytes;
    } else {
        tails_.back().after += bytes;
        unsent_in_tails_ += bytes.size();
    }
}

Responder Connection::later(std::chrono::milliseconds deadline, std::optional<std::string> if_late)
{
    auto const ticket = ++last_ticket_;
    auto const key = loop_.deadlines.add(Clock::now() + deadline, [to = weak_from_this(), ticket] {
        auto connection = to.lock();
        if (!connection) return;
        auto waiting = connection->waiting_.find(ticket);
        if (waiting != connection->waiting_.end()) connection->answer(ticket, std::move(waiting->second.if_late));
    });
    waiting_.emplace(ticket, Waiting{key, std::move(if_late)});
    return Responder(std::make_unique<ToConnection>(loop_.inbox, weak_from_this(), ticket));
}

void Connection::stream(std::function<std::optional<std::string>()> next)
{
    tails_.push_back(Tail{std::move(next), {}});
}

void Connection::answer(std::uint64_t ticket, std::optional<std::string> bytes)
{
    auto waiting = waiting_.find(ticket);
    if (ended_ || waiting == waiting_.end()) return;
    loop_.deadlines.cancel(waiting->second.deadline);
    waiting_.erase(waiting);
    if (closing_) return;
    if (bytes) write(*bytes);
    else closing_ = true;
    fresh_ = true;
    if (shared_->limits.idle_time) active_at_ = Clock::now();
    advance();
}

void Connection::close_after_answers()
{
    if (ended_) return;
    closing_ = true;
    advance();
}

// Does what can be done now: hands in, sends, reads on, or ends. Everything that happens to a connection ends here.
void Connection::advance()
{
    if (ended_ || std::exchange(advancing_, true)) return;
    auto const self = shared_from_this();
    for (;;) {
        hand_in();
        auto const sent = failed_ ? Sent::broken : send();
        if (sent == Sent::broken) {
            end(failed_ ? Ending::failed : Ending::reset);
            return;
        }
        if (sent == Sent::some || !may_hand_in()) break;
    }
    advancing_ = false;
    if (over()) return end(Ending::done);
    bool const stuck = input_size() > shared_->limits.longest_request && !fresh_ && waiting_.empty();
    if (stuck && !closing_) return end(Ending::too_long);
    read();
    watch();
}

bool Connection::over() const
{
    if (unsent() > 0 || !tails_.empty()) return false;
    return closing_ || (no_more_ && waiting_.empty() && !may_hand_in());
}

bool Connection::may_hand_in() const
{
    return fresh_ && input_size() > 0 && !closing_ && !failed_ && unsent() <= shared_->limits.longest_unsent &&
           waiting_.size() < shared_->limits.most_unanswered && tails_.size() < most_streams;
}

void Connection::hand_in()
{
    bool took = false;
    while (may_hand_in()) {
        std::size_t taken = 0;
        try {
            taken = session_->on_bytes({in_.data() + in_begin_, input_size()}, *this);
        } catch (std::exception const& error) {
            log::error("SESSION_FAILED", {{"listener", shared_->name}, {"error", error.what()}});
            failed_ = true;
            return;
        }
        taken = std::min(taken, input_size());
        sodium_memzero(in_.data() + in_begin_, taken);  // it may have been a password
        in_begin_ += taken;
        took = took || taken > 0;
        fresh_ = taken > 0;
    }
    bool const half = input_size() > 0 || (tls_ && tls_->is_midway());
    if (!half || !waiting_.empty() || fresh_) {
        half_since_.reset();  // nothing is there, or it is us who keep the rest waiting
    } else if (took || !half_since_) {
        half_since_ = Clock::now();
    }
}

// Asks the stream whose turn it is for one piece, while what they gave is nearly out.
void Connection::fill()
{
    if (tails_.empty() || out_.size() - sent_ >= piece) return;
    if (auto next = tails_.front().next()) {
        out_ += *next;
        return;
    }
    out_ += tails_.front().after;
    unsent_in_tails_ -= tails_.front().after.size();
    tails_.pop_front();
}

// Streams have more, and the peer takes it; others have their turn first, since a piece may be much work and no bytes.
void Connection::go_on_soon()
{
    if (std::exchange(goes_on_, true)) return;
    loop_.inbox->post([to = weak_from_this()] {
        auto connection = to.lock();
        if (!connection) return;
        connection->goes_on_ = false;
        connection->advance();
    });
}

// Makes records of what is to be sent, while few are waiting.
bool Connection::seal()
{
    if (wire_.size() - wire_sent_ < piece && out_.size() > sent_) {
        auto const part = std::string_view(out_).substr(sent_, piece);
        if (!tls_->send(part, wire_)) return false;
        sent_ += part.size();
        out_.erase(0, sent_);
        sent_ = 0;
    }
    if (closing_ && out_.empty() && tails_.empty()) tls_->close(wire_);
    return true;
}

Connection::Sent Connection::send()
{
    std::size_t at_once = 0;
    bool may_fill = !goes_on_;
    while (!waiting_writable_) {
        try {
            if (std::exchange(may_fill, false)) fill();
        } catch (std::exception const& error) {
            log::error("SESSION_FAILED", {{"listener", shared_->name}, {"error", error.what()}});
            failed_ = true;
            return Sent::broken;
        }
        if (tls_ && !seal()) return Sent::broken;
        auto& bytes = tls_ ? wire_ : out_;
        auto& sent = tls_ ? wire_sent_ : sent_;
        if (bytes.size() == sent) {
            bytes.clear();
            sent = 0;
            if (bytes.capacity() > kept_capacity) bytes.shrink_to_fit();
            stalled_since_.reset();
            if (tails_.empty()) return Sent::all;
            go_on_soon();
            return Sent::some;
        }
        if (at_once >= most_at_once) break;
        boost::system::error_code error;
        auto const written = socket_.write_some(asio::buffer(bytes.data() + sent, bytes.size() - sent), error);
        if (error == asio::error::would_block) break;
        if (error) return Sent::broken;
        sent += written;
        at_once += written;
        stalled_since_.reset();
        if (sent >= piece) {
            bytes.erase(0, sent);
            sent = 0;
        }
    }
    if (!stalled_since_) stalled_since_ = Clock::now();
    if (!waiting_writable_) wait_until_writable();
    return Sent::some;
}

void Connection::wait_until_writable()
{
    waiting_writable_ = true;
    socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this()](boost::system::error_code error) {
        self->waiting_writable_ = false;
        if (!error) self->advance();
    });
}

void Connection::read()
{
    bool const paused = unsent() > shared_->limits.longest_unsent ||
                        waiting_.size() >= shared_->limits.most_unanswered || tails_.size() >= most_streams ||
                        input_size() > shared_->limits.longest_request;
    if (reading_ || no_more_ || closing_ || paused) return;
    make_room();
    reading_ = true;
    auto const room = tls_ ? asio::buffer(records_)
                           : asio::buffer(in_.data() + in_end_, std::min(in_.size() - in_end_, longest_read));
    socket_.async_read_some(room, [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
        self->on_read(error, bytes);
    });
}

// Only while no read is under way: that one has been told where to put its bytes.
void Connection::make_room()
{
    if (input_size() == 0) in_begin_ = in_end_ = 0;
    if (in_end_ == 0 && in_.size() > longest_read) std::vector<char>(first_buffer).swap(in_);
    if (in_begin_ > 0) {
        std::memmove(in_.data(), in_.data() + in_begin_, input_size());
        in_end_ = input_size();
        in_begin_ = 0;
    }
    if (in_end_ == in_.size()) in_.resize(in_.size() * 2);
}

void Connection::on_read(boost::system::error_code error, std::size_t bytes)
{
    reading_ = false;
    if (ended_) return;
    if (error && error != asio::error::eof) return end(Ending::reset);
    if (error) {
        no_more_ = true;
    } else {
        if (tls_) {
            unseal(bytes);
        } else {
            in_end_ += bytes;
            fresh_ = true;
        }
        if (shared_->limits.idle_time) active_at_ = Clock::now();
    }
    advance();
}

void Connection::unseal(std::size_t bytes)
{
    std::string plain;
    if (!tls_->receive({records_.data(), bytes}, plain, wire_)) {
        // No more is believed of this peer; the alert that tells it so still goes out.
        closing_ = true;
        out_.clear();
        sent_ = 0;
        return;
    }
    no_more_ = no_more_ || tls_->has_ended();
    if (plain.empty()) return;
    make_room();
    if (in_.size() - in_end_ < plain.size()) in_.resize(in_end_ + plain.size());
    std::memcpy(in_.data() + in_end_, plain.data(), plain.size());
    in_end_ += plain.size();
    fresh_ = true;
}

// When the first of the limits in time will have been passed, and which it is.
std::optional<Clock::time_point> Connection::due(Ending& why) const
{
    auto const& limits = shared_->limits;
    std::optional<Clock::time_point> first;
    auto consider = [&](Clock::time_point when, Ending ending) {
        if (first && *first <= when) return;
        first = when;
        why = ending;
    };
    if (half_since_) consider(*half_since_ + limits.request_time, Ending::half_request);
    if (stalled_since_) consider(*stalled_since_ + limits.stall_time, Ending::not_reading);
    bool const silent = waiting_.empty() && unsent() == 0 && tails_.empty() && input_size() == 0;
    if (limits.idle_time && silent) consider(active_at_ + *limits.idle_time, Ending::idle);
    return first;
}

// One look is planned at a time. When it comes and the reason is gone, it plans the next: so a busy connection,
// whose due times move with every request, costs nothing here.
void Connection::watch()
{
    auto why = Ending::done;
    auto const when = due(why);
    if (!when || (watch_ && watch_->first <= *when)) return;
    if (watch_) loop_.deadlines.cancel(*watch_);
    watch_ = loop_.deadlines.add(*when, [to = weak_from_this()] {
        if (auto connection = to.lock()) connection->on_watch();
    });
}

void Connection::on_watch()
{
    watch_.reset();
    auto why = Ending::done;
    auto const when = due(why);
    if (when && *when <= Clock::now()) return end(why);
    watch();
}

}  // namespace provost::net
