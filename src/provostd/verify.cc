// SPDX-License-Identifier: Apache-2.0
#include "provostd/verify.h"

#include "base/time.h"
#include "replica/compare.h"

namespace provost::daemon {
namespace {

// An act may come between the looks at the record and at the copy; not each time, unless they really differ.
constexpr std::chrono::milliseconds looking_deadline{10'000};
constexpr std::chrono::milliseconds following_deadline{2000};

}  // namespace

Result<std::vector<std::string>> verify(store::Store& record, replica::Replica& replica, replica::Follower& follower)
{
    try {
        std::vector<std::string> differences;
        Stopwatch const watch;
        do {
            store::Revision revision = 0;
            record.read([&](store::Reading& reading) { revision = reading.position().revision; });
            auto const follows = follower.catch_up(revision, following_deadline);
            differences = replica::replica_equals_store(record, replica);
            if (!follows) break;
        } while (!differences.empty() && watch.elapsed() < looking_deadline);
        return differences;
    } catch (std::exception const& trouble) {
        return fail(Fault::unavailable, std::string("the copy cannot be compared now: ") + trouble.what());
    }
}

}  // namespace provost::daemon
