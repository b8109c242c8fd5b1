// SPDX-License-Identifier: Apache-2.0
#include "password/pool.h"

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/log.h"

namespace provost::password {
namespace {

constexpr auto waiting_help = "Password checks that wait for a thread.";

void run(std::function<void()> const& work)
{
    try {
        work();
    } catch (std::exception const& e) {
        log::error("HASHING_WORK_FAILED", {{"error", e.what()}});
    }
}

}  // namespace

Pool::Pool(Settings settings) : Pool(settings, Shown()) {}

Pool::Pool(Settings settings, Metrics& metrics)
    : Pool(settings,
           {&metrics.gauge("provost_hashing_waiting", waiting_help, {{"cost", "cheap"}}),
            &metrics.gauge("provost_hashing_waiting", waiting_help, {{"cost", "dear"}}),
            &metrics.counter("provost_hashing_refused_total", "Password checks refused: the queue was full.")})
{
}

Pool::Pool(Settings settings, Shown shown) : settings_(settings), shown_(shown)
{
    if (settings_.threads < 2 || settings_.kept_for_cheap < 1 || settings_.kept_for_cheap >= settings_.threads ||
        settings_.longest_queue < 1)
        throw std::invalid_argument(
            "a hashing pool needs two threads or more, at least one of each kind, and a queue of at least one");
    for (std::size_t i = 0; i < settings_.threads; ++i)
        threads_.emplace_back([this, cheap_only = i < settings_.kept_for_cheap] { serve(cheap_only); });
}

Pool::~Pool()
{
    auto waiting = state_.with([](State& state) {
        state.ended = true;
        return std::pair(std::move(state.cheap), std::move(state.dear));
    });
    // What waits is answered at once, not when the slowest running check is done.
    waiting.first.clear();
    waiting.second.clear();
    threads_.clear();
}

bool Pool::submit(Cost cost, std::function<void()> work)
{
    return state_.with([&](State& state) {
        auto& queue = cost == Cost::cheap ? state.cheap : state.dear;
        if (state.ended || queue.size() >= settings_.longest_queue) {
            ++state.refused;
            if (shown_.refused) shown_.refused->add();
            return false;
        }
        queue.push_back({state.next_number++, std::move(work)});
        show(state);
        return true;
    });
}

void Pool::show(State const& state) const
{
    if (shown_.waiting_cheap) shown_.waiting_cheap->set(static_cast<double>(state.cheap.size()));
    if (shown_.waiting_dear) shown_.waiting_dear->set(static_cast<double>(state.dear.size()));
}

Pool::Load Pool::load() const
{
    return state_.with([](State const& state) {
        return Load{state.cheap.size(), state.dear.size(), state.running, state.refused};
    });
}

bool Pool::has_work(State const& state, bool cheap_only)
{
    return !state.cheap.empty() || (!cheap_only && !state.dear.empty());
}

std::function<void()> Pool::take(State& state, bool cheap_only)
{
    // In order of arrival: were cheap work always first here, a flood of it would starve the dear.
    bool const dear_is_next = !cheap_only && !state.dear.empty() &&
                              (state.cheap.empty() || state.dear.front().number < state.cheap.front().number);
    auto& queue = dear_is_next ? state.dear : state.cheap;
    auto work = std::move(queue.front().work);
    queue.pop_front();
    ++state.running;
    return work;
}

void Pool::serve(bool cheap_only)
{
    for (;;) {
        auto work = state_.wait([&](State const& state) { return state.ended || has_work(state, cheap_only); },
                                [&](State& state) -> std::optional<std::function<void()>> {
                                    if (state.ended) return std::nullopt;
                                    auto taken = take(state, cheap_only);
                                    show(state);
                                    return taken;
                                });
        if (!work) return;
        run(*work);
        // Gone before the lock is taken again: what it holds may submit more when it is destroyed.
        work.reset();
        state_.with([](State& state) { --state.running; });
    }
}

}  // namespace provost::password
