// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/handlers.h"
#include "api/objects.h"
#include "api/replies.h"

namespace provost::api {
namespace {

// Takes "old_mailbox" out of `body`.
Result<std::optional<directory::OldMailbox>> take_old_mailbox(json::object& body)
{
    auto const word = TRY(take_text(body, "old_mailbox"));
    std::optional<directory::OldMailbox> old;
    if (word == "adopt") old = directory::OldMailbox::adopt;
    else if (word == "set-aside") old = directory::OldMailbox::set_aside;
    else if (!word.empty()) return refuse(Fault::invalid, "old_mailbox", word, "is not one of adopt, set-aside");
    return old;
}

}  // namespace

Result<Reply> list_mailboxes(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const found = TRY(call.house.acts.mailboxes(call.caller, mask_of(call), call.parameter("after"), limit));
    return page(found, limit, [](auto const& mailbox) { return mailbox.name; });
}

Result<Reply> add_mailbox(Call& call)
{
    auto const name = TRY(take_text(call.body, "name"));
    auto const password = TRY(take_password(call.body));
    auto const old = TRY(take_old_mailbox(call.body));
    auto const change = TRY(mailbox_change(call.body, true));
    return added(call, "/mailboxes/", call.house.acts.add_mailbox(call.request, name, change, password, old));
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

Result<Reply> restore_mailbox(Call& call)
{
    directory::Restoring wish;
    wish.id = TRY(take_text(call.body, "id"));
    auto as = TRY(take_text(call.body, "as"));
    if (!as.empty()) wish.as = std::move(as);
    CHECK_OK(nothing_else(call.body, {"as", "id"}));
    return done(call.house.acts.restore_mailbox(call.request, call.name, wish));
}

Result<Reply> rename_mailbox(Call& call)
{
    directory::Renaming wish;
    wish.to = TRY(take_text(call.body, "to"));
    wish.keep_address = TRY(take_flag(call.body, "keep_address"));
    CHECK_OK(nothing_else(call.body, {"to", "keep_address"}));
    return done(call.house.acts.rename_mailbox(call.request, call.name, wish));
}

Result<Reply> purge_mailbox(Call& call)
{
    auto const id = TRY(take_text(call.body, "id"));
    CHECK_OK(nothing_else(call.body, {"id"}));
    return done(call.house.acts.purge_mailbox(call.request, call.name, id));
}

Result<Reply> purge_deleted_mailbox(Call& call)
{
    return done(call.house.acts.purge_mailbox(call.request, {}, call.name));
}

// Several may have one name, so a page ends at a name and an id.
Result<Reply> list_deleted_mailboxes(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const after = call.parameter("after");
    auto const blank = std::min(after.find(' '), after.size());
    store::NameAndId const place{after.substr(0, blank), after.substr(std::min(blank + 1, after.size()))};
    auto const found = TRY(call.house.acts.deleted_mailboxes(call.caller, mask_of(call), place, limit));
    return page(found, limit, [](auto const& mailbox) { return mailbox.name + ' ' + mailbox.id.text(); });
}

Result<Reply> set_password(Call& call)
{
    auto const password = TRY(take_password(call.body));
    CHECK_OK(nothing_else(call.body, {"password", "hash"}));
    if (!password) return fail(Fault::invalid, "password: is missing, and so is a hash", "password");
    return done(call.house.acts.set_password(call.request, call.name, *password));
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
