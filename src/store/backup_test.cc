// SPDX-License-Identifier: Apache-2.0
#include "store/backup.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>

#include "base/test_source.h"
#include "store/migrations.h"
#include "store/standing.h"
#include "store/test_store.h"

namespace provost::store {
namespace {

std::string text_of(std::string const& file)
{
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

void put_text(std::string const& file, std::string const& text) { std::ofstream(file, std::ios::binary) << text; }

class Backup : public ::testing::Test {
protected:
    RestoreOptions const here{.schema = in_source("schema")};
    RestoreOptions const at_any_cost{.schema = in_source("schema"), .may_lose = true};

    DatabaseFile database() const { return {record.database().url()}; }
    Position add(std::string const& name)
    {
        return record.act([&](Writing& w) { w.put(test_mailbox(name)); });
    }
    Position position()
    {
        return record.read([](Reading& r) { return r.position(); });
    }
    bool has(std::string const& name) { return record.mailbox(name).has_value(); }
    Manifest back_up_now() { return back_up(database(), file, false).value(); }
    std::vector<std::string> files_beside() const
    {
        std::vector<std::string> found;
        for (auto const& entry : std::filesystem::directory_iterator(folder.path())) found.push_back(entry.path());
        return found;
    }

    TestStore record;
    sql::TestFolder folder;
    std::string const file = folder.file("backup");
};

TEST_F(Backup, WhatWasBackedUpComesBackInALifeOfItsOwn)
{
    add("alice@example.test");
    auto const then = position();
    auto const made = back_up_now();
    EXPECT_EQ(made.position, then);
    add("bob@example.test");
    auto const before = position();

    auto const done = restore(database(), file, at_any_cost);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->backup.position, then);
    EXPECT_EQ(done->before->position, before);
    EXPECT_EQ(done->gone, std::vector<std::string>{"bob@example.test"});
    // The store was open all the time.
    EXPECT_TRUE(has("alice@example.test"));
    EXPECT_FALSE(has("bob@example.test"));
    EXPECT_EQ(position(), done->position);
    EXPECT_NE(position().epoch, before.epoch);
    EXPECT_GT(position().revision, before.revision);
    EXPECT_FALSE(record.read([&](Reading& r) { return r.changes(before, 10); }));
    EXPECT_EQ(record.read([](Reading& r) { return r.audit("*", 0, 1); }).at(0).act, "database.restore");
    add("carol@example.test");
    EXPECT_TRUE(has("carol@example.test"));
}

TEST_F(Backup, TheOldDatabaseIsKept)
{
    add("alice@example.test");
    back_up_now();
    add("bob@example.test");
    auto const before = position();
    auto const done = restore(database(), file, at_any_cost).value();
    auto const aside = sql::connect_sqlite(done.aside, {});
    EXPECT_EQ(standing_of(*aside).position, before);
    struct stat found = {};
    ASSERT_EQ(::stat(done.aside.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
}

TEST_F(Backup, IsOneFileThatItsOwnerAloneReads)
{
    back_up_now();
    EXPECT_EQ(files_beside(), std::vector<std::string>{file});
    struct stat found = {};
    ASSERT_EQ(::stat(file.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
}

TEST_F(Backup, OverwritesOnlyWhatItIsToldTo)
{
    put_text(file, "precious");
    auto const refused = back_up(database(), file, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_EQ(text_of(file), "precious");
    ASSERT_TRUE(back_up(database(), file, true));
    EXPECT_TRUE(BackupFile::open(file));
}

TEST_F(Backup, IsOneStateWhileActsGoOn)
{
    std::atomic<bool> stop{false};
    std::thread acts([&] {
        for (int i = 0; !stop; ++i)
            record.act([&](Writing& w) {
                w.put(test_mailbox("a" + std::to_string(i) + "@example.test"));
                w.put(test_mailbox("b" + std::to_string(i) + "@example.test"));
            });
    });
    for (int i = 0; i < 10; ++i) {
        auto const made = back_up(database(), file, true);
        ASSERT_TRUE(made) << made.error().message;
        auto const copy = folder.file("copy");
        BackupFile::open(file).value().extract(copy);
        auto const connection = sql::connect_sqlite(copy, {});
        EXPECT_EQ(standing_of(*connection).position, made->position);
        EXPECT_EQ(connection->query("SELECT COUNT(*) FROM mailbox").at(0).integer(0),
                  2 * static_cast<std::int64_t>(made->position.revision));
        std::filesystem::remove(copy);
    }
    stop = true;
    acts.join();
}

TEST_F(Backup, EveryByteOfItCounts)
{
    add("alice@example.test");
    auto const whole = (back_up_now(), text_of(file));
    auto const before = position();
    for (std::size_t at : {std::size_t{3}, std::size_t{30}, std::size_t{90}, std::size_t{120}, std::size_t{5000},
                           whole.size() / 2, whole.size() - 1}) {
        auto flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        put_text(file, flipped);
        auto const refused = restore(database(), file, at_any_cost);
        ASSERT_FALSE(refused) << at;
        EXPECT_EQ(refused.error().fault, Fault::invalid) << at;
    }
    for (auto const& text : {std::string(), std::string("garbage"), whole.substr(0, whole.size() - 1),
                             whole.substr(0, 200), whole + "x", std::string(5000, 'P')}) {
        put_text(file, text);
        auto const refused = restore(database(), file, at_any_cost);
        ASSERT_FALSE(refused) << text.size();
        EXPECT_EQ(refused.error().fault, Fault::invalid) << text.size();
    }
    EXPECT_EQ(position(), before);
    EXPECT_EQ(restore(database(), folder.file("missing"), at_any_cost).error().fault, Fault::not_found);
}

TEST_F(Backup, ADatabaseThatWasSpoiltBeforeItWasBackedUpIsRefused)
{
    add("alice@example.test");
    auto const connection = record.database().connect();
    connection->query("PRAGMA foreign_keys = OFF");
    connection->query("INSERT INTO mailbox_forward (mailbox_id, seq, address) VALUES ('nobody', 1, 'a@b.test')");
    back_up_now();
    auto const refused = restore(database(), file, at_any_cost);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "the database in the backup does not hold together: a row of mailbox_forward belongs to one of mailbox "
              "that is not there");
}

TEST_F(Backup, ANewerOneIsRefused)
{
    auto const before = position();
    auto const connection = record.database().connect();
    connection->query(
        "INSERT INTO schema_migration (number, name, checksum, applied) VALUES (9999, '9999-newer', 'x', 0)");
    back_up_now();
    connection->query("DELETE FROM schema_migration WHERE number = 9999");
    auto const refused = restore(database(), file, at_any_cost);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_NE(refused.error().message.find("newer version"), std::string::npos) << refused.error().message;
    EXPECT_EQ(position(), before);
}

TEST_F(Backup, AnOlderSchemaIsBroughtUpToDate)
{
    sql::TestFolder old_schema;
    std::filesystem::copy(in_source("schema/0001-initial.sql"), old_schema.file("0001-initial.sql"));
    auto const old_file = "sqlite:" + folder.file("old.db");
    ASSERT_TRUE(open_store(old_file, old_schema.path()));
    ASSERT_TRUE(back_up({old_file}, file, false));
    ASSERT_TRUE(restore(database(), file, here));
    EXPECT_TRUE(record.read([](Reading& r) { return r.admins("*"); }).empty());
}

TEST_F(Backup, NewerActsAreLostOnlyWhenToldSo)
{
    add("alice@example.test");
    back_up_now();
    add("bob@example.test");
    auto const refused = restore(database(), file, here);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_NE(refused.error().message.find("the database stands at revision 2 of "), std::string::npos);
    EXPECT_NE(refused.error().message.find("the backup at revision 1 of "), std::string::npos);
    EXPECT_TRUE(has("bob@example.test"));
}

TEST_F(Backup, WhereNothingIsLostNobodyIsAsked)
{
    add("alice@example.test");
    back_up_now();
    ASSERT_TRUE(restore(database(), file, here));
    // The first restoring was an act that the backup does not have.
    EXPECT_EQ(restore(database(), file, here).error().fault, Fault::conflict);
}

TEST_F(Backup, ADryRunChangesNothing)
{
    add("alice@example.test");
    back_up_now();
    add("bob@example.test");
    auto const before = position();
    auto dry = at_any_cost;
    dry.dry_run = true;
    auto const told = restore(database(), file, dry).value();
    EXPECT_EQ(told.gone, std::vector<std::string>{"bob@example.test"});
    EXPECT_EQ(told.position.revision, 0U);
    EXPECT_EQ(position(), before);
}

TEST_F(Backup, WhoWasPurgedSinceIsNamed)
{
    auto const alice = test_mailbox("alice@example.test");
    record.act([&](Writing& w) { w.put(alice); });
    back_up_now();
    record.act([&](Writing& w) { w.remove(alice.id); });
    EXPECT_EQ(restore(database(), file, at_any_cost).value().back_again,
              std::vector<std::string>{"alice@example.test"});
}

// Undeleted since the backup, it would be past its time, and purged with all its mail.
TEST_F(Backup, TheTimeSinceTheBackupDoesNotCountForDeletedMailboxes)
{
    auto alice = test_mailbox("alice@example.test");
    alice.state = mail::MailboxState::deleted;
    alice.restorable_until = now() - std::chrono::hours(24);
    record.act([&](Writing& w) { w.put(alice); });
    auto manifest = back_up_now();
    auto const copy = folder.file("copy");
    BackupFile::open(file).value().extract(copy);
    manifest.made -= std::chrono::hours(48);  // as if it had been made the day before that
    std::filesystem::remove(file);
    write_backup_file(manifest, copy, file);
    ASSERT_TRUE(restore(database(), file, at_any_cost));
    auto const until = record.deleted_mailbox("alice@example.test")->restorable_until;
    EXPECT_GT(*until, now() + std::chrono::hours(23));
}

TEST_F(Backup, RestoresWhereThereIsNoDatabase)
{
    add("alice@example.test");
    back_up_now();
    sql::TestFolder elsewhere;
    DatabaseFile const other{"sqlite:" + elsewhere.file("provost.db")};
    put_text(elsewhere.file("provost.db-wal"), "of the one that is gone");
    auto const done = restore(other, file, here);
    ASSERT_TRUE(done) << done.error().message;
    auto const opened = open_store(other.url, in_source("schema"), {.create = false});
    ASSERT_TRUE(opened) << opened.error().message;
    (*opened)->read([](Reading& r) { EXPECT_TRUE(r.mailbox("alice@example.test")); });
}

TEST_F(Backup, RestoresOverWhatIsNoDatabaseAndKeepsIt)
{
    add("alice@example.test");
    back_up_now();
    sql::TestFolder elsewhere;
    DatabaseFile const other{"sqlite:" + elsewhere.file("provost.db")};
    put_text(elsewhere.file("provost.db"), "garbage");
    EXPECT_EQ(restore(other, file, here).error().fault, Fault::conflict);
    auto const done = restore(other, file, at_any_cost);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(text_of(done->aside), "garbage");
    EXPECT_TRUE(open_store(other.url, in_source("schema"), {.create = false}));
}

TEST_F(Backup, OfTwoActsAtOnceNoneIsLostWithoutAWord)
{
    back_up_now();
    add("alice@example.test");
    std::atomic<bool> stop{false};
    std::atomic<int> done{0};
    std::thread acts([&] {
        for (int i = 0; !stop; ++i, ++done) add("x" + std::to_string(i) + "@example.test");
    });
    while (done < 20) std::this_thread::yield();
    auto const restored = restore(database(), file, at_any_cost);
    stop = true;
    acts.join();
    ASSERT_TRUE(restored) << restored.error().message;
    auto const aside = sql::connect_sqlite(restored->aside, {});
    auto const kept = aside->query("SELECT COUNT(*) FROM mailbox").at(0).integer(0);
    std::int64_t now_there = 0;
    record->read([&](Reading& r) { r.every_mailbox([&](auto const&) { ++now_there; }); });
    EXPECT_EQ(kept + now_there, 1 + done);
    EXPECT_EQ(restored->before->position, standing_of(*aside).position);
}

}  // namespace
}  // namespace provost::store
