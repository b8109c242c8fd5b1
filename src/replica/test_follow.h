// SPDX-License-Identifier: Apache-2.0
// A store, and a copy that follows it.
#pragma once

#include <thread>

#include <gtest/gtest.h>

#include "replica/compare.h"
#include "replica/replica.h"
#include "store/test_store.h"

namespace provost::replica {

inline constexpr std::chrono::seconds patience{20};

class Followed {
public:
    explicit Followed(std::size_t first_map_bytes = std::size_t{1} << 28U)
    {
        options.folder = folder.file("copy");
        options.poll = std::chrono::milliseconds(20);
        options.first_map_bytes = first_map_bytes;
        start();
    }
    void start()
    {
        auto opened = open_replica(options);
        if (!opened) throw std::runtime_error(opened.error().message);
        replica = *std::move(opened);
        follower = follow(*replica, options, [this]() -> Result<store::Store*> {
            if (away) return fail(Fault::unavailable, "the record is away");
            return &*record;
        });
    }
    void stop()
    {
        follower.reset();
        replica.reset();
    }
    // Acts, and waits until the copy has it.
    void act(std::function<void(store::Writing&)> const& act)
    {
        ASSERT_TRUE(follower->catch_up(record.act(act).revision, patience));
    }
    // Tells how full a mailbox was seen to be, and waits until the copy has it.
    void see(MailboxId const& id, mail::Fullness const& used)
    {
        follower->observe({{id.text(), used}});
        Stopwatch const since;
        while (fullness(id) != used.bytes && since.elapsed() < patience) std::this_thread::yield();
        ASSERT_EQ(fullness(id), used.bytes);
    }
    // Its bytes.
    std::optional<std::int64_t> fullness(MailboxId const& id) const
    {
        auto const used = Held(*replica)->fullness(id.text());
        return used ? std::optional(used->bytes) : std::nullopt;
    }
    std::vector<std::string> differences()
    {
        auto const revision = record.read([](store::Reading& r) { return r.position().revision; });
        if (!follower->catch_up(revision, patience)) return {"the copy does not follow"};
        return replica_equals_store(*record, *replica);
    }

    sql::TestFolder folder;
    store::TestStore record;
    Options options;
    std::atomic<bool> away = false;
    std::unique_ptr<Replica> replica;
    std::unique_ptr<Follower> follower;
};

}  // namespace provost::replica
