// SPDX-License-Identifier: Apache-2.0
// A thread that makes its round again and again: after the time each round asks for, or sooner when woken.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "base/awaited.h"

namespace provost::reconcile {

class Rounds {
public:
    // `round` answers how long to wait until the next. One that throws is logged and made again after `after_trouble`.
    Rounds(std::string name, std::function<std::chrono::milliseconds()> round,
           std::chrono::milliseconds after_trouble = std::chrono::seconds(2));
    ~Rounds() { stop(); }
    Rounds(Rounds const&) = delete;
    Rounds& operator=(Rounds const&) = delete;

    void wake();

    // Returns when the round that is being made has ended; there is none after it.
    void stop();
    bool is_stopping();

private:
    struct State {
        bool woken = false;
        bool stopping = false;
    };
    void run();
    std::chrono::milliseconds round();

    std::string name_;
    std::function<std::chrono::milliseconds()> round_;
    std::chrono::milliseconds after_trouble_;
    Awaited<State> state_;
    std::thread thread_;
};

}  // namespace provost::reconcile
