// SPDX-License-Identifier: Apache-2.0
#include "password/pool.h"

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/log.h"

namespace provost::password {
namespace {

// What was quicker was given up unhashed, since its time was over, and tells nothing of how long checks take.
constexpr double quickest_check = 50e-6;

// How much the newest check counts among those of late.
constexpr double newest_counts = 0.1;

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
        return std::pair(std::move(state.cheap.waiting), std::move(state.dear.waiting));
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
        auto const threads = settings_.threads - (cost == Cost::cheap ? 0 : settings_.kept_for_cheap);
        if (state.ended || is_full(queue, threads)) {
            ++state.refused;
            if (shown_.refused) shown_.refused->add();
            return false;
        }
        queue.waiting.push_back({state.next_number++, std::move(work)});
        show(state);
        return true;
    });
}

bool Pool::is_full(Queue const& queue, std::size_t threads) const
{
    auto const waiting = queue.waiting.size();
    if (waiting < settings_.longest_queue) return false;
    if (waiting >= settings_.most_waiting || queue.seconds <= 0) return true;
    auto const wait = queue.seconds * static_cast<double>(waiting) / static_cast<double>(threads);
    return wait >= std::chrono::duration<double>(settings_.longest_wait).count();
}

void Pool::show(State const& state) const
{
    if (shown_.waiting_cheap) shown_.waiting_cheap->set(static_cast<double>(state.cheap.waiting.size()));
    if (shown_.waiting_dear) shown_.waiting_dear->set(static_cast<double>(state.dear.waiting.size()));
}

Pool::Load Pool::load() const
{
    return state_.with([](State const& state) {
        return Load{state.cheap.waiting.size(), state.dear.waiting.size(), state.running, state.refused};
    });
}

bool Pool::has_work(State const& state, bool cheap_only)
{
    return !state.cheap.waiting.empty() || (!cheap_only && !state.dear.waiting.empty());
}

Pool::Taken Pool::take(State& state, bool cheap_only)
{
    auto& cheap = state.cheap.waiting;
    auto& dear = state.dear.waiting;
    // In order of arrival: were cheap work always first here, a flood of it would starve the dear.
    bool const dear_is_next =
        !cheap_only && !dear.empty() && (cheap.empty() || dear.front().number < cheap.front().number);
    auto& queue = dear_is_next ? dear : cheap;
    Taken taken{std::move(queue.front().work), dear_is_next ? Cost::dear : Cost::cheap};
    queue.pop_front();
    ++state.running;
    return taken;
}

void Pool::serve(bool cheap_only)
{
    for (;;) {
        auto taken = state_.wait([&](State const& state) { return state.ended || has_work(state, cheap_only); },
                                 [&](State& state) -> std::optional<Taken> {
                                     if (state.ended) return std::nullopt;
                                     auto next = take(state, cheap_only);
                                     show(state);
                                     return next;
                                 });
        if (!taken) return;
        auto const began = std::chrono::steady_clock::now();
        run(taken->work);
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;
        // Gone before the lock is taken again: what it holds may submit more when it is destroyed.
        taken->work = nullptr;
        state_.with([&](State& state) {
            --state.running;
            auto& seconds = (taken->cost == Cost::cheap ? state.cheap : state.dear).seconds;
            if (took.count() >= quickest_check)
                seconds = seconds > 0 ? seconds + newest_counts * (took.count() - seconds) : took.count();
        });
    }
}

}  // namespace provost::password
