// SPDX-License-Identifier: Apache-2.0
#include "password/remembered.h"

#include <algorithm>

#include <sodium/crypto_generichash.h>
#include <sodium/utils.h>

#include "base/random.h"
#include "password/scheme.h"

namespace provost::password {
namespace {

constexpr std::size_t most_per_account = 8;

bool can_match(Secret const& password)
{
    auto const bytes = password.reveal();
    return !bytes.empty() && bytes.size() <= longest_password && bytes.find('\0') == std::string_view::npos;
}

unsigned char const* bytes(void const* data) { return static_cast<unsigned char const*>(data); }

}  // namespace

Remembered::Remembered(std::size_t accounts)
    : key_(random_bytes(crypto_generichash_KEYBYTES)), most_per_shard_(std::max<std::size_t>(1, accounts / shard_count))
{
}

Remembered::Print Remembered::print_of(Secret const& password, Claim const& claim) const
{
    crypto_generichash_state state;
    Print print{};
    crypto_generichash_init(&state, bytes(key_.data()), key_.size(), print.size());
    auto add = [&](void const* data, std::size_t size) {
        // Each part with its length in front, or "ab" + "c" would be "a" + "bc".
        std::uint64_t const length = size;
        crypto_generichash_update(&state, bytes(&length), sizeof length);
        crypto_generichash_update(&state, bytes(data), size);
    };
    add(password.reveal().data(), password.reveal().size());
    add(claim.account.data(), claim.account.size());
    add(claim.stored.data(), claim.stored.size());
    add(&claim.stamp, sizeof claim.stamp);
    crypto_generichash_final(&state, print.data(), print.size());
    sodium_memzero(&state, sizeof state);
    return print;
}

Guarded<Remembered::Shard>& Remembered::shard_of(std::string_view account) const
{
    return shards_[std::hash<std::string_view>()(account) % shard_count];
}

bool Remembered::knows(Secret const& password, Claim const& claim, Moment now)
{
    if (!can_match(password)) return false;
    auto const print = print_of(password, claim);
    return shard_of(claim.account).with([&](Shard& shard) {
        auto const found = shard.accounts.find(std::string(claim.account));
        if (found == shard.accounts.end()) return false;
        auto const& entries = found->second.entries;
        bool const known = std::any_of(entries.begin(), entries.end(), [&](Entry const& entry) {
            return now < entry.until && sodium_memcmp(entry.print.data(), print.data(), print.size()) == 0;
        });
        if (known) shard.recent.splice(shard.recent.begin(), shard.recent, found->second.place);
        return known;
    });
}

void Remembered::remember(Secret const& password, Claim const& claim, Moment until)
{
    if (!can_match(password)) return;
    auto const print = print_of(password, claim);
    shard_of(claim.account).with([&](Shard& shard) {
        auto [found, is_new] = shard.accounts.try_emplace(std::string(claim.account));
        auto& account = found->second;
        if (is_new) {
            shard.recent.push_front(found->first);
            account.place = shard.recent.begin();
        } else {
            shard.recent.splice(shard.recent.begin(), shard.recent, account.place);
        }
        std::erase_if(account.entries, [&](Entry const& entry) { return entry.print == print; });
        if (account.entries.size() == most_per_account) account.entries.erase(account.entries.begin());
        account.entries.push_back({print, until});
        if (shard.accounts.size() > most_per_shard_) {
            shard.accounts.erase(shard.recent.back());
            shard.recent.pop_back();
        }
    });
}

std::size_t Remembered::size() const
{
    std::size_t sum = 0;
    for (auto& shard : shards_) sum += shard.with([](Shard const& s) { return s.accounts.size(); });
    return sum;
}

}  // namespace provost::password
