// SPDX-License-Identifier: Apache-2.0
// The three shapes of a reply: one object, a page of objects, and what became of an act.
#pragma once

#include <string>
#include <vector>

#include "api/objects.h"
#include "api/routes.h"

namespace provost::api {

inline std::string mask_of(Call const& call)
{
    auto mask = call.parameter("mask");
    return mask.empty() ? "*" : mask;
}

// {"items": [...], "next": what to give as `after` for the next page, or null}
template <class Item, class Name>
Reply page(std::vector<Item> const& found, int limit, Name name)
{
    boost::json::array items;
    for (auto const& item : found) items.push_back(to_json(item));
    boost::json::value next = nullptr;
    if (found.size() == static_cast<std::size_t>(limit)) next = shown(std::string_view(name(found.back())));
    return Reply{{{"items", std::move(items)}, {"next", std::move(next)}}};
}

template <class Object>
Reply one(Object const& object, store::Revision at)
{
    return Reply{to_json(object), 200, at};
}

inline Result<Reply> done(Result<directory::Done> outcome)
{
    auto const what = TRY(std::move(outcome));
    Reply reply{to_json(what)};
    if (what.revision != 0) reply.etag = what.revision;
    return reply;
}

// 201 with the new object's path, escaped as a URL wants it; 200 for a dry run.
Result<Reply> added(Call const& call, std::string_view folder, Result<directory::Done> outcome);

}  // namespace provost::api
