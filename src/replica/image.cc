// SPDX-License-Identifier: Apache-2.0
#include "replica/image.h"

#include <set>
#include <unordered_map>

namespace provost::replica {
namespace {

constexpr int page = 1000;  // mailboxes read at a time

std::string_view domain_part(std::string_view name)
{
    auto const at = name.rfind('@');
    return at == std::string_view::npos ? std::string_view() : name.substr(at + 1);
}

void rows_of(mail::Domain const& domain, Sink const& sink)
{
    sink(Table::domain, domain.name.text(), encode(domain));
    sink(Table::id, id_key(store::Kind::domain, domain.id.text()), encode(Place{Table::domain, domain.name.text()}));
}

void rows_of(mail::Alias const& alias, Sink const& sink)
{
    sink(Table::entry, alias.address.text(), encode(alias));
    sink(Table::id, id_key(store::Kind::alias, alias.id.text()), encode(Place{Table::entry, alias.address.text()}));
}

void rows_of(store::MailboxRecord const& record, Limit domain_default, Sink const& sink)
{
    auto const& mailbox = record.mailbox;
    bool const deleted = mailbox.state == mail::MailboxState::deleted;
    Place const place = deleted ? Place{Table::deleted, deleted_key(mailbox.name, mailbox.id.text())}
                                : Place{Table::entry, mailbox.name};
    sink(place.table, place.key, encode(record, domain_default));
    sink(Table::id, id_key(store::Kind::mailbox, mailbox.id.text()), encode(place));
    if (deleted) return;
    for (auto const& login : mailbox.logins)
        if (login != mailbox.name) sink(Table::login, login, encode(Owner{mailbox.name, false}));
    for (auto const& name : mailbox.former_names) sink(Table::login, name, encode(Owner{mailbox.name, true}));
}

void rows_of(mail::Admin const& admin, Sink const& sink)
{
    sink(Table::admin, admin.id.text(), encode(admin));
    sink(Table::id, id_key(store::Kind::admin, admin.id.text()), encode(Place{Table::admin, admin.id.text()}));
}

void rows_of(mail::Token const& token, Sink const& sink)
{
    Place const place{Table::token, std::string(token_key(token.hash))};
    sink(place.table, place.key, encode(token));
    sink(Table::id, id_key(store::Kind::token, token.id.text()), encode(place));
}

struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// The default quotas of domains, each read once.
class Defaults {
public:
    explicit Defaults(store::Reading& record) : record_(record) {}
    Limit of(std::string_view name) { return of_domain(domain_part(name)); }
    Limit of_domain(std::string_view domain)
    {
        auto const found = known_.find(domain);
        if (found != known_.end()) return found->second;
        auto const read = domain.empty() ? std::nullopt : record_.domain(domain);
        return known_.emplace(domain, read ? read->limits.default_quota : Limit::unset()).first->second;
    }

private:
    store::Reading& record_;
    std::unordered_map<std::string, Limit, Hash, std::equal_to<>> known_;
};

// Mailboxes whose quota is their domain's have it written into their records.
void add_quotas(store::Reading& record, std::string const& domain, std::int64_t quota, Batch& batch)
{
    std::string after;
    for (;;) {
        auto const some = record.mailboxes("*@" + domain, after, page);
        for (auto const& mailbox : some)
            if (mailbox.quota_bytes.is_unset()) batch.quotas_of[mailbox.name] = quota;
        if (some.size() < static_cast<std::size_t>(page)) return;
        after = some.back().name;
    }
}

}  // namespace

void every_row(store::Reading& record, Sink const& sink)
{
    record.every_domain([&](mail::Domain const& domain) { rows_of(domain, sink); });
    Defaults defaults(record);
    record.every_mailbox(
        [&](store::MailboxRecord const& mailbox) { rows_of(mailbox, defaults.of(mailbox.mailbox.name), sink); });
    record.every_alias([&](mail::Alias const& alias) { rows_of(alias, sink); });
    for (auto const& admin : record.admins("")) {
        rows_of(admin, sink);
        for (auto const& token : record.tokens_of(admin.id.text())) rows_of(token, sink);
    }
}

void every_usage(store::Reading& record, Rows const* before, Sink const& sink)
{
    record.every_usage([&](std::string_view id, store::Usage const& usage) {
        auto const key = id_key(store::Kind::mailbox, id);
        auto const known = before != nullptr ? before->row(Table::usage, key) : std::nullopt;
        sink(Table::usage, key, known ? std::string(*known) : encode(mail::Fullness{usage.bytes, usage.messages}));
    });
}

Batch batch_of(store::Reading& record, std::vector<store::Change> const& changes, DomainsBefore const& before)
{
    Batch batch;
    batch.position = record.position();
    Defaults defaults(record);
    Sink const keep = [&](Table table, std::string_view key, std::string_view value) {
        batch.rows.push_back({table, std::string(key), std::string(value)});
    };
    std::set<std::pair<store::Kind, std::string>> seen;
    std::set<std::string> domains;
    for (auto const& change : changes) {
        if (!seen.emplace(change.kind, change.id).second) continue;
        batch.touched.push_back(id_key(change.kind, change.id));
        switch (change.kind) {
            case store::Kind::domain:
                if (auto name = before.name_of(change.id)) domains.insert(*std::move(name));
                if (auto const domain = record.domain_by_id(change.id)) {
                    rows_of(*domain, keep);
                    domains.insert(domain->name.text());
                }
                break;
            case store::Kind::mailbox:
                if (auto const mailbox = record.mailbox_by_id(change.id))
                    rows_of(*mailbox, defaults.of(mailbox->mailbox.name), keep);
                break;
            case store::Kind::alias:
                if (auto const alias = record.alias_by_id(change.id)) rows_of(*alias, keep);
                break;
            case store::Kind::admin:
                if (auto const admin = record.admin_by_id(change.id)) rows_of(*admin, keep);
                break;
            case store::Kind::token:
                if (auto const token = record.token_by_id(change.id)) rows_of(*token, keep);
                break;
        }
    }
    for (auto const& domain : domains) {
        auto const quota = default_quota(defaults.of_domain(domain));
        if (quota != before.default_quota_of(domain)) add_quotas(record, domain, quota, batch);
    }
    return batch;
}

void apply(WriteTransaction& copy, Batch const& batch)
{
    // All that was goes before anything new comes: one may have what another gave up.
    for (auto const& id : batch.touched) {
        auto const found = copy.get(Table::id, id);
        if (!found) continue;
        auto const place = decode_place(*found);
        auto const record = copy.get(place.table, place.key);
        std::vector<std::string> logins;
        if (record && place.table == Table::entry) {
            auto const tail = decode_tail(*record);
            for (auto const& list : {tail.logins, tail.former_names})
                for (auto login : list) logins.emplace_back(login);
        }
        for (auto const& login : logins)
            if (login != place.key) copy.remove(Table::login, login);
        copy.remove(place.table, place.key);
        copy.remove(Table::id, id);
    }
    for (auto const& row : batch.rows) copy.put(row.table, row.key, row.value);
    for (auto const& id : batch.touched)
        if (!copy.get(Table::id, id)) copy.remove(Table::usage, id);
    for (auto const& [name, quota] : batch.quotas_of) {
        auto const record = copy.get(Table::entry, name);
        auto const changed = record ? with_domain_quota(*record, quota) : std::nullopt;
        if (changed) copy.put(Table::entry, name, *changed);
    }
    copy.put(Table::meta, "position", encode(batch.position));
}

}  // namespace provost::replica
