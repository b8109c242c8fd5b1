// SPDX-License-Identifier: Apache-2.0
// Admins and their tokens.
#include "api/handlers.h"
#include "api/objects.h"
#include "api/replies.h"

namespace provost::api {
namespace {

Result<Reply> switched(Call& call, bool on)
{
    CHECK_OK(nothing_else(call.body, {}));
    directory::AdminChange change;
    change.enabled = on;
    return done(call.house.acts.set_admin(call.request, call.name, change));
}

// There are few of both, so they come all at once.
template <class Item>
Reply all_of(std::vector<Item> const& found)
{
    json::array items;
    for (auto const& item : found) items.push_back(to_json(item));
    return Reply{{{"items", std::move(items)}, {"next", nullptr}}};
}

}  // namespace

Result<Reply> list_admins(Call& call)
{
    auto const found = TRY(call.house.acts.admins(call.caller, mask_of(call)));
    return all_of(found);
}

Result<Reply> add_admin(Call& call)
{
    auto const name = TRY(take_text(call.body, "name"));
    auto const change = TRY(admin_change(call.body));
    return added(call, "/admins/", call.house.acts.add_admin(call.request, name, change));
}

Result<Reply> show_admin(Call& call)
{
    auto const at = TRY(call.house.acts.position()).revision;
    auto const admin = TRY(call.house.acts.admin(call.caller, call.name));
    return one(admin, at);
}

Result<Reply> set_admin(Call& call)
{
    auto const change = TRY(admin_change(call.body));
    return done(call.house.acts.set_admin(call.request, call.name, change));
}

Result<Reply> delete_admin(Call& call) { return done(call.house.acts.delete_admin(call.request, call.name)); }
Result<Reply> disable_admin(Call& call) { return switched(call, false); }
Result<Reply> enable_admin(Call& call) { return switched(call, true); }

Result<Reply> list_tokens(Call& call)
{
    auto const found = TRY(call.house.acts.tokens(call.caller, mask_of(call)));
    return all_of(found);
}

// The one answer that holds the secret.
Result<Reply> add_token(Call& call)
{
    auto const wanted = TRY(new_token(call.body));
    auto const made = TRY(call.house.acts.add_token(call.request, wanted));
    auto reply = TRY(added(call, "/tokens/", made.done));
    reply.body["secret"] = nullptr;
    if (!made.secret.empty()) reply.body["secret"] = made.secret.reveal();
    return reply;
}

Result<Reply> revoke_token(Call& call) { return done(call.house.acts.revoke_token(call.request, call.name)); }

}  // namespace provost::api
