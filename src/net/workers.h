// SPDX-License-Identifier: Apache-2.0
// Threads for work that blocks: databases, hashing, other servers. The event loops never block.
#pragma once

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "base/awaited.h"
#include "base/metrics.h"
#include "net/task.h"

namespace provost::net {

class Workers {
public:
    // At most `longest_queue` tasks wait; `name` labels the metrics provost_workers_*.
    Workers(std::size_t threads, std::size_t longest_queue, Metrics& metrics, std::string const& name);
    // Waits for the tasks that run; those that wait are destroyed unrun, which closes the Responders they hold.
    ~Workers();
    Workers(Workers const&) = delete;
    Workers& operator=(Workers const&) = delete;

    // From any thread. False: the queue is full and the task was destroyed; the answer is "cannot tell".
    // A task that throws is logged and counted.
    bool submit(Task task);

private:
    struct Queue {
        std::deque<Task> tasks;
        bool stopping = false;
    };
    void work();

    std::size_t const longest_queue_;
    Counter& refused_;
    Counter& failed_;
    Gauge& waiting_;
    Awaited<Queue> queue_;
    std::vector<std::thread> threads_;
};

}  // namespace provost::net
