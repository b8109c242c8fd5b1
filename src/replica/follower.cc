// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <map>
#include <thread>

#include "base/log.h"
#include "base/step.h"
#include "replica/copy.h"
#include "replica/image.h"

namespace provost::replica {
namespace {

// More than so many changes behind, reading everything anew is quicker than looking at each, and takes less memory.
constexpr int most_changes = 50000;

// Of as many mailboxes at most it is kept how full they are while the copy cannot be written; some 10 MB.
constexpr std::size_t most_seen = 100'000;

// Until whoever reads in a copy is done.
constexpr std::chrono::milliseconds soon{5};

struct Stopped {};

class BeforeInCopy final : public DomainsBefore {
public:
    explicit BeforeInCopy(Replica& replica) : held_(replica) {}
    std::optional<std::string> name_of(std::string_view domain_id) const override
    {
        auto const found = dynamic_cast<Rows const&>(*held_).row(Table::id, id_key(store::Kind::domain, domain_id));
        return found ? std::optional(decode_place(*found).key) : std::nullopt;
    }
    std::int64_t default_quota_of(std::string_view domain) const override
    {
        auto const facts = held_->domain(domain);
        return facts ? facts->default_quota : -1;
    }

private:
    Held held_;
};

class Following final : public Follower {
public:
    Following(Copy& copy, Options const& options, std::function<Result<store::Store*>()> open_record)
        : copy_(copy), poll_(options.poll), open_record_(std::move(open_record)), thread_([this] { run(); })
    {
    }
    ~Following() override { stop(); }
    Following(Following const&) = delete;
    Following& operator=(Following const&) = delete;

    bool catch_up(store::Revision revision, std::chrono::milliseconds deadline) override
    {
        std::unique_lock lock(mutex_);
        auto const there = [&] { return has_position_ && position_.revision >= revision; };
        if (there()) return true;
        wanted_ = true;
        wake_.notify_all();
        moved_.wait_for(lock, deadline, [&] { return there() || stopping_; });
        return there();
    }

    void observe(Seen seen) override
    {
        {
            std::lock_guard const lock(mutex_);
            for (auto& [id, used] : seen)
                if (seen_.size() < most_seen || seen_.count(id) > 0) seen_.insert_or_assign(std::move(id), used);
            wanted_ = true;
        }
        wake_.notify_all();
    }

    void stop() override
    {
        {
            std::lock_guard const lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        moved_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

private:
    void run()
    {
        while (!is_stopping()) {
            try {
                look();
            } catch (Stopped const&) {
                break;
            } catch (std::exception const& error) {
                copy_.set_trouble(error.what());
            }
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, copy_.is_lost() ? std::min(poll_, soon) : poll_, [&] { return wanted_ || stopping_; });
            wanted_ = false;
        }
        try {
            write_seen();
        } catch (std::exception const& error) {
            log::warning("OBSERVATIONS_LOST", {{"error", error.what()}});
        }
    }

    // What could not be written stays, unless something newer came meanwhile.
    void write_seen()
    {
        std::map<std::string, mail::Fullness> seen;
        if (!copy_.health().usable) return;
        {
            std::lock_guard const lock(mutex_);
            seen.swap(seen_);
        }
        if (seen.empty()) return;
        try {
            copy_.write([&](WriteTransaction& copy) {
                for (auto const& [id, used] : seen) {
                    auto const key = id_key(store::Kind::mailbox, id);
                    if (copy.get(Table::id, key)) copy.put(Table::usage, key, encode(used));
                }
            });
        } catch (...) {
            std::lock_guard const lock(mutex_);
            seen_.merge(seen);
            throw;
        }
    }

    void look()
    {
        if (auto const opened = copy_.open(); !opened) return copy_.set_trouble(opened.error().message);
        write_seen();
        if (record_ == nullptr) {
            auto const opened = open_record_();
            if (!opened) return copy_.set_trouble(opened.error().message);
            record_ = *opened;
        }
        std::optional<store::Position> mine;
        if (copy_.health().usable) mine = Held(copy_)->position();

        std::optional<Batch> batch;
        store::Position theirs;
        record_->read([&](store::Reading& record) {
            theirs = record.position();
            if (mine == theirs) return;
            auto const changes = mine ? record.changes(*mine, most_changes + 1) : std::nullopt;
            if (!changes || changes->size() > static_cast<std::size_t>(most_changes)) rebuild(record);
            else batch = batch_of(record, *changes, BeforeInCopy(copy_));
        });
        if (batch) {
            step("follower: read");
            copy_.write([&](WriteTransaction& transaction) { apply(transaction, *batch); });
            step("follower: applied");
        }
        arrived(theirs);
    }

    // The record is read in one snapshot while the old copy goes on answering.
    void rebuild(store::Reading& record)
    {
        struct Rebuilding {
            explicit Rebuilding(Copy& rebuilt) : copy(rebuilt) { copy.set_rebuilding(true); }
            ~Rebuilding() { copy.set_rebuilding(false); }
            Copy& copy;
        };
        Rebuilding const rebuilding(copy_);
        Stopwatch const since;
        std::size_t rows = 0;
        copy_.rebuild([&](Copy::RowSink const& sink) {
            Sink const counted = [&](Table table, std::string_view key, std::string_view value) {
                if (++rows % 1024 == 0 && is_stopping()) throw Stopped();
                sink(table, key, value);
            };
            every_row(record, counted);
            std::optional<Held> before;
            if (copy_.health().usable) before.emplace(copy_);
            every_usage(record, before ? &dynamic_cast<Rows const&>(**before) : nullptr, counted);
            return record.position();
        });
        log::info("REPLICA_REBUILT",
                  {{"rows", std::to_string(rows)}, {"milliseconds", std::to_string(since.elapsed().count())}});
    }

    void arrived(store::Position const& position)
    {
        copy_.set_contact(position);
        {
            std::lock_guard const lock(mutex_);
            position_ = position;
            has_position_ = true;
        }
        moved_.notify_all();
    }

    bool is_stopping()
    {
        std::lock_guard const lock(mutex_);
        return stopping_;
    }

    Copy& copy_;
    std::chrono::milliseconds poll_;
    std::function<Result<store::Store*>()> open_record_;
    store::Store* record_ = nullptr;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable moved_;
    bool wanted_ = false;
    bool stopping_ = false;
    bool has_position_ = false;
    store::Position position_;
    std::map<std::string, mail::Fullness> seen_;  // by mailbox id, the latest of each
    std::thread thread_;                          // last: it uses all of the above
};

}  // namespace

std::unique_ptr<Follower> follow(Replica& replica, Options const& options,
                                 std::function<Result<store::Store*>()> open_record)
{
    return std::make_unique<Following>(dynamic_cast<Copy&>(replica), options, std::move(open_record));
}

}  // namespace provost::replica
