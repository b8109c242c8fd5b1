// SPDX-License-Identifier: Apache-2.0
// The event loops: one thread each, on which connections live and requests are answered.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/metrics.h"
#include "net/task.h"

namespace provost::net {

class Loop;  // net/loop.h, for this room alone

class Loops {
public:
    // Each loop works in batches: all that is ready (bounded, so that barrier() is prompt), then `before_wait` on the
    // loop's own thread, then it waits for more. What a batch learned from the replica is thus never older than it.
    Loops(std::size_t threads, std::function<void()> before_wait, Metrics& metrics);
    // Ends the threads; what was posted and not run is destroyed. Destroy what uses the loops (listeners) first.
    ~Loops();
    Loops(Loops const&) = delete;
    Loops& operator=(Loops const&) = delete;

    // Blocks until every loop has ended the batch it was in, called `before_wait` and begun afresh. False: not within
    // `limit`, so some answer may still come from before. Not to be called on a loop (throws std::logic_error).
    bool barrier(std::chrono::milliseconds limit = std::chrono::seconds(10));

    // Runs `work` soon on one of the loops; from any thread.
    void post(Task work);
    // Runs `work` on one of the loops when `delay` has passed; it is destroyed unrun when the loops end.
    void post_after(std::chrono::milliseconds delay, Task work);

    std::size_t size() const { return loops_.size(); }
    Loop& at(std::size_t index) { return *loops_[index]; }
    Loop& next();  // in turn

private:
    std::vector<std::unique_ptr<Loop>> loops_;
    std::unique_ptr<std::atomic<std::size_t>> turn_;
};

}  // namespace provost::net
