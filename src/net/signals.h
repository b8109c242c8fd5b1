// SPDX-License-Identifier: Apache-2.0
// Signals as something to wait for, instead of something that interrupts.
#pragma once

#include <chrono>
#include <csignal>
#include <initializer_list>
#include <optional>

#include "net/fd.h"

namespace provost::net {

class Signals {
public:
    // Blocks these signals in this thread, and in those it starts from now on: so made before any thread is.
    explicit Signals(std::initializer_list<int> numbers);
    ~Signals();  // as it was before
    Signals(Signals const&) = delete;
    Signals& operator=(Signals const&) = delete;

    // The next of them; with a limit, nothing when none came within it.
    int wait();
    std::optional<int> wait_for(std::chrono::milliseconds limit);

    int fd() const { return fd_.get(); }                // readable when one has come, for poll(2)
    sigset_t const& before() const { return before_; }  // the mask for a child process

private:
    sigset_t before_{};
    Fd fd_;
};

}  // namespace provost::net
