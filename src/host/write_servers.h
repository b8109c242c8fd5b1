// SPDX-License-Identifier: Apache-2.0
// Makes the Postfix and the Dovecot of a host ask us: writes their files, and says what had to change.
#pragma once

#include "config/settings.h"
#include "host/dovecot.h"
#include "host/files.h"
#include "host/postfix.h"
#include "host/versions.h"

namespace provost::host {

struct ServerOptions {
    DovecotOptions dovecot;
    PostfixOptions postfix;
};

// After init. Finds the versions of what is installed, writes local.conf and its secrets, the folders and links of our
// sockets, tmpfiles.d, and edits main.cf and master.cf by postconf. Nothing is started or reloaded: whoever calls does
// that when there were changes. A second time there are none.
Result<Changes> write_servers(Root const& root, config::Settings const& settings, ServerOptions const& options,
                              Runner const& run);

// The edits that postconf would still have to make; empty when Postfix is as it should be.
Result<std::vector<PostfixEdit>> pending_edits(Root const& root, std::vector<PostfixEdit> const& edits,
                                               Runner const& run);

// Asks the servers themselves whether they can read their configuration: `postfix check`, `doveconf`.
Result<void> check_servers(Runner const& run);

}  // namespace provost::host
