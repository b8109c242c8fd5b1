// SPDX-License-Identifier: Apache-2.0
// The copy itself: readers of many threads, and the one writer that is the follower.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "replica/folder.h"
#include "replica/snapshot.h"

namespace provost::replica {

// A thread's place: its snapshot, kept from one question to the next.
class Slot {
public:
    // Both by the thread it belongs to.
    LmdbSnapshot const* held() const { return held_ ? snapshot_.get() : nullptr; }
    LmdbSnapshot const& take(std::shared_ptr<Environment const> const& newest);
    void release(std::atomic<Environment const*> const& newest);
    void end();  // the thread comes to its end

    // By any thread: gives away a snapshot of another environment, or of any for null, unless it is held.
    std::unique_ptr<LmdbSnapshot> drop_old(Environment const* newest);

private:
    void lock();
    void unlock() { busy_.store(false, std::memory_order_release); }

    std::atomic<bool> busy_{false};  // held, or being looked at
    bool held_ = false;
    std::unique_ptr<LmdbSnapshot> snapshot_;
};

class Copy final : public Replica {
public:
    explicit Copy(Options options);
    ~Copy() override;
    Copy(Copy const&) = delete;
    Copy& operator=(Copy const&) = delete;

    Snapshot const& snapshot() override;
    void release() override;
    Health health() const override;

    // For the follower alone, one thread at a time.

    // Opens the folder and the copy that is there, unless that is done: needed before it can be written, and missing
    // where the folder could not be opened at the start. See Folder::open for the faults.
    Result<void> open();
    // Whether the one that is there has to be opened anew, which open() does as soon as nobody holds it.
    bool is_lost() const { return !lost_file_.empty(); }
    // Runs `write` in one transaction, in a larger map if it has to be; it may be repeated from its start.
    void write(std::function<void(WriteTransaction&)> const& write);
    // Builds a whole copy beside the one in use, which goes on answering, and swaps. `build` writes through the sink
    // and answers the position; a throw leaves everything as it was.
    using RowSink = std::function<void(Table, std::string_view key, std::string_view value)>;
    void rebuild(std::function<store::Position(RowSink const&)> const& build);

    void set_contact(store::Position const& position);
    void set_trouble(std::string const& trouble);
    void set_rebuilding(bool rebuilding);

private:
    Slot& slot();
    std::shared_ptr<Environment> environment() const;
    void take_up(std::shared_ptr<Environment> found);
    void lose(std::shared_ptr<Environment> broken);
    Result<void> open_anew();
    void tell_why_not(std::string const& why);
    void remove_unless_used(std::string const& file, std::function<void()> const& make);
    void swap_in(std::shared_ptr<Environment> next);

    Options options_;
    std::unique_ptr<Folder> folder_;  // null until it can be opened
    std::uint64_t const number_;      // tells this copy from others of the process, past ones too
    mutable std::mutex mutex_;        // environment_, slots_, health_, why_
    std::shared_ptr<Environment> environment_;
    std::atomic<Environment const*> newest_{nullptr};
    std::vector<std::shared_ptr<Slot>> slots_;
    Health health_;
    std::weak_ptr<Environment> lost_;
    std::string lost_file_;
    std::optional<Stopwatch> since_noted_;
    std::string why_ = "it was not opened yet";  // there is no usable copy
};

}  // namespace provost::replica
