// SPDX-License-Identifier: Apache-2.0
#include "directory/proof.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <thread>
#include <tuple>

#include "base/text.h"
#include "base/time.h"

namespace provost::directory {
namespace {

using Clock = std::chrono::steady_clock;
using targets::Knock;

// A host has about seven doors; more than this at once says nothing faster.
constexpr std::size_t most_at_once = 8;

// A door that could not tell is asked again: under load a server turns clients away who would be told the truth later.
constexpr int most_tries = 3;

constexpr auto not_tried = "not tried";

// Calls `task(0)` to `task(count - 1)`, several at a time, and returns when all have returned.
template <class Task>
void in_parallel(std::size_t count, Task task)
{
    std::atomic<std::size_t> next = 0;
    auto const work = [&] {
        for (auto i = next++; i < count; i = next++) task(i);
    };
    std::vector<std::future<void>> hands;
    for (std::size_t i = 1; i < std::min(count, most_at_once); ++i)
        hands.push_back(std::async(std::launch::async, work));
    work();
    for (auto& hand : hands) hand.get();
}

// Which sessions have to go.
enum class Scope : std::uint8_t {
    all,      // nobody may sign in any more: whatever shows
    present,  // those there were at the beginning
};

using Moments = std::vector<Clock::time_point>;

class Ending {
public:
    // `own_sign_ins`: when knocks of ours began that were let in, and have hung up.
    Ending(ProofOfOff::SignIns const& sign_ins, targets::Target& target, ProofOfOff::Settings const& settings,
           std::vector<std::string> const& names, Scope scope, Moments own_sign_ins = {})
        : sign_ins_(sign_ins),
          target_(target),
          settings_(settings),
          names_(names),
          scope_(scope),
          own_sign_ins_(std::move(own_sign_ins))
    {
        bool const some_to_come = scope == Scope::present && confirmed_lately();
        if (some_to_come) last_to_show_ += settings.visible_within;
    }

    // Whether they are gone; fills in what the proof says of sessions.
    bool run(Proof& proof)
    {
        bool gone = false;
        while (!gone && !hopeless_ && Clock::now() < deadline_) {
            gone = look() && ++quiet_looks_ == 2;
            if (!gone && !hopeless_)
                std::this_thread::sleep_until(std::min(Clock::now() + settings_.look_again, deadline_));
        }
        if (!gone && trouble_.empty()) trouble_ = what_is_left();
        proof.sessions_ended = static_cast<int>(seen_.size() - left_.size());
        proof.sessions_took = watch_.elapsed();
        proof.sessions_trouble = gone ? std::string() : trouble_;
        return gone;
    }

private:
    using Key = std::tuple<std::string, std::string, std::string>;  // a process may be used again by another service

    // Whether somebody but us signed in so lately that it may not show yet.
    bool confirmed_lately() const
    {
        std::ptrdiff_t confirmed = 0;
        for (auto const& name : names_) confirmed += sign_ins_.confirmed_lately(name, settings_.visible_within);
        // The clock is read after counting, and a knock begins before it is confirmed: so none of ours is taken off
        // that was not counted.
        auto const since = Clock::now() - settings_.visible_within;
        auto const is_recent = [&](auto moment) { return moment >= since; };
        return confirmed > std::count_if(own_sign_ins_.begin(), own_sign_ins_.end(), is_recent);
    }

    // Looks once, and ends what is found; whether there was nothing left, and nothing can be on its way.
    bool look()
    {
        // Asked before looking: a sign-in confirmed in between would otherwise be missed by both.
        bool const settled = scope_ == Scope::all ? !confirmed_lately() : Clock::now() > last_to_show_;
        bool const all_are_meant = scope_ == Scope::all || !settled || !looked_;
        auto const open = target_.sessions(names_);
        if (!open) return trouble(open.error());
        looked_ = true;
        trouble_.clear();
        left_.clear();
        for (auto const& session : *open) {
            Key key{session.service, session.name, session.id};
            if (all_are_meant) seen_.insert(key);
            if (seen_.count(key)) left_.insert(std::move(key));
        }
        if (left_.empty() && settled) return true;
        quiet_looks_ = 0;
        if (!left_.empty()) {
            if (auto const ended = target_.end_sessions(names_); !ended) return trouble(ended.error());
        }
        return false;
    }

    bool trouble(Error const& error)
    {
        quiet_looks_ = 0;
        trouble_ = error.message;
        hopeless_ = error.fault != Fault::unavailable;
        return false;
    }

    std::string what_is_left() const
    {
        auto const after = std::to_string(watch_.elapsed().count()) + " ms: ";
        if (!left_.empty()) return "sessions still open after " + after + std::to_string(left_.size());
        return "sign-ins that could still become sessions after " + after + names_.front();
    }

