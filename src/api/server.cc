// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <memory>
#include <utility>

#include "api/caller.h"
#include "api/routes.h"

namespace provost::api {

net::HttpHandler admin_handler(House house, std::set<long> admins)
{
    auto router = std::make_shared<Router>(std::move(house));
    return [router, admins = std::move(admins)](net::HttpRequest const& request) {
        return router->answer(request, caller_of(request.peer, admins));
    };
}

}  // namespace provost::api
