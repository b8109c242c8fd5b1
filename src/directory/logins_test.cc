// SPDX-License-Identifier: Apache-2.0
#include "directory/logins.h"

#include <future>

#include <gtest/gtest.h>

#include "base/guarded.h"
#include "directory/test_replica.h"
#include "password/scheme.h"

using namespace provost;
using namespace provost::directory;

namespace {

// Delays are handed to the test instead of being waited for.
struct LoginsTest : testing::Test {
    LoginsTest() : lookups(replica, Site{}, metrics)
    {
        replica.add(mail::a_mailbox("bob@example.test"), "$1$t9CNdICG$l2Z1yaeVpr2bUTLQoMxzW/");  // secret
        logins = std::make_unique<Logins>(
            lookups, replica, pool, remembered, admission, Logins::Settings{},
            [this](std::chrono::milliseconds delay, std::function<void()> work) {
                longest_delay.with([&](auto& longest) { longest = std::max(longest, delay); });
                work();
            },
            metrics);
    }
    ~LoginsTest() override { replica.release(); }

    LoginAttempt attempt(std::string login, std::string_view password, mail::Service service = mail::Service::imap)
    {
        LoginAttempt out;
        out.login = std::move(login);
        out.password = Secret(std::string(password));
        out.service = service;
        out.from = "192.0.2.1";
        return out;
    }
    // The longest delay since the last call.
    std::chrono::milliseconds take_delay()
    {
        return longest_delay.with([](auto& longest) { return std::exchange(longest, {}); });
    }
    LoginOutcome verify(LoginAttempt one)
    {
        std::promise<LoginOutcome> promise;
        auto future = promise.get_future();
        replica.release();
        logins->verify(std::move(one), [&](LoginOutcome outcome) { promise.set_value(std::move(outcome)); });
        return future.get();
    }
    LoginOutcome verify(std::string login, std::string_view password)
    {
        return verify(attempt(std::move(login), password));
    }
    void set(std::function<void(mail::Mailbox&)> const& how)
    {
        replica.change([how](TestSnapshot& snapshot) {
            auto mailbox = snapshot.mailboxes.at("bob@example.test");
            how(mailbox);
            snapshot.view.add(mailbox);
            snapshot.mailboxes.insert_or_assign(mailbox.name, mailbox);
        });
    }

    Metrics metrics;
    TestReplica replica;
    Lookups lookups;
    password::Pool pool{{}};
    password::Remembered remembered;
    password::Admission admission{{}};
    Guarded<std::chrono::milliseconds> longest_delay;  // told from the pool's threads
    std::unique_ptr<Logins> logins;
};

}  // namespace

TEST_F(LoginsTest, TheRightPasswordLetsInUnderTheCanonicalName)
{
    for (auto login : {"bob@example.test", "BOB@Example.Test", "bob+phone@example.test"}) {
        auto const outcome = verify(login, "secret");
        EXPECT_EQ(outcome.verdict, Verdict::accepted) << login;
        EXPECT_EQ(outcome.name, "bob@example.test");
    }
    EXPECT_EQ(take_delay().count(), 0);
}

TEST_F(LoginsTest, UnknownAndWrongAreOneAnswerAfterOneDelay)
{
    auto const wrong = verify("bob@example.test", "guess");
    auto const delay = take_delay();
    auto const unknown = verify("nobody@example.test", "guess");
    EXPECT_EQ(wrong.verdict, Verdict::wrong);
    EXPECT_EQ(unknown.verdict, Verdict::wrong);
    EXPECT_EQ(unknown.reason, wrong.reason);
    EXPECT_GT(delay.count(), 1000);
    EXPECT_NEAR(static_cast<double>(delay.count()), static_cast<double>(take_delay().count()), 200);
}

TEST_F(LoginsTest, AnAccountThatIsOffIsToldSoOnlyAfterItsRightPassword)
{
    set([](mail::Mailbox& mailbox) { mailbox.state = mail::MailboxState::suspended; });
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::off);
    EXPECT_EQ(verify("bob@example.test", "guess").verdict, Verdict::wrong);
}

TEST_F(LoginsTest, EveryStateButActiveIsKeptOut)
{
    for (auto state :
         {mail::MailboxState::receive_only, mail::MailboxState::forward_only, mail::MailboxState::suspended}) {
        set([state](mail::Mailbox& mailbox) { mailbox.state = state; });
        EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::off) << mail::word(state);
    }
    set([](mail::Mailbox& mailbox) {
        mailbox.state = mail::MailboxState::active;
        mailbox.expires = now() - std::chrono::seconds(1);
    });
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::off);
}

