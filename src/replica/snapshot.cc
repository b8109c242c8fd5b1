// SPDX-License-Identifier: Apache-2.0
#include "replica/snapshot.h"

#include <atomic>

#include <sodium/utils.h>

namespace provost::replica {
namespace {

constexpr std::size_t longest_key = 511;  // LMDB's MDB_MAXKEYSIZE; what is longer cannot be there

class Cursor {
public:
    Cursor(MDB_txn* txn, MDB_dbi table) { check(mdb_cursor_open(txn, table, &cursor_), "cursor"); }
    ~Cursor() { mdb_cursor_close(cursor_); }
    Cursor(Cursor const&) = delete;
    Cursor& operator=(Cursor const&) = delete;

    // Goes to the first key not before `from`; false at the end.
    bool seek(std::string_view from)
    {
        key_ = val(from);
        return got(mdb_cursor_get(cursor_, &key_, &value_, from.empty() ? MDB_FIRST : MDB_SET_RANGE));
    }
    bool next() { return got(mdb_cursor_get(cursor_, &key_, &value_, MDB_NEXT)); }
    std::string_view key() const { return view(key_); }
    std::string_view value() const { return view(value_); }

private:
    static bool got(int code)
    {
        if (code == MDB_NOTFOUND) return false;
        check(code, "walk");
        return true;
    }
    MDB_cursor* cursor_ = nullptr;
    MDB_val key_ = {};
    MDB_val value_ = {};
};

}  // namespace

std::uint64_t new_content()
{
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

LmdbSnapshot::LmdbSnapshot(std::shared_ptr<Environment const> environment) : environment_(std::move(environment))
{
    check(mdb_txn_begin(environment_->get(), nullptr, MDB_RDONLY, &txn_), "begin");
    try {
        for (std::size_t i = 0; i < table_count; ++i)
            check(mdb_cursor_open(txn_, environment_->table(static_cast<Table>(i)), &cursors_[i]), "cursor");
    } catch (...) {
        close();
        throw;
    }
}

LmdbSnapshot::~LmdbSnapshot() { close(); }

void LmdbSnapshot::close()
{
    for (auto* cursor : cursors_)
        if (cursor != nullptr) mdb_cursor_close(cursor);
    mdb_txn_abort(txn_);
}

void LmdbSnapshot::rewind() { mdb_txn_reset(txn_); }

void LmdbSnapshot::renew()
{
    check(mdb_txn_renew(txn_), "renew");
    for (auto* cursor : cursors_) check(mdb_cursor_renew(txn_, cursor), "renew");
}

std::optional<LmdbSnapshot::Pair> LmdbSnapshot::find(Table table, std::string_view key) const
{
    if (key.empty() || key.size() > longest_key) return std::nullopt;
    auto k = val(key);
    MDB_val value = {};
    auto const code = mdb_cursor_get(cursors_[static_cast<std::size_t>(table)], &k, &value, MDB_SET_KEY);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, "get");
    return Pair{view(k), view(value)};
}

std::optional<mail::DomainFacts> LmdbSnapshot::domain(std::string_view name) const
{
    auto const found = find(Table::domain, name);
    return found ? std::optional(decode_domain(found->value)) : std::nullopt;
}

mail::Entry LmdbSnapshot::entry(std::string_view name) const
{
    auto const found = find(Table::entry, name);
    return found ? decode_entry(found->key, found->value) : mail::Entry();
}

bool LmdbSnapshot::is_deleted(std::string_view name) const { return deleted_mailbox(name).has_value(); }

std::optional<std::string_view> LmdbSnapshot::owner_of_login(std::string_view login) const
{
    auto const found = find(Table::login, login);
    return found && !decode_owner(found->value).was ? std::optional(found->value) : std::nullopt;
}

std::optional<std::string_view> LmdbSnapshot::owner_of_former_name(std::string_view name) const
{
    auto const found = find(Table::login, name);
    if (!found) return std::nullopt;
    auto const owner = decode_owner(found->value);
    return owner.was ? std::optional(owner.name) : std::nullopt;
}

store::Position LmdbSnapshot::position() const
{
    auto const found = find(Table::meta, "position");
    if (!found) throw EnvironmentError("replica: has no position");
    return decode_position(found->value);
}

std::uint64_t LmdbSnapshot::content() const
{
    auto const transaction = mdb_txn_id(txn_);
    if (content_ != 0 && transaction == content_transaction_) return content_;
    auto const found = find(Table::meta, "position");
    if (!found) throw EnvironmentError("replica: has no position");
    // A position names a revision of one record and no other, so that what is under it cannot differ.
    if (content_ == 0 || found->value != content_position_) content_ = new_content();
    content_transaction_ = transaction;
    content_position_ = found->value;
    return content_;
}

bool LmdbSnapshot::begun() const
{
    if (!begun_) begun_ = position().revision > 0;
    return begun_;
}

std::vector<CredentialFacts> LmdbSnapshot::credentials(std::string_view mailbox_name) const
{
    auto const found = find(Table::entry, mailbox_name);
    return found ? decode_tail(found->value).credentials : std::vector<CredentialFacts>();
}

std::vector<std::string> LmdbSnapshot::mailbox_names(std::string_view after, std::size_t limit) const
{
    std::vector<std::string> names;
    if (after.size() > longest_key) after = after.substr(0, longest_key);
    Cursor cursor(txn_, environment_->table(Table::entry));
    for (bool more = cursor.seek(after); more && names.size() < limit; more = cursor.next())
        if (cursor.key() != after && decode_entry(cursor.key(), cursor.value()).kind == mail::Entry::Kind::mailbox)
            names.emplace_back(cursor.key());
    return names;
}

std::optional<mail::MailboxFacts> LmdbSnapshot::deleted_mailbox(std::string_view name) const
{
    auto const prefix = deleted_key(name, "");
    if (prefix.size() > longest_key) return std::nullopt;
    std::optional<mail::MailboxFacts> newest;
    std::int64_t newest_until = 0;
    Cursor cursor(txn_, environment_->table(Table::deleted));
    for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix); more = cursor.next()) {
        auto const tail = decode_tail(cursor.value());
        bool const given_up = tail.restorable_until == mail::never;  // its home must not be made again
        if (given_up || (newest && tail.restorable_until < newest_until)) continue;
        newest = decode_entry(cursor.key().substr(0, name.size()), cursor.value()).mailbox;
        newest_until = tail.restorable_until;
        auto const at = name.rfind('@');
        if (!tail.quota_of_domain || at == std::string_view::npos) continue;
        auto const facts = domain(name.substr(at + 1));
        newest->quota_bytes = facts ? facts->default_quota : -1;
    }
    return newest;
}

