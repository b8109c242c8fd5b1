// SPDX-License-Identifier: Apache-2.0
// Data that can only be reached while its lock is held, and whose changes can be waited for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace provost {

template <class T>
class Awaited {
public:
    Awaited() = default;
    explicit Awaited(T value) : value_(std::move(value)) {}

    // Calls `use(value)` under the lock, wakes whoever waits, and returns what it returned.
    template <class Use>
    decltype(auto) with(Use use)
    {
        std::lock_guard lock(mutex_);
        changed_.notify_all();
        return use(value_);
    }

    // Waits until `ready(value)`, then returns `use(value)`.
    template <class Ready, class Use>
    decltype(auto) wait(Ready ready, Use use)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return ready(value_); });
        return use(value_);
    }

    // Waits at most `limit`; false: it never became ready.
    template <class Ready>
    bool wait_for(std::chrono::milliseconds limit, Ready ready)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] { return ready(value_); });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    T value_{};
};

}  // namespace provost
