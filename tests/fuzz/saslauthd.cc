// SPDX-License-Identifier: Apache-2.0
// Sign-ins as libsasl2 brings them, at once and in pieces.
#include "protocols/saslauthd/saslauthd.h"

#include "fuzz/session.h"
#include "protocols/dovecot/test_sign_ins.h"
#include "protocols/saslauthd/request.h"

using namespace provost;
using namespace provost::protocols;

namespace {

SaslauthdCounters& counters()
{
    static Metrics metrics;
    static SaslauthdCounters all(metrics);
    return all;
}

fuzz::Said talk(std::string_view bytes, unsigned seed)
{
    TestSignIns sign_ins;
    Saslauthd session(sign_ins, counters());
    auto const said = fuzz::answers_of(session, bytes, seed);
    HOLDS(said.held <= SaslauthdRequest::longest + 8);
    HOLDS(!said.closed);
    // One answer, as long as it says; and nobody is let in but by a password that was sent.
    if (said.bytes.empty()) return said;
    HOLDS(said.bytes.size() >= 2 && said.bytes == saslauthd_answer(said.bytes.substr(2)));
    if (said.bytes.substr(2) != "OK") return said;
    HOLDS(sign_ins.seen.size() == 1);
    HOLDS(sign_ins.seen[0].password == "secret" || sign_ins.seen[0].password == "hunter2");
    return said;
}

}  // namespace

FUZZ_TARGET(saslauthd, input)
{
    fuzz::Input from(input);
    auto const seed = from.byte();
    fuzz::holds_same(talk(from.rest(), 0), talk(from.rest(), seed + 1U));
}
