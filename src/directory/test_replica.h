// SPDX-License-Identifier: Apache-2.0
// A replica made of plain values, for tests of answers and logins.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mail/test_view.h"
#include "replica/replica.h"

namespace provost::directory {

class TestSnapshot final : public replica::Snapshot {
public:
    mail::TestView view;
    std::map<std::string, std::vector<replica::CredentialFacts>, std::less<>> held;
    std::map<std::string, mail::Mailbox, std::less<>> mailboxes;
    std::map<std::string, mail::Fullness, std::less<>> used;  // by id
    std::map<std::string, mail::Admin, std::less<>> admins;   // by id
    std::map<std::string, mail::Token, std::less<>> tokens;   // by hash
    std::uint64_t stamp = 1;
    bool has_begun = true;

    std::optional<mail::DomainFacts> domain(std::string_view name) const override { return view.domain(name); }
    mail::Entry entry(std::string_view name) const override
    {
        auto entry = view.entry(name);
        entry.mailbox.stamp = stamp;
        return entry;
    }
    bool is_deleted(std::string_view name) const override { return view.is_deleted(name); }
    std::optional<std::string_view> owner_of_login(std::string_view login) const override
    {
        return view.owner_of_login(login);
    }
    std::optional<std::string_view> owner_of_former_name(std::string_view name) const override
    {
        return view.owner_of_former_name(name);
    }
    store::Position position() const override { return {"epoch", stamp, "nonce"}; }
    std::uint64_t content() const override { return number_; }
    bool begun() const override { return has_begun; }
    std::vector<replica::CredentialFacts> credentials(std::string_view name) const override
    {
        auto const found = held.find(name);
        return found == held.end() ? std::vector<replica::CredentialFacts>{} : found->second;
    }
    std::vector<std::string> mailbox_names(std::string_view after, std::size_t limit) const override
    {
        std::vector<std::string> names;
        for (auto at = mailboxes.upper_bound(after); at != mailboxes.end() && names.size() < limit; ++at)
            names.push_back(at->first);
        return names;
    }
    std::optional<mail::MailboxFacts> deleted_mailbox(std::string_view) const override { return std::nullopt; }
    std::optional<mail::Fullness> fullness(std::string_view id) const override
    {
        auto const found = used.find(id);
        return found == used.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<mail::Admin> admin(std::string_view id) const override
    {
        auto const found = admins.find(id);
        return found == admins.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<mail::Token> token(std::string_view hash) const override
    {
        auto const found = tokens.find(hash);
        return found == tokens.end() ? std::nullopt : std::optional(found->second);
    }

private:
    std::uint64_t number_ = replica::new_content();
};

// Each change makes a new snapshot, as a follower would; threads see it after their next release.
class TestReplica final : public replica::Replica {
public:
    TestReplica()
    {
        change([](TestSnapshot&) {});
    }

    void change(std::function<void(TestSnapshot&)> const& how)
    {
        auto next = std::make_shared<TestSnapshot>();
        next->view.add(mail::a_domain("example.test"));
        std::lock_guard const lock(mutex_);
        script_.push_back(how);
        next->stamp = script_.size();
        for (auto const& step : script_) step(*next);
        current_ = std::move(next);
    }
    void add(mail::Mailbox const& mailbox, std::string const& hash)
    {
        change([mailbox, hash](TestSnapshot& snapshot) {
            snapshot.view.add(mailbox);
            snapshot.mailboxes.insert_or_assign(mailbox.name, mailbox);
            snapshot.held[mailbox.name] = {{.id = "c-" + hash, .hash = hash, .networks = {}}};
        });
    }

    replica::Snapshot const& snapshot() override
    {
        if (broken) throw std::runtime_error("no usable copy");
        auto& held = held_by_thread();
        if (!held) {
            std::lock_guard const lock(mutex_);
            held = current_;
        }
        return *held;
    }
    void release() override { held_by_thread().reset(); }
    replica::Health health() const override
    {
        replica::Health health;
        health.last_contact = std::chrono::steady_clock::now() - age;
        health.usable = !broken;
        return health;
    }

    std::atomic<bool> broken{false};
    std::chrono::seconds age{0};

private:
    static std::shared_ptr<TestSnapshot>& held_by_thread()
    {
        thread_local std::shared_ptr<TestSnapshot> held;
        return held;
    }
    std::mutex mutex_;
    std::vector<std::function<void(TestSnapshot&)>> script_;
    std::shared_ptr<TestSnapshot> current_;
};

}  // namespace provost::directory