TEST_F(LoginsTest, ARememberedPasswordIsForgottenWithAnyChange)
{
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::accepted);
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::accepted);
    set([](mail::Mailbox& mailbox) { mailbox.state = mail::MailboxState::suspended; });
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::off);
    replica.add(mail::a_mailbox("bob@example.test"),
                *password::make(Secret("changed-1"), password::Scheme::sha512_crypt));
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::wrong);
    EXPECT_EQ(verify("bob@example.test", "changed-1").verdict, Verdict::accepted);
}

TEST_F(LoginsTest, AServiceThatIsNotAllowedIsRefused)
{
    set([](mail::Mailbox& mailbox) { mailbox.services = *mail::parse_services("imap"); });
    EXPECT_EQ(verify(attempt("bob@example.test", "secret", mail::Service::pop3)).verdict, Verdict::not_allowed);
    EXPECT_EQ(verify(attempt("bob@example.test", "secret", mail::Service::imap)).verdict, Verdict::accepted);
}

TEST_F(LoginsTest, AnAppPasswordIsForItsServicesAndNetworks)
{
    replica.change([](TestSnapshot& snapshot) {
        auto app = *password::make(Secret("app-secret"), password::Scheme::sha512_crypt);
        snapshot.held["bob@example.test"].push_back({.id = "app",
                                                     .kind = mail::CredentialKind::app_password,
                                                     .hash = app,
                                                     .services = *mail::parse_services("imap"),
                                                     .networks = {"192.0.2.0/24"}});
    });
    EXPECT_EQ(verify(attempt("bob@example.test", "app-secret")).verdict, Verdict::accepted);
    EXPECT_EQ(verify(attempt("bob@example.test", "app-secret", mail::Service::submission)).verdict,
              Verdict::not_allowed);
    auto elsewhere = attempt("bob@example.test", "app-secret");
    elsewhere.from = "198.51.100.1";
    EXPECT_EQ(verify(std::move(elsewhere)).verdict, Verdict::not_allowed);
}

TEST_F(LoginsTest, NobodyMayActAsAnother)
{
    replica.add(mail::a_mailbox("alice@example.test"), "{PLAIN}other");
    auto as_alice = attempt("bob@example.test", "secret");
    as_alice.authzid = "alice@example.test";
    EXPECT_EQ(verify(std::move(as_alice)).verdict, Verdict::not_allowed);
    auto as_himself = attempt("bob@example.test", "secret");
    as_himself.authzid = "Bob@example.test";
    EXPECT_EQ(verify(std::move(as_himself)).verdict, Verdict::accepted);
}

TEST_F(LoginsTest, WithoutACopyNothingIsCalledWrong)
{
    replica.release();
    replica.broken = true;
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::cannot_tell);
    EXPECT_EQ(verify("nobody@example.test", "secret").verdict, Verdict::cannot_tell);
    replica.broken = false;
}

TEST_F(LoginsTest, AHashNobodyUnderstandsIsNotAWrongPassword)
{
    replica.add(mail::a_mailbox("carol@example.test"), "{ROT13}frperg");
    EXPECT_EQ(verify("carol@example.test", "secret").verdict, Verdict::cannot_tell);
}

TEST_F(LoginsTest, ManyFailuresFromOneNetworkAreNotLookedAtAnyMore)
{
    int looked_at = 0;
    for (int i = 0; i < 60; ++i)
        looked_at += verify("bob@example.test", "guess-" + std::to_string(i)).verdict == Verdict::wrong;
    EXPECT_LT(looked_at, 60);
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::cannot_tell);
    auto elsewhere = attempt("bob@example.test", "secret");
    elsewhere.from = "198.51.100.1";
    EXPECT_EQ(verify(std::move(elsewhere)).verdict, Verdict::accepted)
        << "the owner is not locked out by others' guesses";
}

TEST_F(LoginsTest, AnExtensionIsNoNewBeginningForWhoGuesses)
{
    int looked_at = 0;
    for (int i = 0; i < 60; ++i) {
        auto const number = std::to_string(i);
        looked_at += verify("bob+" + number + "@example.test", "guess-" + number).verdict == Verdict::wrong;
    }
    EXPECT_LT(looked_at, 60);
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::cannot_tell);
}

TEST_F(LoginsTest, AHashBegunBeforeADisableCannotEndInAYesAfterIt)
{
    for (int round = 0; round < 20; ++round) {
        set([](mail::Mailbox& mailbox) { mailbox.state = mail::MailboxState::active; });
        std::vector<std::future<LoginOutcome>> outcomes;
        std::atomic<bool> off{false};
        for (int i = 0; i < 4; ++i) {
            auto promise = std::make_shared<std::promise<LoginOutcome>>();
            outcomes.push_back(promise->get_future());
            replica.release();
            logins->verify(attempt("bob@example.test", "secret"), [promise, &off](LoginOutcome outcome) {
                // The outcome was made before this line, so an accepted one may be told only while it was on.
                if (outcome.verdict == Verdict::accepted && off) outcome.reason = "late";
                promise->set_value(std::move(outcome));
            });
        }
        set([](mail::Mailbox& mailbox) { mailbox.state = mail::MailboxState::suspended; });
        for (auto& outcome : outcomes) outcome.wait();
        off = true;
        for (auto& outcome : outcomes) EXPECT_NE(outcome.get().reason, "late");
        EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::off);
    }
}

