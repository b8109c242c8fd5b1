// SPDX-License-Identifier: Apache-2.0
#include "reconcile/rounds.h"

#include <exception>

#include "base/log.h"

namespace provost::reconcile {

Rounds::Rounds(std::string name, std::function<std::chrono::milliseconds()> round,
               std::chrono::milliseconds after_trouble)
    : name_(std::move(name)), round_(std::move(round)), after_trouble_(after_trouble), thread_([this] { run(); })
{
}

void Rounds::wake()
{
    state_.with([](State& state) { state.woken = true; });
}

void Rounds::stop()
{
    state_.with([](State& state) { state.stopping = true; });
    if (thread_.joinable()) thread_.join();
}

bool Rounds::is_stopping()
{
    return state_.with([](State& state) { return state.stopping; });
}

// No variable that the try would overwrite: g++ 12 forgets what it was set to before a call that throws.
std::chrono::milliseconds Rounds::round()
{
    try {
        return round_();
    } catch (std::exception const& trouble) {
        log::error("ROUND_FAILED", {{"of", name_}, {"error", trouble.what()}});
        return after_trouble_;
    }
}

void Rounds::run()
{
    while (!is_stopping()) {
        // Taken before the round: whoever wakes during it wants another.
        state_.with([](State& state) { state.woken = false; });
        auto const pause = round();
        state_.wait_for(pause, [](State const& state) { return state.woken || state.stopping; });
    }
}

}  // namespace provost::reconcile
