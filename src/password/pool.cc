// SPDX-License-Identifier: Apache-2.0
#include "password/pool.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include "base/log.h"

namespace provost::password {
namespace {

void run(std::function<void()> const& work)
{
    try {
        work();
    } catch (std::exception const& e) {
        log::error("HASHING_WORK_FAILED", {{"error", e.what()}});
    }
}

}  // namespace

Pool::Pool(Settings settings) : settings_(settings)
{
    if (settings_.threads < 2 || settings_.kept_for_cheap < 1 || settings_.kept_for_cheap >= settings_.threads ||
        settings_.longest_queue < 1)
        throw std::invalid_argument(
            "a hashing pool needs two threads or more, at least one of each kind, and a queue of at least one");
    for (std::size_t i = 0; i < settings_.threads; ++i)
        threads_.emplace_back([this, cheap_only = i < settings_.kept_for_cheap] { serve(cheap_only); });
}

Pool::~Pool()
{
    Queue cheap;
    Queue dear;
    {
        std::lock_guard const lock(mutex_);
        ended_ = true;
        cheap.swap(cheap_queue_);
        dear.swap(dear_queue_);
    }
    any_.notify_all();
    cheap_.notify_all();
    // What waits is answered at once, not when the slowest running check is done.
    cheap.clear();
    dear.clear();
    threads_.clear();
}

bool Pool::submit(Cost cost, std::function<void()> work)
{
    {
        std::lock_guard const lock(mutex_);
        auto& queue = cost == Cost::cheap ? cheap_queue_ : dear_queue_;
        if (ended_ || queue.size() >= settings_.longest_queue) {
            ++refused_;
            return false;
        }
        queue.push_back({next_number_++, std::move(work)});
    }
    any_.notify_one();
    if (cost == Cost::cheap) cheap_.notify_one();
    return true;
}

Pool::Load Pool::load() const
{
    std::lock_guard const lock(mutex_);
    return {cheap_queue_.size(), dear_queue_.size(), running_, refused_};
}

std::optional<std::function<void()>> Pool::take(bool cheap_only)
{
    auto* queue = &cheap_queue_;
    // In order of arrival: were cheap work always first here, a flood of it would starve the dear.
    if (!cheap_only && !dear_queue_.empty() &&
        (cheap_queue_.empty() || dear_queue_.front().number < cheap_queue_.front().number))
        queue = &dear_queue_;
    if (queue->empty()) return std::nullopt;
    auto work = std::move(queue->front().work);
    queue->pop_front();
    return work;
}

void Pool::serve(bool cheap_only)
{
    std::unique_lock lock(mutex_);
    while (!ended_) {
        if (auto work = take(cheap_only)) {
            ++running_;
            lock.unlock();
            run(*work);
            // Gone before the lock is held again: what it holds may submit more when destroyed.
            work.reset();
            lock.lock();
            --running_;
        } else {
            (cheap_only ? cheap_ : any_).wait(lock);
        }
    }
}

}  // namespace provost::password