TEST_F(LoginsTest, TheBarrierIsPassedWhenWhoWasLookedAtHasBeenAnswered)
{
    EXPECT_TRUE(logins->barrier(std::chrono::milliseconds(0)));
    std::promise<void> looked_at, may_answer;
    logins->verify(attempt("bob@example.test", "secret"), [&](LoginOutcome const& outcome) {
        EXPECT_EQ(outcome.verdict, Verdict::accepted);
        looked_at.set_value();
        may_answer.get_future().wait();
    });
    looked_at.get_future().wait();
    EXPECT_FALSE(logins->barrier(std::chrono::milliseconds(20)));
    may_answer.set_value();
    EXPECT_TRUE(logins->barrier(std::chrono::seconds(20)));
}

TEST_F(LoginsTest, ABareDigestIsCheckedAtOnceHoweverBusyThePoolIs)
{
    replica.add(mail::a_mailbox("carol@example.test"), "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=");
    std::promise<void> go_on;
    auto const held_up = go_on.get_future().share();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.submit(password::Cost::cheap, [held_up] { held_up.wait(); }));
    auto const told = [&](std::string_view password) {
        auto verdict = Verdict::cannot_tell;
        replica.release();
        logins->verify(attempt("carol@example.test", password), [&](LoginOutcome const& outcome) {
            verdict = outcome.verdict;
            EXPECT_TRUE(logins->barrier(std::chrono::milliseconds(0))) << "it was never on another thread";
        });
        return verdict;
    };
    EXPECT_EQ(told("secret"), Verdict::accepted);
    EXPECT_EQ(remembered.size(), 1U);
    EXPECT_EQ(told("guess"), Verdict::wrong);
    EXPECT_GT(take_delay().count(), 1000);
    replica.change([](TestSnapshot& snapshot) {
        auto mailbox = snapshot.mailboxes.at("carol@example.test");
        mailbox.state = mail::MailboxState::suspended;
        snapshot.view.add(mailbox);
        snapshot.mailboxes.insert_or_assign(mailbox.name, mailbox);
    });
    EXPECT_EQ(told("secret"), Verdict::off);
    go_on.set_value();
}

TEST_F(LoginsTest, AnAttemptThatWaitedBeyondItsDeadlineIsNotHashedAnyMore)
{
    auto late = attempt("bob@example.test", "secret");
    late.arrival -= std::chrono::seconds(9);
    EXPECT_EQ(verify(std::move(late)).verdict, Verdict::cannot_tell);
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::accepted);
}

TEST_F(LoginsTest, AProbeIsLetInWhileTheAccountIsOnAndRefusedAtOnceWhenItIsOff)
{
    auto const probe = logins->probe("bob@example.test");
    auto knock = [&] {
        auto one = attempt("bob@example.test", probe->password().reveal());
        one.from = "127.0.0.1";
        return verify(std::move(one));
    };
    EXPECT_EQ(knock().verdict, Verdict::accepted);
    set([](mail::Mailbox& mailbox) { mailbox.state = mail::MailboxState::suspended; });
    take_delay();
    EXPECT_EQ(knock().verdict, Verdict::off);
    EXPECT_EQ(take_delay().count(), 0);
    EXPECT_TRUE(logins->take_sign_ins().empty()) << "a probe is nobody's sign-in";
}

TEST_F(LoginsTest, AProbeIsLetInAlsoWhereNobodyTellsFromWhere)
{
    auto const probe = logins->probe("bob@example.test");
    auto one = attempt("bob@example.test", probe->password().reveal());
    one.from.clear();
    EXPECT_EQ(verify(std::move(one)).verdict, Verdict::accepted);
    auto elsewhere = attempt("bob@example.test", probe->password().reveal());
    EXPECT_EQ(verify(std::move(elsewhere)).verdict, Verdict::wrong);
}

TEST_F(LoginsTest, AConfirmedLoginIsJudgedAnewAndRemembered)
{
    UserFields fields;
    std::string reason;
    EXPECT_EQ(logins->confirm("bob@example.test", mail::Service::imap, fields, reason), Found::found);
    EXPECT_EQ(fields.name, "bob@example.test");
    EXPECT_EQ(logins->confirmed_lately("bob@example.test", std::chrono::seconds(5)), 1);
    set([](mail::Mailbox& mailbox) { mailbox.state = mail::MailboxState::suspended; });
    replica.release();
    EXPECT_EQ(logins->confirm("bob@example.test", mail::Service::imap, fields, reason), Found::not_found);
}

