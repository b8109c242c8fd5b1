// SPDX-License-Identifier: Apache-2.0
// Data that can only be reached while its lock is held.
#pragma once

#include <mutex>
#include <utility>

namespace provost {

template <class T>
class Guarded {
public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    // Calls `use(value)` under the lock and returns what it returns.
    template <class Use>
    decltype(auto) with(Use use)
    {
        std::lock_guard lock(mutex_);
        return use(value_);
    }

private:
    std::mutex mutex_;
    T value_{};
};

}  // namespace provost