std::optional<mail::Fullness> LmdbSnapshot::fullness(std::string_view mailbox_id) const
{
    auto const found = find(Table::usage, id_key(store::Kind::mailbox, mailbox_id));
    return found ? std::optional(decode_fullness(found->value)) : std::nullopt;
}

std::optional<std::string> LmdbSnapshot::name_of(store::Kind kind, std::string_view id, Table table) const
{
    auto const found = find(Table::id, id_key(kind, id));
    if (!found) return std::nullopt;
    auto place = decode_place(found->value);
    return place.table == table ? std::optional(std::move(place.key)) : std::nullopt;
}

void LmdbSnapshot::give_names(mail::Domains& domains) const
{
    std::erase_if(domains.some, [&](auto& domain) {
        auto name = name_of(store::Kind::domain, domain.id.text(), Table::domain);
        if (name) domain.name = *std::move(name);
        return domain.name.empty();
    });
}

std::optional<mail::Admin> LmdbSnapshot::admin(std::string_view id) const
{
    auto const found = find(Table::admin, id);
    if (!found) return std::nullopt;
    auto admin = decode_admin(found->value);
    give_names(admin.domains);
    if (admin.mailbox)
        admin.mailbox->name = name_of(store::Kind::mailbox, admin.mailbox->id.text(), Table::entry).value_or("");
    return admin;
}

std::optional<mail::Token> LmdbSnapshot::token(std::string_view hash) const
{
    auto const found = find(Table::token, token_key(hash));
    if (!found) return std::nullopt;
    auto token = decode_token(found->value);
    if (hash.size() != token.hash.size() || sodium_memcmp(hash.data(), token.hash.data(), hash.size()) != 0)
        return std::nullopt;
    give_names(token.domains);
    return token;
}

std::optional<std::string_view> LmdbSnapshot::row(Table table, std::string_view key) const
{
    auto const found = find(table, key);
    return found ? std::optional(found->value) : std::nullopt;
}

std::size_t LmdbSnapshot::row_count(Table table) const
{
    MDB_stat stat = {};
    check(mdb_stat(txn_, environment_->table(table), &stat), "stat");
    return stat.ms_entries;
}

void LmdbSnapshot::every_row(Table table,
                             std::function<void(std::string_view key, std::string_view value)> const& visit) const
{
    Cursor cursor(txn_, environment_->table(table));
    for (bool more = cursor.seek(""); more; more = cursor.next()) visit(cursor.key(), cursor.value());
}

}  // namespace provost::replica
