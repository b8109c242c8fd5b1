// SPDX-License-Identifier: Apache-2.0
#include "host/transaction.h"

#include <memory>

#include <gtest/gtest.h>

#include "host/advice.h"
#include "host/test_servers.h"

using namespace provost;
using namespace provost::host;

namespace {

struct Killed {};

Result<void> goes_on(std::string const&) { return {}; }

class Setup : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
        ASSERT_TRUE(init(servers_.root(), {}, run_));
        before_ = servers_.etc();
    }

    SetupPlan plan(SetupWishes const& wishes = {})
    {
        auto const planned = plan_setup(servers_.root(), Site{settings_}, wishes, run_);
        if (planned) return *planned;
        ADD_FAILURE() << planned.error().message;
        return {};
    }
    Result<Changes> apply(SetupWishes const& wishes = {}, Step const& step = goes_on)
    {
        return apply_setup(servers_.root(), site_, plan(wishes), run_, step);
    }
    Result<Changes> undo(Step const& step = goes_on) { return undo_setup(servers_.root(), site_, run_, step); }
    Result<Changes> recover() { return recover_setup(servers_.root(), site_, run_, goes_on); }
    WayBack left() { return *plan_recovery(servers_.root(), site_); }
    bool has_links() { return std::filesystem::is_symlink(servers_.at("/run/dovecot/auth-userdb")); }
    bool has_sockets() { return std::filesystem::is_socket(servers_.at("/run/dovecot/auth-userdb")); }

    // Files in STATE/setup other than the record.
    std::size_t kept_files()
    {
        std::size_t count = 0;
        for (auto const& file : std::filesystem::directory_iterator(servers_.at(record_folder(settings_)))) {
            count += file.path().filename() != "record" ? 1U : 0U;
        }
        return count;
    }

    // A step that is the end of everything, as of a host whose power fails; a file half written stays.
    Step killed_at(std::size_t number)
    {
        return [this, number, count = std::make_shared<std::size_t>(0)](std::string const& what) -> Result<void> {
            if ((*count)++ < number) return {};
            if (what.starts_with("write ")) servers_.write(what.substr(6) + ".provost-new", "half a fi");
            throw Killed();
        };
    }

    TestServers servers_;
    Site site_{config::default_settings()};
    config::Settings& settings_ = site_.settings;
    Runner run_ = servers_.runner();
    std::map<std::string, std::string> before_;
};

// Kills `act` at each of its steps in turn, and calls `then` each time; ends when it came through.
template <class Act, class Then>
std::size_t kill_at_each_step(Act act, Then then)
{
    for (std::size_t number = 0;; ++number) {
        try {
            act(number);
            return number;
        } catch (Killed const&) {
            then(number);
        }
    }
}

}  // namespace

TEST_F(Setup, ASecondTimeThereIsNothingToChange)
{
    auto const first = apply();
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_FALSE(first->empty());
    auto const second = plan();
    EXPECT_TRUE(second.is_empty()) << diff_of(second.files);
    EXPECT_TRUE(second.notes.empty());
}

TEST_F(Setup, APortThatWasAskedForOnceStays)
{
    SetupWishes wishes;
    wishes.submission = "10587";
    wishes.submissions = "127.0.0.1:10465";
    ASSERT_TRUE(apply(wishes));
    auto const second = plan();
    EXPECT_TRUE(second.is_empty()) << diff_of(second.files);
    EXPECT_EQ(second.options.postfix.submission, "10587");
    EXPECT_EQ(second.options.postfix.submissions, "127.0.0.1:10465");
    auto const advised = joined(advice(servers_.root(), settings_, second.options), "\n");
    EXPECT_NE(advised.find("[doors] submission is \"127.0.0.1:587\", but Postfix listens at 10587"), std::string::npos)
        << advised;
    EXPECT_NE(advised.find("[doors] submissions is \"127.0.0.1:465\", but Postfix listens at 10465"),
              std::string::npos);
}

