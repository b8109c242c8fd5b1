// SPDX-License-Identifier: Apache-2.0
// Sign-ins as Postfix and Dovecot bring them.
#include "protocols/dovecot/auth_client.h"

#include "fuzz/session.h"
#include "protocols/dovecot/test_sign_ins.h"

using namespace provost;
using namespace provost::protocols;

namespace {

Metrics& metrics()
{
    static Metrics all;
    return all;
}

fuzz::Said talk(AuthPeer peer, std::string_view bytes, unsigned seed)
{
    TestSignIns sign_ins;
    PendingLogins pending;
    AuthClients clients(peer, 28, sign_ins, pending, metrics(), [] { return PendingLogins::Moment(); });
    auto const session = clients.sessions()({});
    session->greeting();
    auto const said = fuzz::answers_of(*session, bytes, seed);
    HOLDS(said.held <= AuthClient::longest_line);
    // Who may sign in is let in by a password that was sent, and by no other.
    std::size_t accepted = 0;
    for (std::size_t at = 0; (at = said.bytes.find("OK\t", at)) != std::string::npos; ++at)
        if (at == 0 || said.bytes[at - 1] == '\n') ++accepted;
    std::size_t right = 0;
    for (auto const& seen : sign_ins.seen) right += seen.password == "secret" || seen.password == "hunter2" ? 1U : 0U;
    HOLDS(accepted <= right);
    HOLDS(pending.size() <= accepted);
    return said;
}

}  // namespace

FUZZ_TARGET(auth_client, input)
{
    fuzz::Input from(input);
    auto const peer = from.flag() ? AuthPeer::postfix : AuthPeer::dovecot;
    auto const seed = from.byte();
    auto const said = talk(peer, from.rest(), 0);
    fuzz::holds_same(said, talk(peer, from.rest(), seed + 1U));
    HOLDS(said.bytes.empty() || said.bytes.back() == '\n');
}
