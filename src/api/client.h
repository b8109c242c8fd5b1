// SPDX-License-Identifier: Apache-2.0
// Where a request came from, and with which token.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "net/http.h"

namespace provost::api {

// The client's address without its port: the peer's, or where that is one of our proxies (`trusted`, in CIDR form) the
// last one in X-Forwarded-For that is not. Empty where a proxy says what is no address.
std::string address_of(net::HttpRequest const& request, std::vector<std::string> const& trusted);

// What follows Bearer in Authorization (RFC 6750 2.1); none where there is no such field, or more than one.
std::optional<Secret> bearer_of(net::HttpRequest const& request);

}  // namespace provost::api