TEST_F(Setup, UndoBringsEveryFileBackToTheByte)
{
    ASSERT_TRUE(apply());
    EXPECT_NE(servers_.etc(), before_);
    auto const undone = undo();
    ASSERT_TRUE(undone) << undone.error().message;
    EXPECT_EQ(servers_.etc(), before_);
    EXPECT_EQ(kept_files(), 0U);
    EXPECT_FALSE(plan_undo(servers_.root(), site_)->is_needed);
}

TEST_F(Setup, UndoGoesBackToBeforeTheFirstSetup)
{
    ASSERT_TRUE(apply());
    SetupWishes wishes;
    wishes.networks = "192.0.2.0/24";
    ASSERT_TRUE(apply(wishes));
    EXPECT_TRUE(plan_undo(servers_.root(), site_)->by_hand.empty());
    ASSERT_TRUE(undo());
    EXPECT_EQ(servers_.etc(), before_);
}

TEST_F(Setup, OwnerAndModeOfAForeignFileStay)
{
    ::chmod(servers_.at("/etc/postfix/main.cf").c_str(), 0640);
    ASSERT_EQ(::chown(servers_.at("/etc/postfix/main.cf").c_str(), 7, 8), 0);
    ASSERT_TRUE(apply());
    auto const now = *servers_.root().state("/etc/postfix/main.cf");
    EXPECT_EQ(now.mode, 0640U);
    EXPECT_EQ(now.uid, 7U);
    EXPECT_EQ(now.gid, 8U);
}

TEST_F(Setup, WhereALinkLeadsIsWhatChanges)
{
    servers_.write("/etc/kept/main.cf", *servers_.root().read("/etc/postfix/main.cf"));
    std::filesystem::remove(servers_.at("/etc/postfix/main.cf"));
    std::filesystem::create_symlink("../kept/main.cf", servers_.at("/etc/postfix/main.cf"));
    before_ = servers_.etc();
    ASSERT_TRUE(apply());
    EXPECT_TRUE(std::filesystem::is_symlink(servers_.at("/etc/postfix/main.cf")));
    EXPECT_NE(servers_.root().read("/etc/kept/main.cf")->find("${provost}"), std::string::npos);
    ASSERT_TRUE(undo());
    EXPECT_EQ(servers_.etc(), before_);
}

TEST_F(Setup, KilledAtAnyStepItIsRolledBackByTheNextOne)
{
    auto const steps = kill_at_each_step([&](std::size_t number) { static_cast<void>(apply({}, killed_at(number))); },
                                         [&](std::size_t number) {
                                             ASSERT_TRUE(recover()) << number;
                                             EXPECT_EQ(servers_.etc(), before_) << number;
                                             // What was kept before it was recorded is of no use, and goes with the
                                             // next setup.
                                             if (number != 1) {
                                                 EXPECT_EQ(kept_files(), 0U) << number;
                                             }
                                             EXPECT_FALSE(left().is_needed);
                                         });
    EXPECT_EQ(steps, 11U);  // keep, record, six files, check, reload, finish
    EXPECT_TRUE(plan().is_empty());
}

TEST_F(Setup, KilledAtAnyStepItIsRolledBackByUndo)
{
    kill_at_each_step([&](std::size_t number) { static_cast<void>(apply({}, killed_at(number))); },
                      [&](std::size_t number) {
                          ASSERT_TRUE(undo()) << number;
                          EXPECT_EQ(servers_.etc(), before_) << number;
                      });
}

TEST_F(Setup, ASecondSetupThatIsKilledGoesBackToTheFirst)
{
    ASSERT_TRUE(apply());
    auto const first = servers_.etc();
    SetupWishes wishes;
    wishes.networks = "192.0.2.0/24";
    kill_at_each_step([&](std::size_t number) { static_cast<void>(apply(wishes, killed_at(number))); },
                      [&](std::size_t number) {
                          ASSERT_TRUE(recover()) << number;
                          EXPECT_EQ(servers_.etc(), first) << number;
                      });
    ASSERT_TRUE(undo());
    EXPECT_EQ(servers_.etc(), before_);
}

