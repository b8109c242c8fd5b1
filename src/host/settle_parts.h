// SPDX-License-Identifier: Apache-2.0
// Settling (host/settle.h), server by server.
#pragma once

#include "host/settle.h"

namespace provost::host {

struct Pair {
    std::string certificate, key;
};

// The pair that each server's configuration names; empty where it names none.
Pair dovecot_pair(DovecotNow const& now);
Pair cyrus_pair(CyrusNow const& now);

// What was asked for, else what the server has, else what the other one has.
Result<Pair> find_pair(Root const& root, SetupWishes const& wishes, Pair const& has, Pair const& other_has);

// After Postfix's part of the options. `other`: the pair of Postfix.
Result<void> settle_dovecot(Root const& root, SetupWishes const& wishes, DovecotNow const& now, Pair const& other,
                            ServerOptions& options);
Result<void> settle_cyrus(Root const& root, config::Settings const& settings, SetupWishes const& wishes,
                          ImapNow const& imap, Pair const& other, ServerOptions& options);

}  // namespace provost::host
