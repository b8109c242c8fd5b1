// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/pending_logins.h"

namespace provost::protocols {
namespace {

std::string text_of(PendingLogins::Key const& key)
{
    return std::to_string(key.client) + "/" + std::to_string(key.auth) + "/" + key.cookie;
}

}  // namespace

bool PendingLogins::add(Key const& key, Login login, Moment now)
{
    return table_.with([&](Table& table) {
        forget_old(table, now);
        auto text = text_of(key);
        auto const same = table.by_key.find(text);
        if (same != table.by_key.end()) forget(table, same->second);
        if (table.entries.size() >= most_pending) return false;
        table.entries.push_back({std::move(text), std::move(login), now});
        auto const entry = std::prev(table.entries.end());
        table.by_key.emplace(entry->key, entry);
        return true;
    });
}

std::optional<PendingLogins::Login> PendingLogins::take(Key const& key, Moment now)
{
    return table_.with([&](Table& table) -> std::optional<Login> {
        forget_old(table, now);
        auto const found = table.by_key.find(text_of(key));
        if (found == table.by_key.end()) return std::nullopt;
        auto login = std::move(found->second->login);
        forget(table, found->second);
        return login;
    });
}

bool PendingLogins::wait_until_taken(std::chrono::milliseconds recent, Moment now)
{
    return table_.wait_for(recent, [since = now - recent](Table const& table) {
        return table.entries.empty() || table.entries.back().since < since;
    });
}

std::size_t PendingLogins::size()
{
    return table_.with([](Table const& table) { return table.entries.size(); });
}

void PendingLogins::forget_old(Table& table, Moment now)
{
    while (!table.entries.empty() && now - table.entries.front().since >= lifetime)
        forget(table, table.entries.begin());
}

void PendingLogins::forget(Table& table, std::list<Entry>::iterator entry)
{
    table.by_key.erase(entry->key);
    table.entries.erase(entry);
}

}  // namespace provost::protocols
