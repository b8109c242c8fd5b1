// SPDX-License-Identifier: Apache-2.0
// Postfix's sign-ins by Cyrus SASL: the file smtpd.conf, which leads them to our socket for the protocol of saslauthd.
#pragma once

#include <string>

#include "config/settings.h"
#include "host/files.h"
#include "host/postfix_copy.h"

namespace provost::host {

// Where Postfix looks for it.
std::string smtpd_conf_path(PostfixNow const& now);

// Whether its sign-ins come to us that way already.
Result<bool> signs_in_by_cyrus_sasl(Root const& root, config::Settings const& settings, PostfixNow const& now);

// Its text as it is to be; `text` as it is. Fault::conflict where the services of submission do not see the same files,
// or where what is needed for it is not installed.
Result<std::string> smtpd_conf(Root const& root, config::Settings const& settings, PostfixNow const& now,
                               PostfixOptions const& options, std::string const& text);

}  // namespace provost::host
