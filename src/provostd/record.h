// SPDX-License-Identifier: Apache-2.0
// The record, opened when it can be: the daemon starts and answers while the database is away.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/guarded.h"
#include "store/store.h"

namespace provost::daemon {

class Record {
public:
    using Open = std::function<Result<std::unique_ptr<store::Store>>()>;
    explicit Record(Open open) : open_(std::move(open)) {}

    // The open record, or why there is none. Tries again at most once in `pause`, however many ask. From any thread.
    Result<store::Store*> get();

    static constexpr std::chrono::milliseconds pause{500};

private:
    struct Attempt {
        std::unique_ptr<store::Store> store;
        std::string trouble = "not tried yet";
        std::chrono::steady_clock::time_point at = {};
    };
    Open open_;
    std::atomic<store::Store*> ready_{nullptr};
    Guarded<Attempt> attempt_;
};

}  // namespace provost::daemon
