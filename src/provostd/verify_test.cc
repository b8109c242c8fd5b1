// SPDX-License-Identifier: Apache-2.0
#include "provostd/verify.h"

#include <atomic>
#include <thread>

#include "replica/test_follow.h"

namespace provost::daemon {
namespace {

// Follows nothing any more, and knows of everything up to `seen`.
class Stuck final : public replica::Follower {
public:
    bool catch_up(store::Revision revision, std::chrono::milliseconds) override { return revision <= seen; }
    void observe(Seen) override {}
    void stop() override {}
    store::Revision seen = 0;
};

void add(replica::Followed& site, std::string const& name)
{
    site.record.act([&](store::Writing& writing) { writing.put(store::test_mailbox(name)); });
}

TEST(Verify, ACopyThatFollowsIsTheSameAlsoWhileActsGoOn)
{
    replica::Followed site;
    std::atomic<bool> enough{false};
    std::thread writer([&] {
        for (int i = 0; i < 500 && !enough; ++i) add(site, "user" + std::to_string(i) + "@example.org");
    });
    for (int i = 0; i < 10; ++i) {
        auto const found = verify(*site.record, *site.replica, *site.follower);
        EXPECT_TRUE(found && found->empty()) << (found ? found->front() : found.error().message);
    }
    enough = true;
    writer.join();
}

TEST(Verify, ACopyThatStaysBehindIsADifference)
{
    replica::Followed site;
    add(site, "jane@example.org");
    ASSERT_TRUE(site.differences().empty());
    site.follower->stop();
    add(site, "john@example.org");
    Stuck stuck;
    auto const found = verify(*site.record, *site.replica, stuck);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, std::vector<std::string>{"the copy stands at revision 1, the record at 2"});
}

TEST(Verify, WithoutACopyThereIsNoAnswer)
{
    replica::Followed site;
    site.stop();
    site.options.folder = site.folder.file("empty");
    auto const empty = replica::open_replica(site.options).value();
    Stuck stuck;
    auto const found = verify(*site.record, *empty, stuck);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace provost::daemon
