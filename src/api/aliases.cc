// SPDX-License-Identifier: Apache-2.0
#include "api/handlers.h"
#include "api/objects.h"
#include "api/replies.h"

namespace provost::api {
namespace {

Result<Reply> switched(Call& call, bool on)
{
    CHECK_OK(nothing_else(call.body, {}));
    directory::AliasChange change;
    change.enabled = on;
    return done(call.house.acts.set_alias(call.request, call.name, change));
}

}  // namespace

Result<Reply> list_aliases(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const found = TRY(call.house.acts.aliases(call.caller, mask_of(call), call.parameter("after"), limit));
    return page(found, limit, [](auto const& alias) { return alias.address.text(); });
}

Result<Reply> add_alias(Call& call)
{
    auto const address = TRY(take_text(call.body, "address"));
    auto const change = TRY(alias_change(call.body, true));
    return added(call, "/aliases/", call.house.acts.add_alias(call.request, address, change));
}

Result<Reply> show_alias(Call& call)
{
    auto const at = TRY(call.house.acts.position()).revision;
    return one(TRY(call.house.acts.alias(call.caller, call.name)), at);
}

Result<Reply> set_alias(Call& call)
{
    auto const change = TRY(alias_change(call.body, false));
    return done(call.house.acts.set_alias(call.request, call.name, change));
}

Result<Reply> delete_alias(Call& call) { return done(call.house.acts.delete_alias(call.request, call.name)); }
Result<Reply> disable_alias(Call& call) { return switched(call, false); }
Result<Reply> enable_alias(Call& call) { return switched(call, true); }

}  // namespace provost::api