TEST_F(LoginsTest, ACopyThatIsTooOldMayNotLetIn)
{
    Logins strict(
        lookups, replica, pool, remembered, admission, {.max_age = std::chrono::seconds(60)},
        [](auto, auto work) { work(); }, metrics);
    replica.age = std::chrono::seconds(120);
    replica.release();
    Verdict verdict = Verdict::accepted;
    strict.verify(attempt("bob@example.test", "secret"), [&](LoginOutcome outcome) { verdict = outcome.verdict; });
    EXPECT_EQ(verdict, Verdict::cannot_tell);
}

namespace {

// With an account of the house itself, beside bob's.
struct OwnAccountTest : LoginsTest {
    OwnAccountTest() { begin("cyrus"); }
    void begin(std::string account)
    {
        logins = std::make_unique<Logins>(
            lookups, replica, pool, remembered, admission,
            Logins::Settings{.own_account = std::move(account), .own_password = [this] { return Secret(password); }},
            [this](std::chrono::milliseconds delay, std::function<void()> work) {
                longest_delay.with([&](auto& longest) { longest = std::max(longest, delay); });
                work();
            },
            metrics);
    }
    LoginOutcome sign_in(std::string_view given, mail::Service service = mail::Service::imap, std::string authzid = {})
    {
        auto one = attempt("cyrus", given, service);
        one.authzid = std::move(authzid);
        return verify(std::move(one));
    }
    std::string password = "of-the-house";
};

}  // namespace

TEST_F(OwnAccountTest, IsLetInToImapAndManageSieve)
{
    for (auto const service : {mail::Service::imap, mail::Service::sieve}) {
        auto const outcome = sign_in("of-the-house", service);
        EXPECT_EQ(outcome.verdict, Verdict::accepted) << mail::word(service);
        EXPECT_EQ(outcome.name, "cyrus");
    }
    EXPECT_EQ(verify("Cyrus", "of-the-house").verdict, Verdict::accepted);
    EXPECT_EQ(take_delay().count(), 0);
}

TEST_F(OwnAccountTest, IsLetInToNothingElse)
{
    for (auto const service : {mail::Service::pop3, mail::Service::submission, mail::Service::web})
        EXPECT_EQ(sign_in("of-the-house", service).verdict, Verdict::not_allowed) << mail::word(service);
}

TEST_F(OwnAccountTest, AWrongPasswordIsWrongAsAnybodysIs)
{
    auto const bob = verify("bob@example.test", "guess");
    auto const delay = take_delay();
    for (auto const* given : {"guess", "", "of-the-hous", "of-the-house2"}) {
        auto const own = sign_in(given);
        EXPECT_EQ(own.verdict, Verdict::wrong) << given;
        EXPECT_EQ(own.reason, bob.reason);
    }
    EXPECT_EQ(sign_in("guess", mail::Service::pop3).verdict, Verdict::wrong) << "nothing is told before it is right";
    EXPECT_NEAR(static_cast<double>(delay.count()), static_cast<double>(take_delay().count()), 200);
}

TEST_F(OwnAccountTest, ActsHereAsItselfAlone)
{
    EXPECT_EQ(sign_in("of-the-house", mail::Service::imap, "cyrus").verdict, Verdict::accepted);
    EXPECT_EQ(sign_in("of-the-house", mail::Service::imap, "bob@example.test").verdict, Verdict::not_allowed);
}

TEST_F(OwnAccountTest, WithoutAPasswordNobodyIsIt)
{
    password.clear();
    EXPECT_EQ(sign_in("").verdict, Verdict::wrong);
    EXPECT_EQ(sign_in("of-the-house").verdict, Verdict::wrong);
}

TEST_F(OwnAccountTest, ThePasswordIsAskedForEachTime)
{
    password = "another";
    EXPECT_EQ(sign_in("of-the-house").verdict, Verdict::wrong);
    EXPECT_EQ(sign_in("another").verdict, Verdict::accepted);
}

TEST_F(OwnAccountTest, WithoutANameThereIsNone)
{
    begin("");
    EXPECT_EQ(sign_in("of-the-house").verdict, Verdict::wrong);
    EXPECT_EQ(verify("", "of-the-house").verdict, Verdict::wrong);
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::accepted);
}

TEST_F(OwnAccountTest, NeedsNoMailboxOfItsName)
{
    EXPECT_EQ(verify("cyrus@example.test", "of-the-house").verdict, Verdict::wrong);
    EXPECT_EQ(verify("bob@example.test", "of-the-house").verdict, Verdict::wrong);
    EXPECT_EQ(verify("bob@example.test", "secret").verdict, Verdict::accepted);
}
