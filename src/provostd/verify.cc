// SPDX-License-Identifier: Apache-2.0
#include "provostd/verify.h"

#include "replica/compare.h"

namespace provost::daemon {
namespace {

// An act may come between the looks at the record and at the copy; not each time, unless they really differ.
constexpr int most_looks = 5;
constexpr std::chrono::milliseconds following_deadline{2000};

}  // namespace

Result<std::vector<std::string>> verify(store::Store& record, replica::Replica& replica, replica::Follower& follower)
{
    try {
        std::vector<std::string> differences;
        for (int look = 0; look < most_looks; ++look) {
            store::Revision revision = 0;
            record.read([&](store::Reading& reading) { revision = reading.position().revision; });
            auto const follows = follower.catch_up(revision, following_deadline);
            differences = replica::replica_equals_store(record, replica);
            if (differences.empty() || !follows) break;
        }
        return differences;
    } catch (std::exception const& trouble) {
        return fail(Fault::unavailable, std::string("the copy cannot be compared now: ") + trouble.what());
    }
}

}  // namespace provost::daemon
