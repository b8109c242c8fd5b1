// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "directory/access.h"
#include "directory/acts.h"
#include "directory/description.h"
#include "directory/network.h"
#include "directory/rules.h"

namespace provost::directory {
namespace {

constexpr Need seeing{Right::run, Ground::site, false};
constexpr Need changing{Right::run, Ground::site, true};
constexpr std::size_t most_networks = 100;

// What a token says may only take away from what its admin may; it is looked at again whenever it is used.
Result<void> check_subset(mail::Token const& token, mail::Admin const& admin)
{
    if (token.role > admin.role)
        return refuse(Fault::conflict, "role", word(token.role),
                      "is more than " + admin.name + " is, who is " + word(admin.role));
    if (token.role == mail::Role::owner && !admin.mailbox)
        return refuse(Fault::conflict, "role", word(token.role), "needs a mailbox, and " + admin.name + " has none");
    if (token.role == mail::Role::site_admin && !token.domains.all)
        return refuse(Fault::conflict, "role", word(token.role),
                      "is over everything, whatever domains are said: for some domains say domain-admin or help-desk");
    if (admin.role == mail::Role::site_admin || admin.domains.all) return {};
    for (auto const& domain : token.domains.some) {
        auto const is_it = [&](auto const& other) { return other.id == domain.id; };
        if (!std::any_of(admin.domains.some.begin(), admin.domains.some.end(), is_it))
            return refuse(Fault::conflict, "domains", domain.name, "is not a domain of " + admin.name);
    }
    return {};
}

Result<mail::Token> token_from(NewToken const& wanted)
{
    mail::Token token{.id = TokenId::make(), .admin = {}};
    token.label = wanted.label;
    token.read_only = wanted.read_only;
    token.networks = wanted.networks;
    token.expires = wanted.expires;
    token.created = now();
    if (trimmed(token.label).empty())
        return fail(Fault::invalid, "label: say what it is for, so that it can be told from others", "label");
    CHECK_OK(check_text(token.label, "label"));
    for (auto const& network : token.networks) CHECK_OK(check_network(network, "networks"));
    if (token.networks.size() > most_networks)
        return refuse(Fault::invalid, "networks", std::to_string(token.networks.size()), "is more than 100");
    if (token.expires && *token.expires <= now())
        return refuse(Fault::invalid, "expires", to_rfc3339(*token.expires), "has passed already");
    return token;
}

}  // namespace

Result<MadeToken> Acts::add_token(Request const& request, NewToken const& wanted)
{
    auto const name = TRY(mail::parse_login(wanted.admin, "admin"));
    auto const token = TRY(token_from(wanted));
    auto secret = new_token_secret();
    auto const hash = token_hash(secret);
    auto ran = run(request, changing, token.id.text(), [&](auto& writing, auto&) -> Result<void> {
        auto const admin = writing.admin(name);
        if (!admin) return refuse(Fault::conflict, "admin", name, "is not an admin here");
        auto fresh = token;
        fresh.admin = admin->id;
        fresh.hash = hash;
        fresh.role = wanted.role.value_or(admin->role);
        fresh.domains.all = true;
        if (wanted.domains) fresh.domains = TRY(domains_named(*wanted.domains, writing));
        CHECK_OK(check_subset(fresh, *admin));
        writing.put(fresh);
        auto const [before, after] = difference({}, describe(fresh));
        writing.audit_act("token.add", admin->name, before, after);
        return {};
    });
    MadeToken made;
    made.done = TRY(std::move(ran));
    if (!request.dry_run) made.secret = std::move(secret);
    return made;
}

Result<Done> Acts::revoke_token(Request const& request, std::string_view id)
{
    return run(request, changing, std::string(id), [&](auto& writing, auto&) -> Result<void> {
        auto const found = writing.token_by_id(id);
        if (!found) return refuse(Fault::not_found, "id", id, "is not a token here");
        auto const admin = writing.admin_by_id(found->admin.text());
        writing.remove(found->id);
        auto const [before, after] = difference(describe(*found), {});
        writing.audit_act("token.revoke", admin ? admin->name : std::string(), before, after);
        return {};
    });
}

Result<std::vector<TokenDetails>> Acts::tokens(Caller const& caller, std::string_view mask)
{
    std::vector<TokenDetails> out;
    auto const looked = read(caller, seeing, {}, [&](auto& reading, auto&) -> Result<void> {
        for (auto const& admin : reading.admins(mask))
            for (auto& token : reading.tokens_of(admin.id.text())) {
                auto use = reading.last_use(token.id.text());
                out.push_back({std::move(token), admin.name, std::move(use)});
            }
        return {};
    });
    CHECK_OK(looked);
    return out;
}

}  // namespace provost::directory
