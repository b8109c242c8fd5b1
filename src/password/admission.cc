// SPDX-License-Identifier: Apache-2.0
#include "password/admission.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <sodium/crypto_generichash.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include "base/random.h"
#include "base/text.h"

namespace provost::password {
namespace {

// How many of the least recent records are looked at for one that nobody is using.
constexpr int eviction_steps = 16;

// Far above what the longest delay allows, and no overflow.
constexpr double most_doublings = 10;

std::string keyed_hash(std::string_view key, std::string_view text, std::size_t size)
{
    std::string out(size, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                       reinterpret_cast<unsigned char const*>(text.data()), text.size(),
                       reinterpret_cast<unsigned char const*>(key.data()), key.size());
    return out;
}

void settle(double& failures, Moment& seen, std::chrono::seconds forgives, Moment now)
{
    // Arrivals are handed in by many threads and may be a little out of order.
    if (now <= seen) return;
    failures = std::max(0.0, failures - std::chrono::duration<double>(now - seen) / forgives);
    seen = now;
}

Moment next_multiple(Moment arrival, Moment now, std::chrono::milliseconds delay)
{
    if (now <= arrival + delay) return arrival + delay;
    auto const late = now - arrival;
    return arrival + delay * ((late + delay - Moment::duration(1)) / delay);
}

}  // namespace

Admission::Admission(Settings settings)
    : settings_(std::move(settings)),
      key_(random_bytes(crypto_generichash_KEYBYTES)),
      account_key_(random_bytes(crypto_shorthash_siphashx24_KEYBYTES))
{
    if (settings_.guesses_per_pair < 1 || settings_.guesses_per_network < 1 || settings_.under_way_per_account < 1 ||
        settings_.patience < 1 || settings_.pair_forgives.count() < 1 || settings_.network_forgives.count() < 1 ||
        settings_.account_forgives.count() < 1 || settings_.failure_delay.count() < 1 ||
        settings_.longest_delay.count() < 1 || settings_.records < 2)
        throw std::invalid_argument("the limits of failed logins must all be positive, and of two records or more");
}

// Of one length however long the name: what is typed by strangers must not decide what is kept.
std::string Admission::account_key(std::string_view account) const
{
    auto const name = folded(account);
    std::string out(crypto_shorthash_siphashx24_BYTES, '\0');
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<unsigned char const*>(name.data()), name.size(),
                                reinterpret_cast<unsigned char const*>(account_key_.data()));
    return out;
}

Admission::Guess Admission::guess_of(Secret const& password, std::string const& pair) const
{
    // A hash of a hash, so that no copy of the password is made to put the pair in front.
    auto const bytes = keyed_hash(key_, keyed_hash(key_, password.reveal(), 32) + pair, sizeof(Guess));
    Guess guess{};
    std::copy(bytes.begin(), bytes.end(), guess.begin());
    return guess;
}

Admission::Record* Admission::find_or_make(State& state, std::string const& key) const
{
    auto const found = state.records.find(key);
    if (found != state.records.end()) {
        state.recent.splice(state.recent.begin(), state.recent, found->second.place);
        return &found->second;
    }
    if (state.records.size() >= settings_.records) {
        auto last = state.recent.end();
        auto victim = state.records.end();
        for (int step = 0; step < eviction_steps && last != state.recent.begin(); ++step) {
            victim = state.records.find(*--last);
            if (victim->second.under_way == 0) break;
            victim = state.records.end();
        }
        if (victim == state.records.end()) return nullptr;
        state.recent.erase(victim->second.place);
        state.records.erase(victim);
    }
    auto& record = state.records[key];
    state.recent.push_front(key);
    record.place = state.recent.begin();
    return &record;
}

Gate Admission::knock(Record& record, double most, Moment now, std::chrono::seconds forgives) const
{
    settle(record.failures, record.seen, forgives, now);
    if (record.failures + 1 > most) return Gate::refused;
    // Each check under way may turn out a failure, so many at once are not let past the limit together.
    return record.failures + record.under_way + 1 > most ? Gate::busy : Gate::open;
}

Admission::Entered Admission::enter(State& state, std::string const& pair, std::string const& network, Moment now) const
{
    if (network.empty()) return enter_account(state, pair, now);
    // The network is judged first: one that is not let in makes no records of the names it tries, or it could have
    // everybody else forgotten.
    auto* const all = find_or_make(state, network);
    if (all == nullptr) return {};
    auto const for_all = knock(*all, settings_.guesses_per_network, now, settings_.network_forgives);
    if (for_all != Gate::open) return {.gate = for_all};
    ++all->under_way;  // keeps the record while room is made for the other
    auto* const one = find_or_make(state, pair);
    auto const for_pair =
        one == nullptr ? Gate::busy : knock(*one, settings_.guesses_per_pair, now, settings_.pair_forgives);
    if (for_pair == Gate::open) ++one->under_way;
    else --all->under_way;
    return {for_pair, one, all};
}

