// SPDX-License-Identifier: Apache-2.0
#include "api/handlers.h"
#include "api/objects.h"
#include "api/replies.h"

namespace provost::api {

Result<Reply> list_mailboxes(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const found = TRY(call.house.acts.mailboxes(call.caller, mask_of(call), call.parameter("after"), limit));
    return page(found, limit, [](auto const& mailbox) { return mailbox.name; });
}

Result<Reply> add_mailbox(Call& call)
{
    auto const name = TRY(take_text(call.body, "name"));
    auto password = TRY(take_password(call.body));
    auto const change = TRY(mailbox_change(call.body, true));
    return added(call, "/mailboxes/", call.house.acts.add_mailbox(call.request, name, change, std::move(password)));
}

Result<Reply> show_mailbox(Call& call)
{
    auto const at = TRY(call.house.acts.position()).revision;
    return one(TRY(call.house.acts.mailbox(call.caller, call.name)), at);
}

Result<Reply> set_mailbox(Call& call)
{
    auto const change = TRY(mailbox_change(call.body, false));
    return done(call.house.acts.set_mailbox(call.request, call.name, change));
}

Result<Reply> delete_mailbox(Call& call) { return done(call.house.acts.delete_mailbox(call.request, call.name)); }

Result<Reply> disable_mailbox(Call& call)
{
    auto suspension = mail::Suspension::refuse;
    if (auto const* said = call.body.if_contains("suspension"))
        suspension = TRY(From<mail::Suspension>::read(*said, "suspension"));
    call.body.erase("suspension");
    CHECK_OK(nothing_else(call.body, {"suspension"}));
    return done(call.house.acts.disable_mailbox(call.request, call.name, suspension));
}

Result<Reply> enable_mailbox(Call& call)
{
    CHECK_OK(nothing_else(call.body, {}));
    return done(call.house.acts.enable_mailbox(call.request, call.name));
}

Result<Reply> set_password(Call& call)
{
    auto password = TRY(take_password(call.body));
    CHECK_OK(nothing_else(call.body, {"password", "hash"}));
    if (!password) return fail(Fault::invalid, "password: is missing, and so is a hash", "password");
    return done(call.house.acts.set_password(call.request, call.name, std::move(*password)));
}

Result<Reply> kick_mailbox(Call& call)
{
    CHECK_OK(nothing_else(call.body, {}));
    return done(call.house.acts.kick_mailbox(call.request, call.name));
}

Result<Reply> unlock_mailbox(Call& call)
{
    CHECK_OK(nothing_else(call.body, {}));
    return done(call.house.acts.unlock_mailbox(call.request, call.name));
}

}  // namespace provost::api
