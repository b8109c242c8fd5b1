// SPDX-License-Identifier: Apache-2.0
#include "net/workers.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace provost::net {

Workers::Workers(std::size_t threads, std::size_t longest_queue, Metrics& metrics, std::string const& name)
    : longest_queue_(longest_queue),
      refused_(metrics.counter("provost_workers_refused_total", "Tasks refused because the queue was full.",
                               {{"pool", name}})),
      failed_(metrics.counter("provost_workers_failed_total", "Tasks that ended in an exception.", {{"pool", name}})),
      waiting_(metrics.gauge("provost_workers_waiting", "Tasks that wait for a thread.", {{"pool", name}}))
{
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers()
{
    auto left = queue_.with([](Queue& queue) {
        queue.stopping = true;
        return std::exchange(queue.tasks, {});
    });
    left.clear();
    for (auto& thread : threads_) thread.join();
}

bool Workers::submit(Task task)
{
    auto taken = queue_.with([&](Queue& queue) {
        if (queue.stopping || queue.tasks.size() >= longest_queue_) return false;
        queue.tasks.push_back(std::move(task));
        waiting_.set(static_cast<double>(queue.tasks.size()));
        return true;
    });
    if (!taken) refused_.add();
    return taken;
}

void Workers::work()
{
    for (;;) {
        auto task = queue_.wait([](Queue& queue) { return queue.stopping || !queue.tasks.empty(); },
                                [this](Queue& queue) {
                                    Task first;
                                    if (queue.tasks.empty()) return first;
                                    first = std::move(queue.tasks.front());
                                    queue.tasks.pop_front();
                                    waiting_.set(static_cast<double>(queue.tasks.size()));
                                    return first;
                                });
        if (!task) return;
        try {
            task();
        } catch (std::exception const& error) {
            failed_.add();
            log::error("WORKER_TASK_FAILED", {{"error", error.what()}});
        }
    }
}

}  // namespace provost::net
