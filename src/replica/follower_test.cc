// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <thread>

#include <rapidcheck.h>

#include "replica/test_follow.h"

namespace provost::replica {
namespace {

using store::test_address;
using store::test_alias;
using store::test_domain;
using store::test_mailbox;
using store::Writing;

TEST(Follower, WhatIsPutIsAnswered)
{
    Followed site;
    auto domain = test_domain("example.org");
    domain.limits.default_quota = Limit::of(1000);
    auto jane = test_mailbox("jane@example.org");
    jane.logins = {"jane"};
    jane.former_names = {"was@example.org"};
    mail::Credential credential{.id = CredentialId::make()};
    credential.hash = "$y$hash";
    site.act([&](Writing& w) {
        w.put(domain);
        w.put(jane);
        w.put_credential(jane.id, credential);
        w.put(test_alias("info@example.org", {"jane@example.org"}));
    });
    Held const held(*site.replica);
    EXPECT_EQ(held->domain("example.org")->default_quota, 1000);
    EXPECT_FALSE(held->domain("example.net"));
    auto const entry = held->entry("jane@example.org");
    ASSERT_EQ(entry.kind, mail::Entry::Kind::mailbox);
    EXPECT_EQ(entry.mailbox.id, jane.id.text());
    EXPECT_EQ(entry.mailbox.name, "jane@example.org");
    EXPECT_EQ(entry.mailbox.quota_bytes, 1000);
    EXPECT_EQ(entry.mailbox.stamp, 1U);
    EXPECT_EQ(held->entry("info@example.org").kind, mail::Entry::Kind::alias);
    EXPECT_EQ(held->entry("nobody@example.org").kind, mail::Entry::Kind::none);
    EXPECT_EQ(held->owner_of_login("jane"), "jane@example.org");
    EXPECT_EQ(held->owner_of_former_name("was@example.org"), "jane@example.org");
    EXPECT_FALSE(held->owner_of_login("was@example.org"));
    EXPECT_FALSE(held->owner_of_former_name("jane"));
    EXPECT_FALSE(held->owner_of_login("jane@example.org"));
    ASSERT_EQ(held->credentials("jane@example.org").size(), 1U);
    EXPECT_EQ(held->credentials("jane@example.org")[0].hash, "$y$hash");
    EXPECT_TRUE(held->credentials("info@example.org").empty());
    EXPECT_EQ(held->position().revision, 1U);
}

TEST(Follower, ADefaultQuotaReachesTheMailboxesThatHaveNoneOfTheirOwn)
{
    Followed site;
    auto domain = test_domain("example.org");
    auto own = test_mailbox("own@example.org");
    own.quota_bytes = Limit::of(1);
    site.act([&](Writing& w) {
        w.put(domain);
        w.put(own);
        w.put(test_mailbox("jane@example.org"));
    });
    auto const quota = [&](std::string_view name) { return Held(*site.replica)->entry(name).mailbox.quota_bytes; };
    EXPECT_EQ(quota("jane@example.org"), -1);
    domain.limits.default_quota = Limit::of(5000);
    site.act([&](Writing& w) { w.put(domain); });
    EXPECT_EQ(quota("jane@example.org"), 5000);
    EXPECT_EQ(quota("own@example.org"), 1);
    site.act([&](Writing& w) { w.remove(domain.id); });
    EXPECT_EQ(quota("jane@example.org"), -1);
    EXPECT_TRUE(site.differences().empty());
}

TEST(Follower, WithoutARecordTheCopyGoesOnAnsweringAlsoAfterARestart)
{
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("a@example.org")); });
    site.stop();
    site.away = true;
    site.start();
    EXPECT_FALSE(site.follower->catch_up(1, std::chrono::milliseconds(100)));
    EXPECT_EQ(Held(*site.replica)->entry("a@example.org").kind, mail::Entry::Kind::mailbox);
    auto health = site.replica->health();
    EXPECT_TRUE(health.usable);
    EXPECT_EQ(health.trouble, "the record is away");
    EXPECT_EQ(health.position.revision, 1U);
    site.away = false;
    EXPECT_TRUE(site.follower->catch_up(1, patience));
    health = site.replica->health();
    EXPECT_EQ(health.trouble, "");
    EXPECT_FALSE(health.is_older_than(std::chrono::minutes(1)));
}

