// SPDX-License-Identifier: Apache-2.0
#include "directory/logins.h"

#include <algorithm>
#include <deque>
#include <set>

#include <sodium/utils.h>

#include "base/awaited.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/text.h"
#include "directory/network.h"
#include "directory/probes.h"
#include "password/scheme.h"

namespace provost::directory {
namespace {

using Done = std::function<void(LoginOutcome)>;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_sign_ins = 10'000;  // kept for the record while it is away; then the oldest go
constexpr std::size_t most_credentials = 16;   // checked a login: each may cost a hash
constexpr std::chrono::seconds confirmed_kept{30};

constexpr char const* try_later = "Temporary authentication failure";

// One attempt on its way through the house.
struct Try {
    LoginAttempt attempt;
    Done done;
    std::string mailbox_id;
    std::string name;
    std::uint64_t stamp = 0;
    std::int64_t expires = mail::never;
    std::vector<replica::CredentialFacts> candidates;
    std::optional<password::Admission::Ticket> ticket;
    Clock::time_point due{};  // when a failure is told
};

// Attempts that are looked at and not answered yet, by number in the order of their coming.
struct Judging {
    std::uint64_t next = 0;
    std::set<std::uint64_t> under_way;
};

class UnderWay {
public:
    explicit UnderWay(Awaited<Judging>& judging) : judging_(judging)
    {
        number_ = judging_.with([](Judging& all) { return *all.under_way.insert(all.next++).first; });
    }
    ~UnderWay()
    {
        judging_.with([&](Judging& all) { all.under_way.erase(number_); });
    }
    UnderWay(UnderWay const&) = delete;
    UnderWay& operator=(UnderWay const&) = delete;

private:
    Awaited<Judging>& judging_;
    std::uint64_t number_;
};

struct Confirmed {
    std::string name;
    Clock::time_point at;
};

bool has_passed(std::int64_t expires) { return expires != mail::never && to_millis(now()) >= expires; }

}  // namespace

struct Logins::Impl : std::enable_shared_from_this<Logins::Impl> {
    Impl(Lookups& lookups_in, replica::Replica& replica_in, password::Pool& pool_in,
         password::Remembered& remembered_in, password::Admission& admission_in, Settings settings_in, Later later_in,
         Metrics& metrics)
        : lookups(lookups_in),
          replica(replica_in),
          pool(pool_in),
          remembered(remembered_in),
          admission(admission_in),
          settings(settings_in),
          later(std::move(later_in))
    {
        for (auto const* verdict : {"accepted", "wrong", "off", "not_allowed", "cannot_tell"})
            counters.push_back(
                &metrics.counter("provost_logins_total", "Sign-ins by verdict.", {{"verdict", verdict}}));
    }

    void begin(std::shared_ptr<Try> const& attempt);
    std::optional<mail::MailboxFacts> find(Try& attempt, replica::Snapshot const& snapshot) const;
    // The credential whose password was given; `unsure` where one of them could not be checked, and none was right.
    struct Compared {
        replica::CredentialFacts const* right = nullptr;
        bool unsure = false;
    };
    using Newest = std::function<replica::Snapshot const&()>;

    void check(std::shared_ptr<Try> const& attempt);
    static Compared compare(Try const& attempt);
    void conclude(std::shared_ptr<Try> const& attempt, Compared compared, Newest const& newest);
    LoginOutcome judged(Try const& attempt, replica::CredentialFacts const* used,
                        replica::Snapshot const& snapshot) const;
    LoginOutcome judged_as(mail::MailboxFacts const& mailbox, Try const& attempt, replica::CredentialFacts const* used,
                           mail::Answers const& current) const;
    bool remembers() const { return settings.remember.count() > 0; }
    bool is_same_user(Try const& attempt, mail::Answers const& answers) const;
    void finish(std::shared_ptr<Try> const& attempt, LoginOutcome outcome, bool at_once = false);
    void wrong(std::shared_ptr<Try> const& attempt);
    bool is_own_account(std::string_view login) const
    {
        return !settings.own_account.empty() && folded(login) == settings.own_account;
    }
    void enter_own(std::shared_ptr<Try> const& attempt);
    bool is_too_old() const;
    mail::Answers answers(replica::Snapshot const& snapshot) const
    {
        return {snapshot, now(), lookups.site().delimiter};
    }

