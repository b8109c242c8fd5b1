// SPDX-License-Identifier: Apache-2.0
// A store of its own for each test, and short ways to act on it.
#pragma once

#include <gtest/gtest.h>

#include "base/test_source.h"
#include "mail/model.h"
#include "sql/test_database.h"
#include "store/store.h"

namespace provost::store {

class TestStore {
public:
    TestStore() { reopen(); }
    // As after a restart of the daemon.
    void reopen()
    {
        store_.reset();
        auto opened = open_store(database_.url(), in_source("schema"));
        if (!opened) throw std::runtime_error(opened.error().message);
        store_ = *std::move(opened);
    }
    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }
    // SQLite only: as an administrator does who copies the database, and puts the copy in its place under us.
    void back_up() { database_.connect()->query("VACUUM INTO '" + database_.file() + ".backup'"); }
    void restore()
    {
        for (auto const* part : {"-wal", "-shm"}) std::filesystem::remove(database_.file() + part);
        std::filesystem::rename(database_.file() + ".backup", database_.file());
    }
    sql::TestDatabase const& database() const { return database_; }

    Position act(std::function<void(Writing&)> const& act)
    {
        auto const done = store_->act({"test", "local"}, [&](Writing& w) -> Result<void> {
            act(w);
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return *done;
    }
    template <class Use>
    auto read(Use use)
    {
        std::optional<decltype(use(std::declval<Reading&>()))> out;
        store_->read([&](Reading& reading) { out = use(reading); });
        return *std::move(out);
    }
    std::optional<mail::Mailbox> mailbox(std::string_view name)
    {
        auto record = read([&](Reading& r) { return r.mailbox(name); });
        return record ? std::optional(record->mailbox) : std::nullopt;
    }
    std::optional<mail::Mailbox> deleted_mailbox(std::string_view name)
    {
        auto records = read([&](Reading& r) { return r.deleted_mailboxes(name); });
        return records.empty() ? std::nullopt : std::optional(std::move(records.front().mailbox));
    }

private:
    sql::TestDatabase database_;
    std::unique_ptr<Store> store_;
};

inline mail::Domain test_domain(std::string_view name)
{
    return {.id = DomainId::make(), .name = mail::DomainName::parse(name).value()};
}
inline mail::Mailbox test_mailbox(std::string_view name)
{
    mail::Mailbox mailbox;
    mailbox.id = MailboxId::make();
    mailbox.name = std::string(name);
    return mailbox;
}
inline mail::Address test_address(std::string_view text) { return mail::Address::parse(text).value(); }
inline mail::Alias test_alias(std::string_view address, std::vector<std::string> const& targets)
{
    mail::Alias alias{.id = AliasId::make(), .address = test_address(address)};
    for (auto const& target : targets) alias.targets.push_back(test_address(target));
    return alias;
}

}  // namespace provost::store