TEST(Follower, WithNeitherRecordNorCopyNothingCanBeTold)
{
    Followed site;
    site.stop();
    std::filesystem::remove_all(site.options.folder);
    site.away = true;
    site.start();
    EXPECT_THROW((void)site.replica->snapshot(), std::runtime_error);
    site.replica->release();
    EXPECT_FALSE(site.replica->health().usable);
}

TEST(Follower, WhatChangedWhileItWasOffIsCaughtUp)
{
    Followed site;
    auto jane = test_mailbox("a@example.org");
    jane.logins = {"jane"};
    site.act([&](Writing& w) { w.put(jane); });
    site.stop();
    jane.name = "b@example.org";
    jane.logins = {};
    site.record.act([&](Writing& w) { w.put(jane); });
    auto joe = test_mailbox("a@example.org");
    joe.logins = {"jane"};
    site.record.act([&](Writing& w) { w.put(joe); });
    site.start();
    EXPECT_EQ(site.differences(), std::vector<std::string>());
    EXPECT_EQ(Held(*site.replica)->owner_of_login("jane"), "a@example.org");
}

TEST(Follower, AnotherHistoryOfTheRecordIsReadAnew)
{
    Followed site;
    if (!site.record.database().is_sqlite()) GTEST_SKIP() << "restores a copy of the database's file";
    site.act([](Writing& w) { w.put(test_mailbox("a@example.org")); });
    site.record.back_up();
    site.act([](Writing& w) { w.put(test_mailbox("lost@example.org")); });
    ASSERT_EQ(Held(*site.replica)->entry("lost@example.org").kind, mail::Entry::Kind::mailbox);
    site.record.restore();
    site.record.act([](Writing& w) { w.put(test_mailbox("b@example.org")); });
    Stopwatch const since;
    while (Held(*site.replica)->entry("b@example.org").kind == mail::Entry::Kind::none && since.elapsed() < patience)
        std::this_thread::yield();
    EXPECT_EQ(Held(*site.replica)->entry("lost@example.org").kind, mail::Entry::Kind::none);
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Follower, WhoIsTooFarBehindReadsEverythingAnew)
{
    Followed site;
    site.act([](Writing& w) { w.put(test_mailbox("a@example.org")); });
    site.stop();
    site.record.act([](Writing& w) { w.put(test_mailbox("b@example.org")); });
    site.record.act([](Writing& w) { w.put(test_mailbox("c@example.org")); });
    EXPECT_EQ(site.record->prune_changes(now() + std::chrono::hours(1)), 2);
    site.start();
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Follower, HowFullAMailboxIsIsHeardAndKeptWithoutARecord)
{
    Followed site;
    auto const jane = test_mailbox("jane@example.org");
    auto const john = test_mailbox("john@example.org");
    site.act([&](Writing& w) {
        w.put(jane);
        w.put(john);
    });
    EXPECT_EQ(site.fullness(jane.id), std::nullopt);
    site.see(jane.id, {.bytes = 5, .messages = 2});
    EXPECT_EQ(Held(*site.replica)->fullness(jane.id.text())->messages, 2);
    EXPECT_EQ(site.differences(), std::vector<std::string>());
    site.stop();
    site.away = true;
    site.start();
    EXPECT_EQ(site.fullness(jane.id), 5);
    site.see(jane.id, {.bytes = 4, .messages = 1});
    // The last words before the end.
    site.follower->observe({{jane.id.text(), {3, 1}}, {jane.id.text(), {2, 1}}, {john.id.text(), {1, 1}}});
    site.stop();
    site.start();
    EXPECT_EQ(site.fullness(jane.id), 2);
    EXPECT_EQ(site.fullness(john.id), 1);
}

