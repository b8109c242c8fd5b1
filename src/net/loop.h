// SPDX-License-Identifier: Apache-2.0
// One event loop, with Asio in sight: for the other files of this room only.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/guarded.h"
#include "base/metrics.h"
#include "net/task.h"

namespace provost::net {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// Tasks for one loop from any thread. It outlives the loop for as long as a Responder may knock.
class Inbox : public std::enable_shared_from_this<Inbox> {
public:
    explicit Inbox(asio::io_context& context) : state_(State{&context, {}}) {}

    bool post(Task task);  // false: the loop has ended, the task was destroyed
    void run_all();        // on the loop
    void close();

private:
    struct State {
        asio::io_context* context;
        std::vector<Task> tasks;
    };
    Guarded<State> state_;
};

// Work to be done at a point in time, on one loop's thread, with one Asio timer for all of it.
class Deadlines {
public:
    using Key = std::pair<Clock::time_point, std::uint64_t>;

    explicit Deadlines(asio::io_context& context) : timer_(context) {}
    Key add(Clock::time_point when, Task work);
    void cancel(Key const& key) { waiting_.erase(key); }

private:
    void arm();

    asio::steady_timer timer_;
    Clock::time_point armed_ = Clock::time_point::max();
    std::uint64_t last_ = 0;
    std::map<Key, Task> waiting_;
};

class Loop {
public:
    Loop(std::size_t index, std::function<void()> before_wait, Metrics& metrics);
    ~Loop();

    std::size_t const index;
    asio::io_context context{1};
    std::shared_ptr<Inbox> const inbox = std::make_shared<Inbox>(context);
    Deadlines deadlines{context};
    std::atomic<int> connections{0};  // to give the next one to the loop that has fewest

    // On this loop: `reached` runs when this batch has ended and `before_wait` was called.
    void after_batch(Task reached) { reached_.push_back(std::move(reached)); }
    bool is_current() const { return thread_.get_id() == std::this_thread::get_id(); }
    void stop();

private:
    void run();
    void run_batch();
    void measure(Clock::time_point expected);

    std::function<void()> before_wait_;
    Gauge& lag_;
    Clock::duration longest_batch_{};
    std::vector<Task> reached_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace provost::net
