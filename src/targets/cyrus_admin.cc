// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus_admin.h"

#include <optional>
#include <utility>

namespace provost::targets {
namespace {

using Clock = std::chrono::steady_clock;
using net::ImapCommand;
using net::ImapValue;

struct Prefixes {
    std::string own, others;
    char separator = '/';
};

// The first namespace of a kind: (("user/" "/") ...).
std::optional<std::pair<std::string, char>> first_of(ImapValue const& kind)
{
    if (kind.kind != ImapValue::Kind::list || kind.items.empty()) return std::nullopt;
    auto const& first = kind.items.front();
    if (first.kind != ImapValue::Kind::list || first.items.size() < 2 || first.items[1].text.size() != 1)
        return std::nullopt;
    return std::pair(first.items[0].text, first.items[1].text[0]);
}

Result<Prefixes> namespaces(net::ImapClient& client)
{
    auto const reply = TRY(client.ask(ImapCommand("NAMESPACE")));
    Prefixes found;
    for (auto const& said : reply.untagged) {
        if (said.name != "NAMESPACE" || said.values.size() < 2) continue;
        auto const own = first_of(said.values[0]);
        auto const others = first_of(said.values[1]);
        if (own) found.own = own->first;
        if (!others) break;
        found.others = others->first;
        found.separator = others->second;
        return found;
    }
    return fail(Fault::unavailable, "the IMAP server does not tell how it names the mailboxes of users (NAMESPACE)");
}

}  // namespace

Result<net::ImapClient> CyrusAdmin::sign_in(std::string_view as_user) const
{
    auto client = TRY(net::ImapClient::connect(settings_.server));
    auto const password = TRY(settings_.password());
    auto const signed_in = client.sign_in(settings_.login, password, as_user);
    // Whoever waits for a store is told later; a password that is wrong now may be put right.
    if (!signed_in)
        return fail(Fault::unavailable, "Cyrus does not let " + settings_.login + " in" +
                                            (as_user.empty() ? "" : " as " + std::string(as_user)) + ": " +
                                            signed_in.error().message);
    return client;
}

Result<CyrusAdmin::Conversation> CyrusAdmin::connect() const
{
    auto client = TRY(sign_in({}));
    auto const prefixes = TRY(namespaces(client));
    CyrusNamespace names{
        .prefix = prefixes.others, .separator = prefixes.separator, .default_domain = settings_.default_domain};
    return Conversation{std::move(client), std::move(names), Clock::now()};
}

Result<CyrusAdmin::Lease> CyrusAdmin::open()
{
    for (;;) {
        auto kept = kept_.with([](auto& all) -> std::optional<Conversation> {
            if (all.empty()) return std::nullopt;
            auto last = std::move(all.back());
            all.pop_back();
            return last;
        });
        if (!kept) break;
        bool const is_fresh = Clock::now() - kept->last_used < settings_.trusted_for;
        if (is_fresh || kept->client.ask(ImapCommand("NOOP"))) return Lease(*this, std::move(*kept));
    }
    return Lease(*this, TRY(connect()));
}

Result<CyrusAdmin::AsOwner> CyrusAdmin::open_as(std::string_view user)
{
    auto client = TRY(sign_in(user));
    auto prefixes = TRY(namespaces(client));
    return AsOwner{std::move(client), std::move(prefixes.own)};
}

CyrusAdmin::Lease::Lease(Lease&& other) noexcept
    : admin_(std::exchange(other.admin_, nullptr)),
      conversation_(std::move(other.conversation_)),
      is_broken_(other.is_broken_)
{
}

CyrusAdmin::Lease::~Lease()
{
    if (admin_ == nullptr || is_broken_) return;
    conversation_.last_used = Clock::now();
    admin_->kept_.with([&](auto& all) {
        if (all.size() < admin_->settings_.most_kept) all.push_back(std::move(conversation_));
    });
}

Result<net::ImapReply> CyrusAdmin::Lease::ask(ImapCommand const& command)
{
    auto reply = conversation_.client.ask(command);
    is_broken_ = !reply && reply.error().fault == Fault::unavailable;
    return reply;
}

Result<std::vector<net::ImapReply>> CyrusAdmin::Lease::ask_all(std::vector<ImapCommand> const& commands)
{
    auto replies = conversation_.client.ask_all(commands);
    is_broken_ = !replies && replies.error().fault == Fault::unavailable;
    return replies;
}

}  // namespace provost::targets
