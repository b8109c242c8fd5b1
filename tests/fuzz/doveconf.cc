// SPDX-License-Identifier: Apache-2.0
// What doveconf, dovecot and postconf say of themselves.
#include "fuzz/target.h"
#include "host/dovecot_now.h"
#include "host/notes.h"
#include "host/versions.h"

using namespace provost;
using namespace provost::host;

FUZZ_TARGET(doveconf, input)
{
    auto const now = parse_doveconf(input);
    HOLDS(now.values.size() <= input.size());
    for (auto const& lookup : now.lookups) HOLDS(lookup.kind == "passdb" || lookup.kind == "userdb");
    for (auto const& word : now.words("protocols")) HOLDS(!word.empty());
    for (auto const& note : dovecot_notes(now, "provost/auth")) HOLDS(!note.empty());

    Runner const said = [&](std::vector<std::string> const&) { return Result<std::string>(input); };
    if (auto const version = postfix_version(said)) HOLDS(!version->text.empty());
    if (auto const version = dovecot_version(said)) HOLDS(!version->text.empty());
}
