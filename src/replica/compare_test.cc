// SPDX-License-Identifier: Apache-2.0
#include "replica/compare.h"

#include "replica/copy.h"
#include "replica/test_follow.h"

namespace provost::replica {
namespace {

TEST(Compare, EachDifferenceIsNamed)
{
    Followed site;
    auto jane = store::test_mailbox("jane@example.org");
    jane.logins = {"jane"};
    site.act([&](store::Writing& w) {
        w.put(jane);
        w.put(store::test_alias("info@example.org", {"jane@example.org"}));
    });
    EXPECT_EQ(replica_equals_store(*site.record, *site.replica), std::vector<std::string>());
    site.follower->stop();
    dynamic_cast<Copy&>(*site.replica).write([&](WriteTransaction& w) {
        w.remove(Table::login, "jane");
        w.put(Table::domain, "example.net", "x");
        w.put(Table::entry, "info@example.org", "y");
        w.put(Table::usage, id_key(store::Kind::mailbox, jane.id.text()), encode(mail::Fullness{1, 1}));
        w.put(Table::usage, "lost", encode(mail::Fullness{1, 1}));
    });
    std::vector<std::string> const expected = {"login jane is missing from the copy",
                                               "entry info@example.org is another in the copy",
                                               "domain example.net is in the copy only", "usage lost is of nobody"};
    auto found = replica_equals_store(*site.record, *site.replica);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(replica_equals_store(*site.record, *site.replica, 1).size(), 1U);
}

TEST(Compare, AnotherRevisionIsTheOnlyDifferenceThen)
{
    Followed site;
    site.act([](store::Writing&) {});
    site.follower->stop();
    site.record.act([](store::Writing&) {});
    EXPECT_EQ(replica_equals_store(*site.record, *site.replica),
              std::vector<std::string>{"the copy stands at revision 1, the record at 2"});
}

}  // namespace
}  // namespace provost::replica