TEST(Follower, HowFullAMailboxIsLastsAsLongAsTheMailbox)
{
    Followed site;
    auto jane = test_mailbox("jane@example.org");
    auto const john = test_mailbox("john@example.org");
    site.act([&](Writing& w) {
        w.put(jane);
        w.put(john);
    });
    site.see(jane.id, {5, 1});
    jane.name = "ann@example.org";
    site.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(site.fullness(jane.id), 5);
    jane.state = mail::MailboxState::deleted;
    site.act([&](Writing& w) { w.put(jane); });
    EXPECT_EQ(site.fullness(jane.id), 5) << "it may come back";
    site.act([&](Writing& w) { w.remove(jane.id); });
    EXPECT_EQ(site.fullness(jane.id), std::nullopt);
    // What is heard of one that is gone is nobody's.
    site.follower->observe({{jane.id.text(), {6, 1}}});
    site.see(john.id, {1, 1});
    EXPECT_EQ(site.fullness(jane.id), std::nullopt);
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

TEST(Follower, AnAddressIsRememberedWhileItsMailboxCanComeBack)
{
    Followed site;
    auto jane = test_mailbox("jane@example.org");
    auto const is_deleted = [&] { return Held(*site.replica)->is_deleted("jane@example.org"); };
    site.act([&](Writing& w) { w.put(jane); });
    EXPECT_FALSE(is_deleted());
    jane.state = mail::MailboxState::deleted;
    jane.restorable_until = now() + std::chrono::hours(1);
    site.act([&](Writing& w) { w.put(jane); });
    EXPECT_TRUE(is_deleted());
    jane.restorable_until.reset();
    site.act([&](Writing& w) { w.put(jane); });
    EXPECT_FALSE(is_deleted()) << "it was given up";
}

TEST(Follower, ACopyThatIsBuiltAnewKnowsWhatItHeardAndLearnsTheRestFromTheRecord)
{
    Followed site;
    auto const jane = test_mailbox("jane@example.org");
    auto const john = test_mailbox("john@example.org");
    site.act([&](Writing& w) {
        w.put(jane);
        w.put(john);
    });
    site.record->observe_usage({{jane.name, {1, 1, now()}}, {john.name, {2, 2, now()}}});
    site.see(jane.id, {100, 3});
    site.stop();
    site.record.act([](Writing& w) { w.put(test_mailbox("c@example.org")); });
    site.record->prune_changes(now() + std::chrono::hours(1));
    site.start();
    EXPECT_EQ(site.differences(), std::vector<std::string>());
    EXPECT_EQ(site.fullness(jane.id), 100);
    EXPECT_EQ(site.fullness(john.id), 2);
    site.stop();
    std::filesystem::remove_all(site.options.folder);
    site.start();
    EXPECT_EQ(site.differences(), std::vector<std::string>());
    EXPECT_EQ(site.fullness(jane.id), 1);
}

TEST(Follower, TheMapGrowsWhileReadersHoldTheOldOne)
{
    Followed site(std::size_t{1} << 20U);
    site.act([](Writing& w) { w.put(test_mailbox("first@example.org")); });
    // A copy that was built has room for more; one that is opened has the map that was asked for.
    site.stop();
    site.start();
    auto const file_in_use = [&] {
        std::string name;
        std::ifstream(site.options.folder + "/current") >> name;
        return name;
    };
    auto const small = file_in_use();
    Held const held(*site.replica);
    EXPECT_EQ(held->entry("first@example.org").kind, mail::Entry::Kind::mailbox);
    std::thread([&] {
        for (int i = 0; i < 20; ++i)
            site.act([&](Writing& w) {
                for (int j = 0; j < 500; ++j) w.put(test_mailbox("u" + std::to_string(i * 500 + j) + "@example.org"));
            });
    }).join();
    EXPECT_EQ(held->entry("first@example.org").kind, mail::Entry::Kind::mailbox);
    EXPECT_EQ(held->entry("u0@example.org").kind, mail::Entry::Kind::none);
    EXPECT_NE(file_in_use(), small);
    site.replica->release();
    EXPECT_EQ(site.differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace provost::replica
