// SPDX-License-Identifier: Apache-2.0
// A refusal as the API words it: application/problem+json (RFC 9457), with the fault and the field as extensions.
#pragma once

#include "base/result.h"
#include "net/http.h"

namespace provost::api {

int status_of(Fault fault);
net::HttpResponse problem(Error const& error);
net::HttpResponse problem(int status, Error const& error);  // where the status says more than the fault

}  // namespace provost::api