TEST_F(Setup, AnUndoThatIsKilledAtAnyStepComesToItsEndNextTime)
{
    auto const steps = kill_at_each_step(
        [&](std::size_t number) {
            EXPECT_TRUE(apply()) << number;
            static_cast<void>(undo(killed_at(number)));
        },
        [&](std::size_t number) {
            // Before its first step an undo has not begun, and a setup would not go on with it.
            auto const goes_on_with_setup = number % 2 == 1;
            ASSERT_TRUE(goes_on_with_setup ? recover() : undo()) << number;
            EXPECT_EQ(servers_.etc(), before_) << number;
        });
    EXPECT_EQ(steps, 9U);  // record, six files, reload, finish
}

TEST_F(Setup, AStepThatFailsLeavesEverythingAsItWas)
{
    for (std::size_t number = 0; number < 11; ++number) {
        std::size_t count = 0;
        auto const failed = apply({}, [&](std::string const&) -> Result<void> {
            if (count++ == number) return fail(Fault::unavailable, "the disk is full");
            return {};
        });
        ASSERT_FALSE(failed) << number;
        EXPECT_NE(failed.error().message.find("the disk is full"), std::string::npos);
        EXPECT_EQ(servers_.etc(), before_) << number;
        EXPECT_FALSE(left().is_needed) << number;
    }
}

TEST_F(Setup, WhatAServerDoesNotTakeIsPutBackAndSaid)
{
    for (auto words : {"postfix check", "doveconf -n"}) {
        servers_.broken_ = words;
        auto const failed = apply();
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().fault, Fault::conflict);
        EXPECT_NE(failed.error().message.find("broken. Everything was put back as it was"), std::string::npos)
            << failed.error().message;
        EXPECT_EQ(servers_.etc(), before_);
    }
}

TEST_F(Setup, WhatDovecotDoesNotGoByIsPutBackAndSaid)
{
    // As if something after our file set it.
    servers_.write("/etc/dovecot/dovecot.conf", "!include_try local.conf\n");
    auto const planned = plan();
    auto changed = planned;
    changed.options.dovecot.sieve = 0;
    changed.options.dovecot.imap = changed.options.dovecot.imaps = 0;
    changed.settings.sockets.dovecot_auth = "/run/dovecot/login/other/auth";
    auto const failed = apply_setup(servers_.root(), site_, changed, run_, goes_on);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("service pop3-login/executable"), std::string::npos);
}

TEST_F(Setup, AFileThatChangedSinceItWasShownIsNotWritten)
{
    auto const planned = plan();
    servers_.write("/etc/postfix/master.cf", "# another\n");
    auto const failed = apply_setup(servers_.root(), site_, planned, run_, goes_on);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::conflict);
    EXPECT_EQ(*servers_.root().read("/etc/postfix/master.cf"), "# another\n");
    EXPECT_FALSE(servers_.root().exists("/etc/dovecot/provost.conf"));
}

TEST_F(Setup, WhatSomebodyChangedByHandIsNamedAndACopyIsPutAside)
{
    ASSERT_TRUE(apply());
    servers_.write("/etc/postfix/main.cf", "by = hand\n");
    auto const way = *plan_undo(servers_.root(), site_);
    EXPECT_EQ(way.by_hand, std::vector<std::string>{"/etc/postfix/main.cf"});
    ASSERT_TRUE(undo());
    EXPECT_EQ(servers_.etc(), before_);
    EXPECT_EQ(kept_files(), 1U);
}

TEST_F(Setup, WhatWasChangedByHandBetweenTwoSetupsIsStillSomebodys)
{
    ASSERT_TRUE(apply());
    servers_.write("/etc/postfix/main.cf", "relayhost = x\n" + *servers_.root().read("/etc/postfix/main.cf"));
    SetupWishes wishes;
    wishes.networks = "192.0.2.0/24";
    ASSERT_TRUE(apply(wishes));
    EXPECT_EQ(plan_undo(servers_.root(), site_)->by_hand, std::vector<std::string>{"/etc/postfix/main.cf"});
    ASSERT_TRUE(undo());
    EXPECT_EQ(servers_.etc(), before_);
}