    ProofOfOff::SignIns const& sign_ins_;
    targets::Target& target_;
    ProofOfOff::Settings const& settings_;
    std::vector<std::string> const& names_;
    Scope scope_;
    Moments own_sign_ins_;
    Stopwatch watch_;
    Clock::time_point deadline_ = Clock::now() + settings_.sessions_deadline;
    Clock::time_point last_to_show_ = Clock::now();
    std::set<Key> seen_;
    std::set<Key> left_;
    std::string trouble_;
    int quiet_looks_ = 0;
    bool looked_ = false;
    bool hopeless_ = false;
};

class Knocks : public ProofOfOff::Attempt {
public:
    Knocks(ProofOfOff::SignIns const& sign_ins, targets::Target* target, ProofOfOff::Settings const& settings,
           std::vector<std::string> names)
        : sign_ins_(sign_ins), target_(target), settings_(settings), names_(std::move(names))
    {
        for (auto const& door : settings.doors) doors_.push_back({door.name, not_tried, not_tried, {}, {}, false});
        if (names_.empty()) return;
        probe_ = sign_ins.probe(names_.front());
        if (!probe_) return;
        std::vector<Clock::time_point> began(doors_.size());
        in_parallel(doors_.size(), [&](std::size_t i) {
            began[i] = Clock::now();
            doors_[i].before = word(knock(i).knock);
        });
        for (std::size_t i = 0; i < doors_.size(); ++i) {
            bool const was_confirmed = settings.doors[i].kind != targets::DoorKind::submission;
            if (was_confirmed && doors_[i].before == word(Knock::let_in)) own_sign_ins_.push_back(began[i]);
        }
    }

    Proof finish() override
    {
        Stopwatch const watch;
        Proof proof;
        auto ending = std::async(std::launch::async, [&] {
            return !target_ || Ending(sign_ins_, *target_, settings_, names_, Scope::all, own_sign_ins_).run(proof);
        });
        if (probe_) in_parallel(doors_.size(), [&](std::size_t i) { knock_after(i); });
        probe_.reset();
        bool const gone = ending.get();
        proof.doors = std::move(doors_);
        proof.complete = gone && doors_refuse(proof.doors);
        proof.took = watch.elapsed();
        return proof;
    }

private:
    targets::KnockResult knock(std::size_t i) const
    {
        return settings_.knock(settings_.doors[i], names_.front(), probe_->password(), settings_.knock_deadline);
    }

    void knock_after(std::size_t i)
    {
        auto& door = doors_[i];
        Stopwatch const watch;
        auto result = knock(i);
        for (int tries = 1; tries < most_tries && is_undecided(door, result.knock); ++tries) {
            if (watch.elapsed() + settings_.look_again >= settings_.knock_deadline) break;
            std::this_thread::sleep_for(settings_.look_again);
            result = knock(i);
        }
        door.after = word(result.knock);
        door.said = result.said;
        door.took = result.took;
        door.proved = result.knock == Knock::refused;
    }

    static bool is_undecided(DoorProof const& door, Knock knock)
    {
        if (knock == Knock::unreachable) return door.before != word(Knock::unreachable);
        return knock == Knock::temporary;
    }

    static bool doors_refuse(std::vector<DoorProof> const& doors)
    {
        auto const was_never_there = [](auto const& door) {
            return door.before == word(Knock::unreachable) && door.after == word(Knock::unreachable);
        };
        auto const is_fine = [&](auto const& door) { return door.proved || was_never_there(door); };
        auto const is_proved = [](auto const& door) { return door.proved; };
        return doors.empty() ||
               (std::all_of(doors.begin(), doors.end(), is_fine) && std::any_of(doors.begin(), doors.end(), is_proved));
    }

    ProofOfOff::SignIns const& sign_ins_;
    targets::Target* target_;
    ProofOfOff::Settings const& settings_;
    std::vector<std::string> names_;
    std::unique_ptr<Logins::Probe> probe_;
    std::vector<DoorProof> doors_;
    Moments own_sign_ins_;
};

}  // namespace

ProofOfOff::ProofOfOff(SignIns sign_ins, targets::Target* target, Settings settings)
    : sign_ins_(std::move(sign_ins)), target_(target), settings_(std::move(settings))
{
}

std::unique_ptr<ProofOfOff::Attempt> ProofOfOff::begin(std::vector<std::string> names)
{
    return std::make_unique<Knocks>(sign_ins_, target_, settings_, std::move(names));
}

Proof ProofOfOff::end_sessions(std::vector<std::string> const& names)
{
    Stopwatch const watch;
    Proof proof;
    proof.complete = !target_ || Ending(sign_ins_, *target_, settings_, names, Scope::present).run(proof);
    proof.took = watch.elapsed();
    return proof;
}

}  // namespace provost::directory