Admission::Entered Admission::enter_account(State& state, std::string const& account, Moment now) const
{
    auto* const one = find_or_make(state, account);
    if (one == nullptr) return {};
    settle(one->failures, one->seen, settings_.account_forgives, now);
    if (one->under_way >= settings_.under_way_per_account) return {};
    ++one->under_way;
    return {Gate::open, one, nullptr};
}

Admission::Answer Admission::admit(std::string_view account, std::optional<Network> const& network, Moment arrival)
{
    if (network && settings_.many_people.has(*network)) return admit(account, std::nullopt, arrival);
    // The kinds cannot be mixed up: a, 4 or 6, and n, with parts of fixed length behind.
    auto const hash = account_key(account);
    auto const where = network ? (network->bytes().size() == 4 ? "4" : "6") + network->bytes() : std::string("a");
    auto const pair = where + hash;
    auto const all = network ? "n" + where : std::string();
    auto const entered = state_.with([&](State& state) { return enter(state, pair, all, arrival); });
    if (entered.gate != Gate::open) return {entered.gate, std::nullopt};
    return {entered.gate, Ticket(*this, arrival, entered.pair, entered.network)};
}

// Whether it was a new guess.
bool Admission::charge(Record& pair, Guess const& guess, std::chrono::seconds forgives, Moment now) const
{
    settle(pair.failures, pair.seen, forgives, now);
    if (std::find(pair.guesses.begin(), pair.guesses.end(), guess) != pair.guesses.end()) return false;
    pair.guesses[pair.next_guess] = guess;
    pair.next_guess = (pair.next_guess + 1) % pair.guesses.size();
    pair.failures += 1;
    return true;
}

Moment Admission::failure_due(Moment arrival, Moment now) const
{
    return next_multiple(arrival, now, settings_.failure_delay);
}

void Admission::forgive(std::string_view account)
{
    auto const hash = account_key(account);
    state_.with([&](State& state) {
        for (auto& [key, record] : state.records) {
            if (key[0] == 'n' || !key.ends_with(hash)) continue;
            record.failures = 0;
            record.guesses = {};
        }
    });
}

std::size_t Admission::size() const
{
    return state_.with([](State const& state) { return state.records.size(); });
}

Admission::Ticket::Ticket(Admission& admission, Moment arrival, Record* pair, Record* network)
    : admission_(&admission), arrival_(arrival), pair_(pair), network_(network)
{
}

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      arrival_(other.arrival_),
      pair_(other.pair_),
      network_(other.network_)
{
}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept
{
    if (this != &other) {
        abandon();
        admission_ = std::exchange(other.admission_, nullptr);
        arrival_ = other.arrival_;
        pair_ = other.pair_;
        network_ = other.network_;
    }
    return *this;
}

Admission::Ticket::~Ticket() { abandon(); }

// With the state's lock. From here on the records may go.
void Admission::Ticket::leave()
{
    --pair_->under_way;
    if (network_ != nullptr) --network_->under_way;
    admission_ = nullptr;
}

void Admission::Ticket::abandon()
{
    if (admission_ == nullptr) return;
    admission_->state_.with([&](State&) { leave(); });
}

void Admission::Ticket::succeeded(Moment now)
{
    if (admission_ == nullptr) return;
    admission_->state_.with([&](State&) {
        pair_->failures = 0;
        pair_->seen = std::max(pair_->seen, now);
        pair_->guesses = {};
        leave();
    });
}

Moment Admission::Ticket::failed(Secret const& password, Moment now)
{
    if (admission_ == nullptr) throw std::logic_error("a login attempt was settled twice");
    auto& admission = *admission_;
    auto const& settings = admission.settings_;
    auto const guess = admission.guess_of(password, *pair_->place);
    bool const has_network = network_ != nullptr;
    auto const forgives = has_network ? settings.pair_forgives : settings.account_forgives;
    auto const failures = admission.state_.with([&](State&) {
        if (admission.charge(*pair_, guess, forgives, now) && has_network) {
            settle(network_->failures, network_->seen, settings.network_forgives, now);
            network_->failures += 1;
        }
        auto const counted = pair_->failures;
        leave();
        return counted;
    });
    auto delay = settings.failure_delay;
    if (!has_network) {
        auto const doublings = std::floor(std::max(0.0, failures - 1) / settings.patience);
        delay *= 1 << static_cast<int>(std::min(most_doublings, doublings));
        delay = std::min(delay, std::max(settings.longest_delay, settings.failure_delay));
    }
    return next_multiple(arrival_, now, delay);
}

}  // namespace provost::password
