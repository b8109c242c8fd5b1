// SPDX-License-Identifier: Apache-2.0
#include "replica/copy.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/step.h"
#include "replica/builder.h"

namespace provost::replica {
namespace {

std::atomic<std::uint64_t> copies{0};

// How often it is written down that the record was heard of.
constexpr std::chrono::seconds contact_noted{30};

struct ThreadSlot {
    std::uint64_t copy = 0;
    std::shared_ptr<Slot> slot;
};

// A thread's slots end with it.
struct ThreadSlots {
    std::vector<ThreadSlot> slots;
    ThreadSlots() = default;
    ThreadSlots(ThreadSlots const&) = delete;
    ThreadSlots& operator=(ThreadSlots const&) = delete;
    ~ThreadSlots()
    {
        for (auto const& one : slots) one.slot->end();
    }
};
thread_local ThreadSlots thread_slots;

}  // namespace

void Slot::lock()
{
    // Who else wants it only closes an old snapshot, which takes microseconds.
    while (busy_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
}

LmdbSnapshot const& Slot::take(std::shared_ptr<Environment const> const& newest)
{
    lock();
    try {
        if (snapshot_ && &snapshot_->environment() == newest.get()) {
            snapshot_->renew();
        } else {
            snapshot_.reset();
            snapshot_ = std::make_unique<LmdbSnapshot>(newest);
        }
    } catch (...) {
        snapshot_.reset();
        unlock();
        throw;
    }
    held_ = true;
    return *snapshot_;
}

void Slot::release(std::atomic<Environment const*> const& newest)
{
    if (!held_) return;
    held_ = false;
    auto const* const now = newest.load(std::memory_order_acquire);
    if (&snapshot_->environment() == now) snapshot_->rewind();
    else snapshot_.reset();
    unlock();
    // A swap that came in between found the slot busy and left it to us.
    if (auto const* const later = newest.load(); later != now) drop_old(later);
}

void Slot::end()
{
    if (!held_) lock();
    held_ = false;
    snapshot_.reset();
    unlock();
}

std::unique_ptr<LmdbSnapshot> Slot::drop_old(Environment const* newest)
{
    std::unique_ptr<LmdbSnapshot> old;
    if (busy_.exchange(true, std::memory_order_acquire)) return old;
    if (snapshot_ && &snapshot_->environment() != newest) old = std::move(snapshot_);
    unlock();
    return old;
}

Copy::Copy(Options options) : options_(std::move(options)), number_(++copies) {}

Copy::~Copy()
{
    std::lock_guard const lock(mutex_);
    for (auto const& slot : slots_) slot->drop_old(nullptr);
}

Slot& Copy::slot()
{
    for (auto const& one : thread_slots.slots)
        if (one.copy == number_) return *one.slot;
    auto made = std::make_shared<Slot>();
    {
        std::lock_guard const lock(mutex_);
        // Those of threads that ended have no other owner.
        std::erase_if(slots_, [](auto const& slot) { return slot.use_count() == 1; });
        slots_.push_back(made);
    }
    std::erase_if(thread_slots.slots, [](auto const& one) { return one.slot.use_count() == 1; });
    return *thread_slots.slots.emplace_back(ThreadSlot{number_, std::move(made)}).slot;
}

Snapshot const& Copy::snapshot()
{
    auto& mine = slot();
    if (auto const* held = mine.held()) return *held;
    return mine.take(environment());
}

void Copy::release()
{
    for (auto const& one : thread_slots.slots)
        if (one.copy == number_) return one.slot->release(newest_);
}

std::shared_ptr<Environment> Copy::environment() const
{
    std::lock_guard const lock(mutex_);
    if (!environment_) throw std::runtime_error("there is no read copy to answer from: " + why_);
    return environment_;
}

Result<void> Copy::open()
{
    if (is_lost()) return open_anew();
    if (folder_) return {};
    std::string why;
    try {
        auto folder = Folder::open(options_.folder);
        if (folder) {
            auto found = (*folder)->current(options_.first_map_bytes, why);
            folder_ = std::move(*folder);
            if (found) take_up(std::move(found));
            else tell_why_not(why);
            return {};
        }
        tell_why_not(folder.error().message);
        return tl::make_unexpected(folder.error());
    } catch (std::exception const& error) {
        folder_.reset();
        tell_why_not(error.what());
        return fail(Fault::unavailable, "the read copy in " + options_.folder + " cannot be opened: " + error.what());
    }
}

Result<void> Copy::open_anew()
{
    if (!lost_.expired()) return fail(Fault::unavailable, "the read copy is still held by who reads in it");
    auto const file = std::exchange(lost_file_, {});
    try {
        take_up(std::make_shared<Environment>(file, options_.first_map_bytes, false));
        log::info("REPLICA_OPENED_ANEW", {{"file", file}});
    } catch (SystemLacks const& error) {
        lost_file_ = file;
        return fail(Fault::unavailable, error.what());
    } catch (std::exception const& error) {
        tell_why_not(error.what());  // and it is built from the record
    }
    return {};
}

// Answers are "cannot tell" until it is opened anew: who has it open cannot read in it either.
void Copy::lose(std::shared_ptr<Environment> broken)
{
    log::warning("REPLICA_LOST", {{"file", broken->file()}});
    lost_file_ = broken->file();
    lost_ = broken;
    std::vector<std::unique_ptr<LmdbSnapshot>> left;
    std::lock_guard const lock(mutex_);
    environment_.reset();
    newest_.store(nullptr, std::memory_order_release);
    health_.usable = false;
    why_ = "it could not be written";
    for (auto const& slot : slots_) left.push_back(slot->drop_old(nullptr));
}

// The copy that was left there.
void Copy::take_up(std::shared_ptr<Environment> found)
{
    found->prefault();
    auto position = LmdbSnapshot(found).position();
    std::lock_guard const lock(mutex_);
    environment_ = std::move(found);
    newest_.store(environment_.get(), std::memory_order_release);
    health_.position = std::move(position);
    health_.usable = true;
    auto const age = folder_->since_contact();
    if (age && !health_.last_contact) health_.last_contact = std::chrono::steady_clock::now() - *age;
}

void Copy::tell_why_not(std::string const& why)
{
    bool is_new = false;
    {
        std::lock_guard const lock(mutex_);
        is_new = std::exchange(why_, why) != why;
    }
    if (is_new) log::warning("REPLICA_HAS_NO_COPY", {{"folder", options_.folder}, {"reason", why}});
}

Health Copy::health() const
{
    std::lock_guard const lock(mutex_);
    return health_;
}

void Copy::write(std::function<void(WriteTransaction&)> const& write)
{
    for (;;) {
        auto now = environment();
        try {
            WriteTransaction transaction(*now);
            write(transaction);
            step("copy: before commit");
            transaction.commit();
            step("copy: committed");
            return;
        } catch (MapFull const&) {
            // The map of one that is read from cannot grow: readers go over to a larger, compact copy of it.
            auto const file = folder_->next_file();
            remove_unless_used(file, [&] {
                now->copy_to(file);
                step("copy: grown beside");
                swap_in(std::make_shared<Environment>(file, 2 * now->map_bytes(), false));
            });
        } catch (EnvironmentError const&) {
            if (now->is_lost()) lose(std::move(now));
            throw;
        }
    }
}

void Copy::rebuild(std::function<store::Position(RowSink const&)> const& build)
{
    auto const file = folder_->next_file();
    remove_unless_used(file, [&] {
        Builder builder(file, options_.first_map_bytes);
        auto const position =
            build([&](Table table, std::string_view key, std::string_view value) { builder.put(table, key, value); });
        step("rebuild: read");
        auto finished = builder.finish(position);
        step("rebuild: written");
        swap_in(std::move(finished));
        step("rebuild: swapped");
    });
}

// Where the disk is full, the follower tries again and again: what is left of each attempt would fill it.
void Copy::remove_unless_used(std::string const& file, std::function<void()> const& make)
{
    try {
        make();
    } catch (...) {
        if (newest_.load() == nullptr || newest_.load()->file() != file) Environment::remove(file);
        throw;
    }
}

void Copy::swap_in(std::shared_ptr<Environment> next)
{
    folder_->use(*next);
    // Closed without the lock that every question takes: that may unmap gigabytes.
    std::vector<std::unique_ptr<LmdbSnapshot>> left;
    std::lock_guard const lock(mutex_);
    environment_.swap(next);
    newest_.store(environment_.get(), std::memory_order_release);
    health_.usable = true;
    // Threads that hold the old copy leave it when they are done; the others do now.
    for (auto const& slot : slots_) left.push_back(slot->drop_old(environment_.get()));
}

void Copy::set_contact(store::Position const& position)
{
    if (!since_noted_ || since_noted_->elapsed() > contact_noted) {
        folder_->note_contact();
        since_noted_.emplace();
    }
    std::lock_guard const lock(mutex_);
    health_.position = position;
    health_.last_contact = std::chrono::steady_clock::now();
    health_.trouble.clear();
}

void Copy::set_trouble(std::string const& trouble)
{
    bool is_new = false;
    {
        std::lock_guard const lock(mutex_);
        is_new = std::exchange(health_.trouble, trouble) != trouble;
    }
    if (is_new) log::warning("REPLICA_RECORD_AWAY", {{"reason", trouble}});
}

void Copy::set_rebuilding(bool rebuilding)
{
    std::lock_guard const lock(mutex_);
    health_.rebuilding = rebuilding;
}

Result<std::unique_ptr<Replica>> open_replica(Options const& options)
{
    auto copy = std::make_unique<Copy>(options);
    auto const opened = copy->open();
    // Any other trouble may pass, and until then everybody is told that we cannot tell.
    if (!opened && opened.error().fault == Fault::conflict) return tl::make_unexpected(opened.error());
    return copy;
}

}  // namespace provost::replica
