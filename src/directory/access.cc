// SPDX-License-Identifier: Apache-2.0
#include "directory/access.h"

#include <algorithm>
#include <array>
#include <exception>

#include <sodium/crypto_hash_sha256.h>

#include "base/log.h"
#include "base/random.h"
#include "directory/network.h"
#include "mail/answers.h"

namespace provost::directory {
namespace {

constexpr std::string_view prefix = "prv_";  // by which those who look for leaked secrets find ours
constexpr std::size_t secret_bytes = 32;
constexpr char const* account = "token";  // what wrong ones are charged to, besides their network

bool has_passed(std::optional<Time> const& expires, Time now) { return expires && *expires <= now; }

bool is_open(mail::Named<MailboxId> const& mailbox, mail::View const& view, Time now)
{
    auto const entry = view.entry(mailbox.name);
    if (entry.kind != mail::Entry::Kind::mailbox || entry.mailbox.id != mailbox.id.text()) return false;
    auto const at = mailbox.name.rfind('@');
    auto const domain =
        at == std::string::npos ? std::nullopt : view.domain(std::string_view(mailbox.name).substr(at + 1));
    auto const condition = mail::condition_of(entry.mailbox, domain ? &*domain : nullptr, now);
    return mail::who_is_told_what(mail::Question::sign_in, condition) == mail::Told::verify;
}

// Where both hold.
Authority::Reach common(mail::Domains const& admins, mail::Domains const& tokens)
{
    Authority::Reach reach{.everywhere = admins.all && tokens.all};
    for (auto const& domain : admins.all ? tokens.some : admins.some) {
        auto const is_it = [&](auto const& other) { return other.id == domain.id; };
        bool const both = admins.all || tokens.all || std::any_of(tokens.some.begin(), tokens.some.end(), is_it);
        if (both) reach.domains.push_back(domain.name);
    }
    return reach;
}

}  // namespace

Secret new_token_secret() { return Secret(std::string(prefix) + random_token(secret_bytes)); }

std::string token_hash(Secret const& secret)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    auto const text = secret.reveal();
    crypto_hash_sha256(digest.data(), reinterpret_cast<unsigned char const*>(text.data()), text.size());
    return {reinterpret_cast<char const*>(digest.data()), digest.size()};
}

std::optional<Authority> authority_of(mail::Admin const& admin, mail::Token const& token, mail::View const& view,
                                      Time now)
{
    if (!admin.enabled || has_passed(admin.expires, now) || has_passed(token.expires, now)) return std::nullopt;
    if (admin.mailbox && !is_open(*admin.mailbox, view, now)) return std::nullopt;
    auto admins = admin.domains;
    if (admin.role == mail::Role::site_admin) admins = {.all = true};
    auto reach = common(admins, token.domains);
    if (admin.mailbox) reach.mailbox = admin.mailbox->name;
    auto role = std::min(admin.role, token.role);
    // A site-admin is over everything; a token that says domains is meant for less.
    if (role == mail::Role::site_admin && !token.domains.all) role = mail::Role::domain_admin;
    return Authority(role, std::move(reach), token.read_only);
}

Access::Access(replica::Replica& replica, password::Admission& admission, Settings settings, Metrics& metrics)
    : replica_(replica),
      admission_(admission),
      settings_(settings),
      known_(metrics.counter("provost_token_uses_total", "Calls with a token by verdict.", {{"verdict", "known"}})),
      unknown_(metrics.counter("provost_token_uses_total", "Calls with a token by verdict.", {{"verdict", "unknown"}})),
      cannot_tell_(
          metrics.counter("provost_token_uses_total", "Calls with a token by verdict.", {{"verdict", "cannot_tell"}}))
{
}

std::optional<Caller> Access::caller_of(Secret const& secret, std::string const& from)
{
    replica::Held const held(replica_);
    auto const token = held->token(token_hash(secret));
    auto const admin = token ? held->admin(token->admin.text()) : std::nullopt;
    if (!admin) return std::nullopt;
    auto const is_from = [&](auto const& network) { return network_has(network, from); };
    auto const& networks = token->networks;
    if (!networks.empty() && std::none_of(networks.begin(), networks.end(), is_from)) return std::nullopt;
    auto authority = authority_of(*admin, *token, *held, now());
    if (!authority) return std::nullopt;
    auto const& id = token->id.text();
    uses_.with([&](auto& uses) { uses[id] = {id, now(), from}; });
    return Caller{{"admin:" + admin->name, from + " token " + id}, *std::move(authority), id};
}

Access::Outcome Access::sign_in(Secret const& secret, std::string const& from,
                                std::chrono::steady_clock::time_point arrival)
{
    try {
        if (!replica_.health().is_older_than(settings_.max_age)) {
            auto caller = caller_of(secret, from);
            if (!caller) return refused(secret, from, arrival);
            known_.add();
            return {Verdict::known, *std::move(caller), {}};
        }
    } catch (std::exception const& trouble) {
        log::error("TOKEN_NOT_JUDGED", {{"from", from}, {"error", trouble.what()}});
    }
    cannot_tell_.add();
    return {};
}

Access::Outcome Access::refused(Secret const& secret, std::string const& from,
                                std::chrono::steady_clock::time_point arrival)
{
    unknown_.add();
    auto const time = std::chrono::steady_clock::now();
    auto admitted = admission_.admit(account, password::Network::of(from), arrival);
    auto const open = admitted.gate == password::Gate::open;
    log::info("TOKEN_REFUSED", {{"from", from}, {"verdict", open ? "unknown" : "too many"}});
    if (open) return {Verdict::unknown, {}, admitted.ticket->failed(secret, time)};
    return {Verdict::too_many, {}, admission_.failure_due(arrival, time)};
}

std::vector<store::TokenUse> Access::take_uses()
{
    return uses_.with([](auto& uses) {
        std::vector<store::TokenUse> out;
        for (auto& [id, use] : uses) out.push_back(std::move(use));
        uses.clear();
        return out;
    });
}

}  // namespace provost::directory
