// SPDX-License-Identifier: Apache-2.0
#include "net/loops.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/awaited.h"
#include "base/log.h"
#include "net/loop.h"

namespace provost::net {
namespace {

// Handlers in one batch: with all of them busy for their longest, a barrier still waits for milliseconds.
constexpr int most_in_a_batch = 256;
constexpr std::chrono::milliseconds between_measures{500};

// Where an exception of something that runs on a loop ends.
template <class Work>
void guarded(Work&& work)
{
    try {
        work();
    } catch (std::exception const& error) {
        log::error("LOOP_TASK_FAILED", {{"error", error.what()}});
    }
}

}  // namespace

bool Inbox::post(Task task)
{
    return state_.with([&](State& state) {
        if (!state.context) return false;
        state.tasks.push_back(std::move(task));
        if (state.tasks.size() == 1) asio::post(*state.context, [self = shared_from_this()] { self->run_all(); });
        return true;
    });
}

void Inbox::run_all()
{
    auto tasks = state_.with([](State& state) { return std::exchange(state.tasks, {}); });
    for (auto& task : tasks) guarded(task);
}

void Inbox::close()
{
    // What is destroyed here may post again, so it is destroyed without the lock.
    auto tasks = state_.with([](State& state) {
        state.context = nullptr;
        return std::exchange(state.tasks, {});
    });
}

Deadlines::Key Deadlines::add(Clock::time_point when, Task work)
{
    Key key{when, ++last_};
    waiting_.emplace(key, std::move(work));
    arm();
    return key;
}

void Deadlines::arm()
{
    if (waiting_.empty() || waiting_.begin()->first.first >= armed_) return;
    armed_ = waiting_.begin()->first.first;
    timer_.expires_at(armed_);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        armed_ = Clock::time_point::max();
        auto const now = Clock::now();
        while (!waiting_.empty() && waiting_.begin()->first.first <= now) {
            auto due = waiting_.extract(waiting_.begin());
            guarded(due.mapped());
        }
        arm();
    });
}

Loop::Loop(std::size_t i, std::function<void()> before_wait, Metrics& metrics)
    : index(i),
      before_wait_(std::move(before_wait)),
      lag_(metrics.gauge("provost_loop_lag_seconds", "Longest wait of a ready request for its loop, of late.",
                         {{"loop", std::to_string(i)}}))
{
    measure(Clock::now());
    thread_ = std::thread([this] { run(); });
}

Loop::~Loop()
{
    stop();
    inbox->close();
}

void Loop::stop()
{
    stopping_ = true;
    context.stop();
    if (thread_.joinable()) thread_.join();
}

void Loop::run()
{
    auto busy = asio::make_work_guard(context);
    while (!stopping_) guarded([this] { run_batch(); });
    for (auto& reached : std::exchange(reached_, {})) guarded(reached);
}

void Loop::run_batch()
{
    if (before_wait_) guarded(before_wait_);
    for (auto& reached : std::exchange(reached_, {})) guarded(reached);
    context.run_one();
    auto const begin = Clock::now();
    for (int handled = 1; handled < most_in_a_batch && reached_.empty(); ++handled) {
        if (context.poll_one() == 0) break;
    }
    longest_batch_ = std::max(longest_batch_, Clock::now() - begin);
}

void Loop::measure(Clock::time_point expected)
{
    auto const now = Clock::now();
    auto const lag = std::max(longest_batch_, now - expected);
    lag_.set(std::chrono::duration<double>(lag).count());
    longest_batch_ = {};
    auto const next = now + between_measures;
    deadlines.add(next, [this, next] { measure(next); });
}

Loops::Loops(std::size_t threads, std::function<void()> before_wait, Metrics& metrics)
    : turn_(std::make_unique<std::atomic<std::size_t>>(0))
{
    for (std::size_t i = 0; i < threads; ++i) loops_.push_back(std::make_unique<Loop>(i, before_wait, metrics));
}

Loops::~Loops()
{
    for (auto& loop : loops_) loop->stop();
}

bool Loops::barrier(std::chrono::milliseconds limit)
{
    if (std::any_of(loops_.begin(), loops_.end(), [](auto const& loop) { return loop->is_current(); })) {
        throw std::logic_error("a loop cannot wait for itself");
    }
    auto missing = std::make_shared<Awaited<std::size_t>>(loops_.size());
    for (auto& loop : loops_) {
        auto passed = [missing] { missing->with([](std::size_t& count) { --count; }); };
        loop->inbox->post([&at = *loop, passed] { at.after_batch(passed); });
    }
    return missing->wait_for(limit, [](std::size_t count) { return count == 0; });
}

Loop& Loops::next() { return *loops_[turn_->fetch_add(1, std::memory_order_relaxed) % loops_.size()]; }

void Loops::post(Task work) { next().inbox->post(std::move(work)); }

void Loops::post_after(std::chrono::milliseconds delay, Task work)
{
    auto& loop = next();
    auto when = Clock::now() + delay;
    loop.inbox->post([&loop, when, work = std::move(work)]() mutable { loop.deadlines.add(when, std::move(work)); });
}

}  // namespace provost::net
