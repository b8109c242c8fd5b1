// SPDX-License-Identifier: Apache-2.0
// What the tests and the library share: a file that both have mapped. tests/faults/faulty.py reads and writes the same.
#pragma once

#include <atomic>
#include <cstdint>

namespace provost::faulty {

enum Action : std::int32_t { pass_on, kill_here, stop_here, fail_from_here };

enum Call : std::uint32_t { sync_call = 1, write_call = 2 };

struct Passed {
    char name[56];
    std::atomic<std::uint64_t> times;
};

constexpr int most_steps = 64;

struct Control {
    // At a step: what happens at the so manieth passing.
    char step[64];
    std::atomic<std::int32_t> left;
    std::atomic<std::int32_t> action;

    // Calls that fail: by every thread, or with `fail_from_here` only by the one that came to the step.
    std::atomic<std::uint32_t> calls;
    std::atomic<std::int32_t> error;
    std::atomic<std::int32_t> spared;  // so many go well before
    std::atomic<std::int32_t> most;    // so many fail
    char path[128];                    // only those on files with this in their path

    std::atomic<std::int64_t> shift;       // nanoseconds, added to the time of day
    std::atomic<std::uint64_t> map_bytes;  // what LMDB's maps begin with; 0: what the program says

    std::atomic<std::uint64_t> struck;  // how often anything of this came to pass
    Passed steps[most_steps];
};

static_assert(sizeof(std::atomic<std::uint64_t>) == 8 && std::atomic<std::uint64_t>::is_always_lock_free);

// The mapped file; null where there is none, and then nothing fails.
Control* control();

// Whether a call of this kind on this descriptor fails now; errno is set then.
bool fails(Call call, int descriptor);

}  // namespace provost::faulty
