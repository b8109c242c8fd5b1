// SPDX-License-Identifier: Apache-2.0
// The threads that check passwords: few, with short queues, so that a flood of logins costs answers and not the host.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/awaited.h"
#include "base/metrics.h"
#include "password/crypt_string.h"

namespace provost::password {

class Pool {
public:
    struct Settings {
        std::size_t threads = 2;  // at least 2; each dear check may take 256 MiB while it runs
        // Threads that dear checks never take, so that accounts with cheap schemes get in while slow ones queue;
        // at least 1 and fewer than `threads`.
        std::size_t kept_for_cheap = 1;
        // Waiting checks of each cost. 256 of our own default take 3.4 s of one thread (13 ms each). Dearer ones may
        // wait beyond the deadline of whoever asked: whoever submits looks at the clock before he hashes.
        std::size_t longest_queue = 256;
        // Where checks are quick, more may wait: as many as are done within this time, going by those of late.
        // Everybody signs in after a restart, and who waits some seconds is let in, where who is told to come again may
        // not come.
        std::chrono::milliseconds longest_wait{5'000};
        std::size_t most_waiting = 8'192;  // however quick; some 8 MB
    };

    explicit Pool(Settings settings);  // std::invalid_argument where the settings break a rule above
    // What waits and what is refused is shown in provost_hashing_*.
    Pool(Settings settings, Metrics& metrics);
    // Running work is finished. Work that waits is destroyed unrun: a Responder in it closes, which reads as
    // "cannot tell".
    ~Pool();
    Pool(Pool const&) = delete;
    Pool& operator=(Pool const&) = delete;

    // From any thread. False where the queue is full, which is "cannot tell" and never "wrong password"; `work` is
    // then destroyed unrun. What it throws is logged and goes no further.
    bool submit(Cost cost, std::function<void()> work);

    struct Load {
        std::size_t waiting_cheap = 0;
        std::size_t waiting_dear = 0;
        std::size_t running = 0;
        std::uint64_t refused = 0;
    };
    Load load() const;

private:
    struct Waiting {
        std::uint64_t number;
        std::function<void()> work;
    };
    struct Queue {
        std::deque<Waiting> waiting;
        double seconds = 0;  // of a check of late; 0: none was seen yet
    };

    struct State {
        Queue cheap;
        Queue dear;
        std::uint64_t next_number = 0;
        std::size_t running = 0;
        std::uint64_t refused = 0;
        bool ended = false;
    };

    struct Shown {
        Gauge* waiting_cheap = nullptr;
        Gauge* waiting_dear = nullptr;
        Counter* refused = nullptr;
    };

    Pool(Settings settings, Shown shown);
    void show(State const& state) const;
    void serve(bool cheap_only);
    static bool has_work(State const& state, bool cheap_only);
    bool is_full(Queue const& queue, std::size_t threads) const;
    struct Taken {
        std::function<void()> work;
        Cost cost;
    };
    static Taken take(State& state, bool cheap_only);

    Settings const settings_;
    Shown const shown_;
    mutable Awaited<State> state_;
    std::vector<std::jthread> threads_;
};

}  // namespace provost::password
