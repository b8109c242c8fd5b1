// SPDX-License-Identifier: Apache-2.0
// One reading transaction on the copy, and what can be asked of it.
#pragma once

#include <functional>
#include <memory>

#include "replica/environment.h"
#include "replica/replica.h"

namespace provost::replica {

// The rows behind a snapshot, for comparing and for following.
class Rows {
public:
    virtual ~Rows() = default;
    virtual std::optional<std::string_view> row(Table table, std::string_view key) const = 0;
    virtual std::size_t row_count(Table table) const = 0;
    virtual void every_row(Table table,
                           std::function<void(std::string_view key, std::string_view value)> const& visit) const = 0;
};

// Kept by a thread and used again and again: `rewind` lets go of the state it shows, `renew` takes the newest one.
class LmdbSnapshot final : public Snapshot, public Rows {
public:
    explicit LmdbSnapshot(std::shared_ptr<Environment const> environment);
    ~LmdbSnapshot() override;
    LmdbSnapshot(LmdbSnapshot const&) = delete;
    LmdbSnapshot& operator=(LmdbSnapshot const&) = delete;
    void rewind();
    void renew();
    Environment const& environment() const { return *environment_; }

    std::optional<mail::DomainFacts> domain(std::string_view name) const override;
    mail::Entry entry(std::string_view name) const override;
    bool is_deleted(std::string_view name) const override;
    std::optional<std::string_view> owner_of_login(std::string_view login) const override;
    std::optional<std::string_view> owner_of_former_name(std::string_view name) const override;
    store::Position position() const override;
    std::uint64_t content() const override;
    bool begun() const override;
    std::vector<CredentialFacts> credentials(std::string_view mailbox_name) const override;
    std::vector<std::string> mailbox_names(std::string_view after, std::size_t limit) const override;
    std::optional<mail::MailboxFacts> deleted_mailbox(std::string_view name) const override;
    std::optional<mail::Fullness> fullness(std::string_view mailbox_id) const override;
    std::optional<mail::Admin> admin(std::string_view id) const override;
    std::optional<mail::Token> token(std::string_view hash) const override;

    std::optional<std::string_view> row(Table table, std::string_view key) const override;
    std::size_t row_count(Table table) const override;
    void every_row(Table table,
                   std::function<void(std::string_view key, std::string_view value)> const& visit) const override;

private:
    struct Pair {
        std::string_view key;
        std::string_view value;
    };
    // The key as it lies in the copy, and its value.
    std::optional<Pair> find(Table table, std::string_view key) const;
    // What the object is called; nothing where it is not in `table`.
    std::optional<std::string> name_of(store::Kind kind, std::string_view id, Table table) const;
    void give_names(mail::Domains& domains) const;
    void close();

    std::shared_ptr<Environment const> environment_;
    mutable bool begun_ = false;  // for good, once it is so
    // What content() last told, of which transaction and position.
    mutable std::uint64_t content_ = 0;
    mutable std::size_t content_transaction_ = 0;
    mutable std::string content_position_;
    MDB_txn* txn_ = nullptr;
    MDB_cursor* cursors_[table_count] = {};
};

}  // namespace provost::replica
