// SPDX-License-Identifier: Apache-2.0
// For tests: a target with stores of its own, in which things are otherwise.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "targets/target.h"

namespace provost::reconcile {

// Stores whose differences a test lays down, by the mailbox's name.
class TestStores final : public targets::Target {
public:
    explicit TestStores(std::string name) : name_(std::move(name)) {}

    std::string const& name() const override { return name_; }
    Result<mail::Store> place(mail::Mailbox const&) const override
    {
        return fail(Fault::unavailable, "nobody places by it");
    }
    Result<mail::Store> ensure(mail::Mailbox const&) override { return fail(Fault::unavailable, "nobody mends by it"); }
    Result<mail::Store> set_aside(mail::Mailbox const& mailbox) override { return mailbox.store; }
    Result<void> retire(mail::Mailbox const&) override { return {}; }
    Result<mail::Fullness> usage(std::string const&) override { return mail::Fullness(); }
    Result<std::vector<targets::Difference>> compare(mail::Mailbox const& mailbox) override
    {
        if (is_away) return fail(Fault::unavailable, "nobody answers");
        compared.push_back(mailbox);
        return otherwise[mailbox.name];
    }
    Result<mail::Store> mend(mail::Mailbox const& mailbox) override
    {
        if (is_away) return fail(Fault::unavailable, "nobody answers");
        mended.push_back(mailbox);
        otherwise.erase(mailbox.name);
        return mail::Store{.target = name_,
                           .name = mailbox.name,
                           .generation = "new-" + mailbox.id.text(),
                           .state = mail::StoreState::ready,
                           .reason = ""};
    }
    Result<std::vector<targets::Stranger>> strangers(std::function<bool(std::string const&)> const& is_ours) override
    {
        std::vector<targets::Stranger> found;
        for (auto const& [id, name] : there)
            if (!is_ours(id)) found.push_back({name, id});
        return found;
    }
    Result<void> remove(targets::Stranger const& stranger) override
    {
        removed.push_back(stranger.name + " " + stranger.id);
        there.erase(stranger.id);
        return {};
    }
    Result<std::vector<targets::OpenSession>> sessions(std::vector<std::string> const& names) override
    {
        std::vector<targets::OpenSession> found;
        for (auto const& user : open)
            if (std::ranges::count(names, user) > 0) found.push_back({user, "imap", "::1", "1"});
        return found;
    }
    Result<void> end_sessions(std::vector<std::string> const& names) override
    {
        for (auto const& name : names) {
            ended.push_back(name);
            std::erase(open, name);
        }
        return {};
    }

    std::map<std::string, std::vector<targets::Difference>> otherwise;
    std::map<std::string, std::string> there;  // names by id
    std::vector<std::string> open;             // users with a session
    std::vector<std::string> ended;
    std::vector<std::string> removed;
    std::vector<mail::Mailbox> compared;
    std::vector<mail::Mailbox> mended;
    bool is_away = false;

private:
    std::string name_;
};

}  // namespace provost::reconcile
