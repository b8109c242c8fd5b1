// SPDX-License-Identifier: Apache-2.0
// What mail stores have otherwise than the directory says.
#include "api/handlers.h"
#include "api/objects.h"

namespace provost::api {
namespace {

Result<directory::DriftFinder*> finder(Call& call)
{
    if (call.house.drift) return call.house.drift;
    return fail(Fault::unavailable, "this node has no mail stores to compare with");
}

json::object to_json(directory::Drift const& drift)
{
    return {{"mailbox", drift.mailbox}, {"id", drift.id},     {"target", drift.target},
            {"kind", drift.kind},       {"what", drift.what}, {"repair", shown(drift.repair)}};
}

json::array to_json(std::vector<directory::Drift> const& found)
{
    json::array items;
    for (auto const& one : found) items.push_back(to_json(one));
    return items;
}

}  // namespace

Result<Reply> list_drift(Call& call)
{
    auto* const drift = TRY(finder(call));
    auto const limit = TRY(call.limit());
    auto const mask = call.parameter("mask");
    auto const page = TRY(drift->look(mask.empty() ? "*" : mask, call.parameter("after"), limit));
    return Reply{{{"items", to_json(page.found)},
                  {"looked_at", page.looked_at},
                  {"next", page.next ? json::value(json::string(*page.next)) : json::value(nullptr)}}};
}

Result<Reply> repair_drift(Call& call)
{
    CHECK_OK(nothing_else(call.body, {}));
    auto* const drift = TRY(finder(call));
    return Reply{{{"id", call.name}, {"left", to_json(TRY(drift->repair(call.name, call.request.dry_run)))}}};
}

Result<Reply> list_strangers(Call& call)
{
    auto* const drift = TRY(finder(call));
    return Reply{{{"items", to_json(TRY(drift->strangers()))}, {"next", nullptr}}};
}

Result<Reply> remove_stranger(Call& call)
{
    auto* const drift = TRY(finder(call));
    CHECK_OK(drift->remove_stranger(call.name, call.request.dry_run));
    return Reply{{{"id", call.name}}};
}

}  // namespace provost::api