TEST_F(Setup, WhatWasKeptAndIsDamagedIsNotBroughtBack)
{
    ASSERT_TRUE(apply());
    auto const folder = record_folder(settings_);
    for (auto const& file : std::filesystem::directory_iterator(servers_.at(folder))) {
        if (file.path().filename() != "record") std::ofstream(file.path()) << "smtpd_relay_restrictions = permit\n";
    }
    auto const refused = plan_undo(servers_.root(), site_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_FALSE(undo());
    EXPECT_NE(servers_.root().read("/etc/postfix/main.cf")->find("${provost}"), std::string::npos);
}

TEST_F(Setup, AFolderThatIsNotRootsAloneIsNotTrusted)
{
    ASSERT_TRUE(apply());
    auto const folder = servers_.at(record_folder(settings_));
    ASSERT_EQ(::chown(folder.c_str(), 7, 8), 0);
    EXPECT_EQ(undo().error().fault, Fault::conflict);
    EXPECT_EQ(plan_undo(servers_.root(), site_).error().fault, Fault::conflict);
    ASSERT_EQ(::chown(folder.c_str(), 0, 0), 0);
    ::chmod(folder.c_str(), 0770);
    EXPECT_EQ(apply().error().fault, Fault::conflict);
}

TEST_F(Setup, WhatComesToTheRecordsPathAfterItWasLookedAtIsNotRead)
{
    ASSERT_TRUE(apply());
    auto const folder = servers_.at(record_folder(settings_));
    auto const opened = RecordFolder::open(servers_.root(), record_folder(settings_));
    ASSERT_TRUE(opened);
    auto const entries = read_record(*opened)->entries.size();
    std::filesystem::rename(folder, folder + ".away");
    std::filesystem::create_directory(folder);
    std::ofstream(folder + "/record") << "provost setup 1\nphase idle\nfile /etc/shadow\nfirst absent\n";
    EXPECT_EQ(read_record(*opened)->entries.size(), entries);
    ASSERT_TRUE(keep(*opened, {true, "x", 0, 0, 0600}));
    EXPECT_EQ(kept_files(), 0U);
    // Nor is it made root's alone where there was one before.
    ASSERT_EQ(::chown(folder.c_str(), 7, 8), 0);
    EXPECT_EQ(RecordFolder::make(servers_.root(), record_folder(settings_)).error().fault, Fault::conflict);
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory_symlink(folder + ".away", folder);
    EXPECT_EQ(RecordFolder::open(servers_.root(), record_folder(settings_)).error().fault, Fault::conflict);
}

TEST_F(Setup, OnlyOneChangesTheHostAtATime)
{
    auto const lock = RecordLock::take(servers_.root(), record_folder(settings_));
    ASSERT_TRUE(lock);
    EXPECT_EQ(apply().error().fault, Fault::unavailable);
    EXPECT_EQ(undo().error().fault, Fault::unavailable);
}

TEST_F(Setup, ServersThatDoNotRunAreNotReloaded)
{
    ASSERT_TRUE(apply());
    EXPECT_FALSE(servers_.ran("postfix reload"));
    EXPECT_FALSE(servers_.ran("doveadm reload"));
    EXPECT_TRUE(has_links());
}

TEST_F(Setup, ADovecotThatRunsGivesItsSocketsUpBeforeOursAreLinked)
{
    servers_.start();
    ASSERT_TRUE(apply());
    EXPECT_TRUE(servers_.ran("doveadm reload"));
    EXPECT_TRUE(servers_.ran("postfix reload"));
    EXPECT_TRUE(has_links());
    ASSERT_TRUE(undo());
    EXPECT_TRUE(has_sockets());
}

TEST_F(Setup, ADovecotWhoseReloadWasTheLastStepHasItsSocketsBack)
{
    servers_.start();
    servers_.broken_ = "postfix reload";
    EXPECT_FALSE(apply());
    EXPECT_EQ(servers_.etc(), before_);
    EXPECT_TRUE(has_sockets());
    servers_.broken_.clear();
    EXPECT_TRUE(left().is_needed);  // since its rolling back could not reload either
    ASSERT_TRUE(recover());
    EXPECT_FALSE(left().is_needed);
}

TEST_F(Setup, AHostInServiceIsNotSentOutOfTheDirectoryByAChangeThatFailed)
{
    servers_.start();
    ASSERT_TRUE(apply());
    auto const first = servers_.etc();
    SetupWishes wishes;
    wishes.networks = "192.0.2.0/24";
    servers_.broken_ = "postfix reload";
    auto const failed = apply(wishes);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("run `provost setup`, which puts it back first"), std::string::npos)
        << failed.error().message;
    servers_.broken_.clear();
    ASSERT_TRUE(recover());
    EXPECT_EQ(servers_.etc(), first);
}

