// SPDX-License-Identifier: Apache-2.0
// The SMTP servers of master.cf that stay as a site has them: where else people sign in or relay.
#pragma once

#include <string>
#include <vector>

#include "host/doctor.h"
#include "host/postfix_copy.h"

namespace provost::host {

struct OtherSmtpd {
    std::string service;  // "2525/inet"
    Health health;        // how bad that is
    std::string what;     // "is asked ...", a sentence about it

    bool operator==(OtherSmtpd const&) const = default;
};

// Of the entries that setup does not write, in master.cf's order of names; those of which nothing is to be said are
// left out. `options`: where ours are; `edits`: what main.cf is to say.
std::vector<OtherSmtpd> other_smtpds(PostfixNow now, PostfixOptions const& options,
                                     std::vector<PostfixEdit> const& edits);

}  // namespace provost::host
