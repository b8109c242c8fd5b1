// SPDX-License-Identifier: Apache-2.0
#include "reconcile/reconciler.h"

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "directory/retirement.h"
#include "directory/store_work.h"
#include "reconcile/written_store.h"

namespace provost::reconcile {
namespace {

constexpr std::chrono::milliseconds slack{500};  // by which a clock may be corrected
constexpr int most_hastened = 1'000;

constexpr auto work_help = "Items of work for targets, by outcome of the attempt.";

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    for (auto const line : split(text, '\n')) {
        if (!line.empty()) lines.emplace_back(line);
    }
    return lines;
}

// A fifth more or less: what failed together does not come back all at once.
std::chrono::milliseconds around(std::chrono::milliseconds wait)
{
    auto const byte = static_cast<unsigned char>(random_bytes(1)[0]);
    return wait * (4 * 255 + 2 * byte) / (5 * 255);
}

}  // namespace

Reconciler::Reconciler(House house, Settings settings, Metrics& metrics)
    : house_(std::move(house)),
      settings_(settings),
      done_(metrics.counter("provost_work_total", work_help, {{"outcome", "done"}})),
      failed_(metrics.counter("provost_work_total", work_help, {{"outcome", "failed"}})),
      rounds_("reconciler", [this] { return round(); })
{
}

std::chrono::milliseconds Reconciler::wait_after(int attempts, Settings const& settings)
{
    auto wait = settings.first_wait;
    for (int i = 1; i < attempts && wait < settings.longest_wait; ++i) wait *= 2;
    return std::min(wait, settings.longest_wait);
}

std::chrono::milliseconds Reconciler::round()
{
    auto const record = house_.record();
    if (!record) {
        if (!record_is_away_) log::warning("WORK_WAITS", {{"error", record.error().message}});
        record_is_away_ = true;
        return settings_.look_again;
    }
    record_is_away_ = false;
    look_at_clock(**record);
    // One at a time, so that a lease is never for more than what is in hand.
    auto const taken = (*record)->take_work(house_.clock(), settings_.lease, 1);
    for (auto const& work : taken) do_one(**record, work);
    return taken.empty() ? settings_.look_again : std::chrono::milliseconds(0);
}

// Work that was put off by a clock that was ahead would wait until that time has come. Where the clock was set back, or
// may have been while nobody looked, all of it is tried at once.
void Reconciler::look_at_clock(store::Store& store)
{
    auto const time = house_.clock();
    if (!last_looked_ || time + slack < *last_looked_ + since_last_looked_.elapsed()) {
        std::vector<store::Work> pending;
        store.read([&](store::Reading& reading) { pending = reading.pending_work({}, most_hastened); });
        for (auto const& work : pending)
            if (work.due > time) store.hasten_work(work.id, time);
    }
    // Not where the record could not be reached: then it is done in a later round.
    last_looked_ = time;
    since_last_looked_ = Stopwatch();
}

void Reconciler::await(std::chrono::milliseconds limit)
{
    auto const seen = moves_.with([](std::uint64_t count) { return count; });
    moves_.wait_for(limit, [&](std::uint64_t count) { return count != seen; });
}

void Reconciler::do_one(store::Store& store, store::Work const& work)
{
    auto const outcome = attempt(store, work);
    write_down(store, work, outcome);
    moves_.with([](std::uint64_t& count) { ++count; });
}

void Reconciler::write_down(store::Store& store, store::Work const& work, Result<void> const& outcome)
{
    if (outcome) {
        done_.add();
        store.finish_work(work.id);
        log::info("WORK_DONE",
                  {{"work", work.id}, {"target", work.target}, {"verb", work.verb}, {"mailbox", work.subject}});
        return;
    }
    failed_.add();
    auto const wait = around(wait_after(work.attempts + 1, settings_));
    store.postpone_work(work.id, house_.clock() + wait, outcome.error().message);
    log::warning("WORK_POSTPONED", {{"work", work.id},
                                    {"target", work.target},
                                    {"verb", work.verb},
                                    {"mailbox", work.subject},
                                    {"attempt", std::to_string(work.attempts + 1)},
                                    {"wait_ms", std::to_string(wait.count())},
                                    {"error", outcome.error().message}});
}

Result<void> Reconciler::attempt(store::Store& store, store::Work const& work)
{
    auto const target = house_.targets.find(work.target);
    if (target == house_.targets.end()) return refuse(Fault::unavailable, "target", work.target, "is not set up here");
    if (work.verb == "end_sessions") return end_sessions(work, *target->second);
    if (work.verb == directory::ensure_verb) return ensure(store, work, *target->second);
    if (work.verb == directory::retire_verb) return retire(store, work, *target->second);
    return refuse(Fault::unavailable, "verb", work.verb, "is not known to this version");
}

// Where they cannot be seen from here, the act that left the work has said so.
Result<void> Reconciler::end_sessions(store::Work const& work, targets::Target const& target)
{
    auto const names = lines_of(work.detail);
    if (names.empty() || !target.sees_sessions()) return {};
    auto const proof = house_.end_sessions(names);
    if (!proof.sessions_trouble.empty()) return fail(Fault::unavailable, proof.sessions_trouble);
    return {};
}

// The row goes last: as long as anything of the mailbox is left, it is told of.
Result<void> Reconciler::retire(store::Store& store, store::Work const& work, targets::Target& target)
{
    std::optional<mail::Mailbox> mailbox;
    Result<std::vector<std::string>> names;
    store.read([&](store::Reading& reading) {
        auto const found = reading.mailbox_by_id(work.subject);
        if (!found || !directory::is_given_up(found->mailbox)) return;
        mailbox = found->mailbox;
        names = directory::names_to_end(reading, *mailbox);
    });
    if (!mailbox) return {};
    CHECK_OK(names);
    if (!names->empty() && target.sees_sessions()) {
        auto const proof = house_.end_sessions(*names);
        if (!proof.sessions_trouble.empty()) return fail(Fault::unavailable, proof.sessions_trouble);
    }
    CHECK_OK(target.retire(*mailbox));
    auto const done = store.act({"system:reconcile", "local"}, [&](store::Writing& writing) -> Result<void> {
        directory::forget(writing, *mailbox);
        return {};
    });
    CHECK_OK(done);
    return {};
}

Result<void> Reconciler::ensure(store::Store& store, store::Work const& work, targets::Target& target)
{
    std::optional<mail::Mailbox> found;
    bool is_in_the_way = false;
    store.read([&](store::Reading& reading) {
        auto const record = reading.mailbox_by_id(work.subject);
        if (!record || directory::is_given_up(record->mailbox)) return;
        is_in_the_way = record->mailbox.state == mail::MailboxState::deleted;
        // A deleted one keeps its name until somebody else has it.
        if (is_in_the_way && !reading.owner_of_name(record->mailbox.name)) return;
        found = directory::with_limits(reading, record->mailbox);
    });
    if (!found) return {};
    auto const made = is_in_the_way ? target.set_aside(*found) : target.ensure(*found);
    if (made) return write_store(store, *found, *made);
    // A store that mail was delivered to stays so: its target says "later" itself. One that never was is shown as
    // failing, and mail for it goes on waiting.
    if (found->store.state != mail::StoreState::ready) {
        auto failing = found->store;
        failing.target = target.name();
        failing.state = mail::StoreState::failing;
        failing.reason = made.error().message;
        CHECK_OK(write_store(store, *found, failing));
    }
    return tl::make_unexpected(made.error());
}

}  // namespace provost::reconcile