    Lookups& lookups;
    replica::Replica& replica;
    password::Pool& pool;
    password::Remembered& remembered;
    password::Admission& admission;
    Settings settings;
    Later later;
    Probes probes;
    std::vector<Counter*> counters;
    Guarded<std::deque<store::Store::SignIn>> sign_ins;
    Guarded<std::deque<Confirmed>> confirmed;
    Awaited<Judging> judging;
};

Logins::Logins(Lookups& lookups, replica::Replica& replica, password::Pool& pool, password::Remembered& remembered,
               password::Admission& admission, Settings settings, Later later, Metrics& metrics)
    : impl_(std::make_shared<Impl>(lookups, replica, pool, remembered, admission, settings, std::move(later), metrics))
{
}

void Logins::verify(LoginAttempt attempt, Done done)
{
    auto one = std::make_shared<Try>();
    one->attempt = std::move(attempt);
    one->done = std::move(done);
    impl_->begin(one);
}

bool Logins::Impl::is_too_old() const
{
    return settings.max_age.count() > 0 && replica.health().is_older_than(settings.max_age);
}

// The account; nothing where there is none of that name.
std::optional<mail::MailboxFacts> Logins::Impl::find(Try& attempt, replica::Snapshot const& snapshot) const
{
    auto const facts = answers(snapshot).login(attempt.attempt.login);
    if (!facts || facts->kind == mail::MailboxKind::shared) return std::nullopt;
    attempt.mailbox_id = facts->id;
    attempt.name = facts->name;
    attempt.stamp = facts->stamp;
    attempt.expires = facts->expires;
    for (auto& credential : snapshot.credentials(facts->name)) {
        bool const is_password = credential.kind == mail::CredentialKind::password ||
                                 credential.kind == mail::CredentialKind::app_password ||
                                 credential.kind == mail::CredentialKind::scram;
        if (is_password && !has_passed(credential.expires) && attempt.candidates.size() < most_credentials)
            attempt.candidates.push_back(std::move(credential));
    }
    return facts;
}

void Logins::Impl::begin(std::shared_ptr<Try> const& attempt)
{
    try {
        if (is_too_old()) return finish(attempt, {.verdict = Verdict::cannot_tell, .reason = try_later});
        auto const& snapshot = to_answer_from(replica);
        auto const found = find(*attempt, snapshot);
        auto const& asked = attempt->attempt;
        // A probe is known by the name it was made for, also when that account is gone by now.
        auto const name = found ? std::optional(attempt->name) : mail::login_from_wire(asked.login);
        if (name && probes.knows(*name, asked.from, asked.password)) {
            auto outcome =
                found ? judged_as(*found, *attempt, nullptr, answers(snapshot))
                      : LoginOutcome{.verdict = Verdict::off, .name = *name, .reason = "This account is disabled"};
            return finish(attempt, std::move(outcome), true);
        }
        // Not by what was found: an account that does not exist must not look different.
        auto const guessed = mail::guessed_login(asked.login, lookups.site().delimiter);
        auto admitted = admission.admit(guessed, password::Network::of(asked.from), asked.arrival);
        if (admitted.gate == password::Gate::refused)
            return finish(attempt, {.verdict = Verdict::cannot_tell, .reason = "Too many failures, try again later"});
        if (admitted.gate == password::Gate::busy)
            return finish(attempt, {.verdict = Verdict::cannot_tell, .reason = try_later});
        attempt->ticket = std::move(admitted.ticket);
        if (is_own_account(asked.login)) return enter_own(attempt);
        if (!found || attempt->candidates.empty()) return wrong(attempt);
        auto const is_remembered = [&](auto const& candidate) {
            return remembered.knows(asked.password, {attempt->mailbox_id, candidate.hash, attempt->stamp},
                                    Clock::now());
        };
        for (auto const& candidate : attempt->candidates)
            if (remembers() && is_remembered(candidate))
                return finish(attempt, judged_as(*found, *attempt, &candidate, answers(snapshot)));
        check(attempt);
    } catch (std::exception const& trouble) {
        log::error("LOGIN_NOT_JUDGED", {{"login", attempt->attempt.login}, {"error", trouble.what()}});
        finish(attempt, {.verdict = Verdict::cannot_tell, .reason = try_later});
    }
}

// Hashes on the pool, never on an event loop: unless that takes no longer than to hand it over.
void Logins::Impl::check(std::shared_ptr<Try> const& attempt)
{
    auto const& candidates = attempt->candidates;
    auto const has = [&](auto const& what) {
        return std::any_of(candidates.begin(), candidates.end(), [&](auto const& one) { return what(one.hash); });
    };
    if (!has([](auto const& hash) { return !password::is_trifle(hash); }))
        return conclude(
            attempt, compare(*attempt), [this]() -> auto const& { return replica.snapshot(); });
    bool const dear = has([](auto const& hash) { return password::cost_class(hash) != password::Cost::cheap; });
    bool const taken =
        pool.submit(dear ? password::Cost::dear : password::Cost::cheap, [self = shared_from_this(), attempt] {
            if (Clock::now() - attempt->attempt.arrival > self->settings.deadline)
                return self->finish(attempt, {.verdict = Verdict::cannot_tell, .reason = try_later});
            auto const compared = compare(*attempt);
            if (compared.right == nullptr) return self->conclude(attempt, compared, nullptr);
            UnderWay const until_answered(self->judging);
            std::optional<replica::Held> held;
            self->conclude(
                attempt, compared, [&]() -> auto const& { return *held.emplace(self->replica); });
        });
    if (!taken) finish(attempt, {.verdict = Verdict::cannot_tell, .reason = try_later});
}

Logins::Impl::Compared Logins::Impl::compare(Try const& attempt)
{
    Compared compared;
    for (auto const& candidate : attempt.candidates) {
        switch (password::verify(attempt.attempt.password, candidate.hash)) {
            case password::Verdict::right:
                compared.right = &candidate;
                return compared;
            case password::Verdict::wrong:
                break;
            case password::Verdict::cannot_tell:
                compared.unsure = true;
                break;
        }
    }
    return compared;
}

// After a password was found right, the state is judged as it is now, not as it was when hashing began.
void Logins::Impl::conclude(std::shared_ptr<Try> const& attempt, Compared compared, Newest const& newest)
{
    if (compared.right == nullptr) {
        if (compared.unsure) return finish(attempt, {.verdict = Verdict::cannot_tell, .reason = try_later});
        return wrong(attempt);
    }
    LoginOutcome outcome{.verdict = Verdict::cannot_tell, .reason = try_later};
    try {
        auto const& used = *compared.right;
        outcome = judged(*attempt, &used, newest());
        if (remembers() && outcome.verdict == Verdict::accepted) {
            auto until = Clock::now() + settings.remember;
            for (auto const expires : {attempt->expires, used.expires})
                if (expires != mail::never) until = std::min(until, Clock::now() + (from_millis(expires) - now()));
            remembered.remember(attempt->attempt.password, {attempt->mailbox_id, used.hash, outcome.stamp}, until);
        }
    } catch (std::exception const& trouble) {
        log::error("LOGIN_NOT_JUDGED", {{"login", attempt->attempt.login}, {"error", trouble.what()}});
    }
    finish(attempt, std::move(outcome));
}

bool Logins::Impl::is_same_user(Try const& attempt, mail::Answers const& answers) const
{
    if (attempt.attempt.authzid.empty()) return true;
    auto const wanted = answers.login(attempt.attempt.authzid);
    return wanted && wanted->id == attempt.mailbox_id;
}

// `used` is the credential whose password was right; none for a probe.
LoginOutcome Logins::Impl::judged(Try const& attempt, replica::CredentialFacts const* used,
                                  replica::Snapshot const& snapshot) const
{
    auto const current = answers(snapshot);
    auto const entry = snapshot.entry(attempt.name);
    LoginOutcome outcome{.verdict = Verdict::off, .name = attempt.name, .reason = "This account is disabled"};
    if (entry.kind != mail::Entry::Kind::mailbox || entry.mailbox.id != attempt.mailbox_id) return outcome;
    if (used != nullptr && entry.mailbox.stamp != attempt.stamp) {
        auto const now_held = snapshot.credentials(attempt.name);
        bool const still = std::any_of(now_held.begin(), now_held.end(),
                                       [&](auto const& c) { return c.id == used->id && c.hash == used->hash; });
        if (!still) return {.verdict = Verdict::cannot_tell, .reason = try_later};
    }
    return judged_as(entry.mailbox, attempt, used, current);
}

LoginOutcome Logins::Impl::judged_as(mail::MailboxFacts const& mailbox, Try const& attempt,
                                     replica::CredentialFacts const* used, mail::Answers const& current) const
{
    LoginOutcome outcome{.verdict = Verdict::off, .name = attempt.name, .reason = "This account is disabled"};
    if (mail::who_is_told_what(mail::Question::sign_in, current.condition(mailbox)) != mail::Told::verify)
        return outcome;
    outcome.verdict = Verdict::not_allowed;
    if (!mailbox.services.has(attempt.attempt.service) ||
        (used != nullptr && !used->services.has(attempt.attempt.service))) {
        outcome.reason = "This account may not use this service";
        return outcome;
    }
    if (used != nullptr && !used->networks.empty() &&
        std::none_of(used->networks.begin(), used->networks.end(),
                     [&](auto const& network) { return network_has(network, attempt.attempt.from); })) {
        outcome.reason = "This password may not be used from here";
        return outcome;
    }
    if (!is_same_user(attempt, current)) {
        outcome.reason = "This account may not act as another";
        return outcome;
    }
    return {.verdict = Verdict::accepted, .name = attempt.name, .stamp = mailbox.stamp, .reason = {}};
}

// It acts as whom it likes at the server whose administrator it is, and here only as itself.
void Logins::Impl::enter_own(std::shared_ptr<Try> const& attempt)
{
    auto const& asked = attempt->attempt;
    auto const password = settings.own_password();
    auto const known = password.reveal();
    auto const given = asked.password.reveal();
    bool const is_right =
        !known.empty() && known.size() == given.size() && sodium_memcmp(known.data(), given.data(), known.size()) == 0;
    if (!is_right) return wrong(attempt);
    bool const is_allowed = (asked.service == mail::Service::imap || asked.service == mail::Service::sieve) &&
                            (asked.authzid.empty() || is_own_account(asked.authzid));
    if (!is_allowed)
        return finish(attempt, {.verdict = Verdict::not_allowed,
                                .name = settings.own_account,
                                .reason = "This account may not use this service"});
    finish(attempt, {.verdict = Verdict::accepted, .name = settings.own_account, .reason = {}});
}

void Logins::Impl::wrong(std::shared_ptr<Try> const& attempt)
{
    if (attempt->ticket) attempt->due = attempt->ticket->failed(attempt->attempt.password, Clock::now());
    finish(attempt, {.verdict = Verdict::wrong});
}

void Logins::Impl::finish(std::shared_ptr<Try> const& attempt, LoginOutcome outcome, bool at_once)
{
    auto const& asked = attempt->attempt;
    counters[static_cast<std::size_t>(outcome.verdict)]->add();
    bool const right = outcome.verdict != Verdict::wrong && outcome.verdict != Verdict::cannot_tell;
    if (right && attempt->ticket) attempt->ticket->succeeded(Clock::now());
    attempt->ticket.reset();
    if (outcome.verdict == Verdict::accepted && !at_once && !asked.is_trial) {
        sign_ins.with([&](auto& list) {
            list.push_back({outcome.name, word(asked.service), asked.from, now()});
            if (list.size() > most_sign_ins) list.pop_front();
        });
    }
    if (outcome.verdict != Verdict::accepted)
        log::info("LOGIN_REFUSED", {{"login", asked.login},
                                    {"service", word(asked.service)},
                                    {"from", asked.from},
                                    {"verdict", word(outcome.verdict)},
                                    {"reason", outcome.reason}});
    bool const prompt = at_once || outcome.verdict == Verdict::accepted || outcome.verdict == Verdict::cannot_tell;
    auto const due = std::max(attempt->due, admission.failure_due(asked.arrival, Clock::now()));
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
    if (prompt || left.count() <= 0) return attempt->done(std::move(outcome));
    later(left, [attempt, outcome] { attempt->done(outcome); });
}

Found Logins::confirm(std::string_view name, mail::Service service, UserFields& fields, std::string& reason)
{
    try {
        auto const& snapshot = to_answer_from(impl_->replica);
        auto const entry = snapshot.entry(name);
        if (entry.kind != mail::Entry::Kind::mailbox) return Found::not_found;
        auto const condition = impl_->answers(snapshot).condition(entry.mailbox);
        if (mail::who_is_told_what(mail::Question::sign_in, condition) != mail::Told::verify ||
            !entry.mailbox.services.has(service)) {
            reason = "This account is disabled";
            return Found::not_found;
        }
        fields = fields_of(entry.mailbox, impl_->lookups.site());
        impl_->confirmed.with([&](auto& list) {
            auto const time = Clock::now();
            list.push_back({fields.name, time});
            while (!list.empty() && time - list.front().at > confirmed_kept) list.pop_front();
        });
        return Found::found;
    } catch (std::exception const& trouble) {
        reason = try_later;
        log::error("LOGIN_NOT_CONFIRMED", {{"user", std::string(name)}, {"error", trouble.what()}});
        return Found::cannot_tell;
    }
}

bool Logins::barrier(std::chrono::milliseconds limit)
{
    auto const later = impl_->judging.with([](Judging const& all) { return all.next; });
    return impl_->judging.wait_for(
        limit, [&](Judging const& all) { return all.under_way.empty() || *all.under_way.begin() >= later; });
}

std::vector<store::Store::SignIn> Logins::take_sign_ins()
{
    return impl_->sign_ins.with([](auto& list) {
        std::vector<store::Store::SignIn> out(std::make_move_iterator(list.begin()),
                                              std::make_move_iterator(list.end()));
        list.clear();
        return out;
    });
}

std::unique_ptr<Logins::Probe> Logins::probe(std::string_view name) { return impl_->probes.make(name); }

int Logins::confirmed_lately(std::string_view name, std::chrono::milliseconds window)
{
    return impl_->confirmed.with([&](auto& list) {
        auto const since = Clock::now() - window;
        return static_cast<int>(
            std::count_if(list.begin(), list.end(), [&](auto const& c) { return c.at >= since && c.name == name; }));
    });
}

char const* word(Verdict verdict)
{
    switch (verdict) {
        case Verdict::accepted:
            return "accepted";
        case Verdict::wrong:
            return "wrong";
        case Verdict::off:
            return "off";
        case Verdict::not_allowed:
            return "not allowed";
        case Verdict::cannot_tell:
            return "cannot tell";
    }
    return "cannot tell";
}

}  // namespace provost::directory
