// SPDX-License-Identifier: Apache-2.0
// For tests: a site of a few accounts, whose passwords are checked at once or when the test says so.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocols/sign_ins.h"

namespace provost::protocols {

struct TestSignIns final : SignIns {
    using Done = std::function<void(directory::LoginOutcome)>;
    using Verdict = directory::Verdict;

    void verify(directory::LoginAttempt attempt, Done done) override
    {
        if (attempt.login == "throws@example.test") throw std::runtime_error("no copy");
        seen.push_back(
            {attempt.login, attempt.authzid, std::string(attempt.password.reveal()), attempt.from, attempt.service});
        auto outcome = judged(attempt);
        if (holds) held.emplace_back(std::move(done), std::move(outcome));
        else done(std::move(outcome));
    }
    directory::Found confirm(std::string_view name, mail::Service, directory::UserFields& fields,
                             std::string& reason) override
    {
        if (name == "throws@example.test") throw std::runtime_error("no copy");
        if (now_off) {
            reason = "This account is disabled";
            return directory::Found::not_found;
        }
        if (now_unsure) {
            reason = "the local copy is too old";
            return directory::Found::cannot_tell;
        }
        fields = {.name = std::string(name),
                  .mailbox_id = "1",
                  .home = "/var/vmail/" + std::string(name),
                  .uid = 5000,
                  .gid = 5000,
                  .quota_bytes = 10'485'760,
                  .quota_messages = -1,
                  .stamp = stamp};
        return directory::Found::found;
    }
    void release()
    {
        for (auto& [done, outcome] : std::exchange(held, {})) done(outcome);
    }

    struct Seen {
        std::string login, authzid, password, from;
        mail::Service service;
    };
    std::vector<Seen> seen;
    bool holds = false;
    bool now_off = false;
    bool now_unsure = false;
    std::uint64_t stamp = 7;
    std::vector<std::pair<Done, directory::LoginOutcome>> held;

private:
    static directory::LoginOutcome judged(directory::LoginAttempt const& attempt)
    {
        if (attempt.login.starts_with("temp@")) return {};
        if (attempt.login.starts_with("disabled@"))
            return {.verdict = Verdict::off, .name = attempt.login, .stamp = 0, .reason = "Account disabled"};
        if (attempt.login == "carol@example.test")
            return {.verdict = Verdict::not_allowed, .name = attempt.login, .stamp = 0, .reason = "Not this service"};
        std::map<std::string, std::string> const passwords{
            {"alice@example.test", "secret"}, {"Alice+x@Example.TEST", "secret"}, {"bob@example.test", "hunter2"}};
        auto const password = passwords.find(attempt.login);
        if (password == passwords.end() || password->second != attempt.password.reveal())
            return {.verdict = Verdict::wrong, .name = {}, .stamp = 0, .reason = {}};
        if (!attempt.authzid.empty() && attempt.authzid != attempt.login)
            return {.verdict = Verdict::not_allowed, .name = attempt.authzid, .stamp = 0, .reason = "Not as them"};
        auto const name = attempt.login.starts_with("Alice") ? "alice@example.test" : attempt.login;
        return {.verdict = Verdict::accepted, .name = name, .stamp = 7, .reason = {}};
    }
};

}  // namespace provost::protocols
