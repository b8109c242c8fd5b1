// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include <boost/json.hpp>

namespace provost::api {

int status_of(Fault fault)
{
    switch (fault) {
        case Fault::invalid:
            return 400;
        case Fault::not_found:
            return 404;
        case Fault::conflict:
            return 409;
        case Fault::denied:
            return 403;
        case Fault::unavailable:
            break;
    }
    return 503;
}

net::HttpResponse problem(Error const& error) { return problem(status_of(error.fault), error); }

net::HttpResponse problem(int status, Error const& error)
{
    auto response = net::problem(status);
    boost::json::error_code trouble;
    auto parsed = boost::json::parse(response.body, trouble);
    auto body = !trouble && parsed.is_object() ? parsed.get_object() : boost::json::object();
    body["status"] = status;
    body["detail"] = error.message;
    body["fault"] = name_of(error.fault);
    body["field"] = nullptr;
    if (!error.field.empty()) body["field"] = error.field;
    response.body = boost::json::serialize(body);
    return response;
}

}  // namespace provost::api
