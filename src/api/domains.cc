// SPDX-License-Identifier: Apache-2.0
#include "api/handlers.h"
#include "api/objects.h"
#include "api/replies.h"

namespace provost::api {
namespace {

Result<Reply> switched(Call& call, bool on)
{
    CHECK_OK(nothing_else(call.body, {}));
    directory::DomainChange change;
    change.enabled = on;
    return done(call.house.acts.set_domain(call.request, call.name, change));
}

}  // namespace

Result<Reply> list_domains(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const after = call.parameter("after");
    // All at once: there are few, and they come ordered by name.
    std::vector<directory::DomainDetails> found;
    for (auto& domain : TRY(call.house.acts.domains(call.caller, mask_of(call)))) {
        if (domain.domain.name.text() <= after && !after.empty()) continue;
        found.push_back(std::move(domain));
        if (found.size() == static_cast<std::size_t>(limit)) break;
    }
    return page(found, limit, [](auto const& domain) { return domain.domain.name.text(); });
}

Result<Reply> add_domain(Call& call)
{
    auto const name = TRY(take_text(call.body, "name"));
    auto const change = TRY(domain_change(call.body, true));
    return added(call, "/domains/", call.house.acts.add_domain(call.request, name, change));
}

Result<Reply> show_domain(Call& call)
{
    auto const at = TRY(call.house.acts.position()).revision;
    return one(TRY(call.house.acts.domain(call.caller, call.name)), at);
}

Result<Reply> set_domain(Call& call)
{
    auto const change = TRY(domain_change(call.body, false));
    return done(call.house.acts.set_domain(call.request, call.name, change));
}

Result<Reply> rename_domain(Call& call)
{
    directory::DomainRenaming wish;
    wish.to = TRY(take_text(call.body, "to"));
    wish.keep_addresses = TRY(take_flag(call.body, "keep_addresses"));
    CHECK_OK(nothing_else(call.body, {"to", "keep_addresses"}));
    return done(call.house.acts.rename_domain(call.request, call.name, wish));
}

Result<Reply> delete_domain(Call& call)
{
    auto const wanted = call.parameter("with_contents");
    bool const with_contents = !wanted.empty() && TRY(read_flag(wanted, "with_contents"));
    return done(call.house.acts.delete_domain(call.request, call.name, with_contents));
}

Result<Reply> disable_domain(Call& call) { return switched(call, false); }
Result<Reply> enable_domain(Call& call) { return switched(call, true); }

}  // namespace provost::api
