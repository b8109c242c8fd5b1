// SPDX-License-Identifier: Apache-2.0
// What Dovecot's processes ask about users, and the second half of a sign-in.
#include "protocols/dovecot/auth_master.h"

#include "fuzz/session.h"
#include "protocols/dovecot/test_sign_ins.h"

using namespace provost;
using namespace provost::protocols;

namespace {

struct Site final : Users {
    directory::Found user(std::string_view name, Purpose, directory::UserFields& fields, std::string& reason) override
    {
        if (name.starts_with("throw")) throw std::runtime_error("no copy");
        reason = name;
        if (name.starts_with("temp")) return directory::Found::cannot_tell;
        if (name.find('@') == std::string_view::npos) return directory::Found::not_found;
        fields.name = name;
        fields.home = "/var/vmail/" + std::string(name);
        return directory::Found::found;
    }
    std::optional<std::vector<std::string>> users(std::string_view after, std::size_t most) override
    {
        std::vector<std::string> page;
        for (std::string const name : {"alice@example.test", "bob@example.test", "eve\tx@other.test"})
            if (name > after && page.size() < most) page.push_back(name);
        return page;
    }
};

fuzz::Said talk(MasterSocket socket, std::string_view bytes, unsigned seed)
{
    static Metrics metrics;
    Site site;
    TestSignIns sign_ins;
    PendingLogins pending;
    AuthMasters masters(28, site, sign_ins, pending, metrics, [] { return PendingLogins::Moment(); });
    pending.add({"cookie", 40, 1}, {"alice@example.test", mail::Service::imap, "PLAIN", 7}, {});
    pending.add({"cookie", 40, 2}, {"alice@example.test", mail::Service::imap, "PLAIN", 6}, {});
    auto const session = masters.sessions(socket)({});
    auto said = fuzz::answers_of(*session, bytes, seed);
    HOLDS(said.held <= AuthMaster::longest_line);
    HOLDS(socket == MasterSocket::master || pending.size() == 2);
    return said;
}

}  // namespace

FUZZ_TARGET(auth_master, input)
{
    fuzz::Input from(input);
    auto const socket = from.flag() ? MasterSocket::userdb : MasterSocket::master;
    auto const seed = from.byte();
    auto const said = talk(socket, from.rest(), 0);
    HOLDS(said == talk(socket, from.rest(), seed + 1U));
    HOLDS(said.bytes.empty() || said.bytes.back() == '\n');
    // No user's name makes a line of its own, or a field.
    HOLDS(said.bytes.find("eve\tx") == std::string::npos);
}