TEST_F(Setup, WhereSystemdRunsItReloads)
{
    servers_.start();
    servers_.write("/run/systemd/system/x", "");
    ASSERT_TRUE(apply());
    EXPECT_TRUE(servers_.ran("systemctl reload postfix postfix@*.service"));
    EXPECT_TRUE(servers_.ran("systemctl reload dovecot"));
}

TEST_F(Setup, APostfixThatIsToListenElsewhereIsRestarted)
{
    servers_.start();
    servers_.write("/etc/postfix/main.cf", "inet_interfaces = loopback-only\nmyhostname = mx.example.test\n");
    ASSERT_TRUE(apply());
    EXPECT_TRUE(servers_.ran("postfix stop"));
    EXPECT_TRUE(servers_.ran("postfix start"));
    EXPECT_FALSE(servers_.ran("postfix reload"));
}

TEST_F(Setup, APostfixThatDoesNotStartWithWhatWasWrittenRunsAgainWithWhatWas)
{
    servers_.start();
    servers_.write("/etc/postfix/main.cf", "inet_interfaces = loopback-only\nmyhostname = mx.example.test\n");
    before_ = servers_.etc();
    servers_.broken_ = "postfix start";
    servers_.breaks_ = 1;
    auto const failed = apply();
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("Everything was put back as it was"), std::string::npos)
        << failed.error().message;
    EXPECT_EQ(servers_.etc(), before_);
    EXPECT_TRUE(postfix_runs(servers_.root(), run_));
}

TEST_F(Setup, APostfixThatEndsAtOnceUnderSystemdIsNotSaidToRun)
{
    servers_.start();
    servers_.write("/run/systemd/system/x", "");
    servers_.write("/etc/postfix/main.cf", "inet_interfaces = loopback-only\nmyhostname = mx.example.test\n");
    servers_.dies_ = true;
    auto const failed = apply();
    EXPECT_TRUE(servers_.ran("systemctl restart postfix postfix@*.service"));
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("Postfix does not run"), std::string::npos) << failed.error().message;
    EXPECT_EQ(failed.error().message.find("Everything was put back"), std::string::npos) << failed.error().message;
}

TEST_F(Setup, LinksThatARestartOfTheHostTookAreMadeAgain)
{
    ASSERT_TRUE(apply());
    std::filesystem::remove_all(servers_.at("/run/dovecot"));
    auto const planned = plan();
    EXPECT_TRUE(planned.files.empty());
    EXPECT_EQ(planned.places.size(), 6U);
    ASSERT_TRUE(apply_setup(servers_.root(), site_, planned, run_, goes_on));
    EXPECT_TRUE(has_links());
    EXPECT_TRUE(plan().is_empty());
}

TEST_F(Setup, ALinkThatCouldNotBeMadeCanBeMadeNextTime)
{
    ASSERT_TRUE(apply());
    std::filesystem::remove_all(servers_.at("/run/dovecot"));
    kill_at_each_step([&](std::size_t number) { static_cast<void>(apply({}, killed_at(number))); },
                      [&](std::size_t number) { ASSERT_TRUE(recover()) << number; });
    EXPECT_TRUE(plan().is_empty());
}
