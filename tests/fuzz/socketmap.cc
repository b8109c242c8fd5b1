// SPDX-License-Identifier: Apache-2.0
// Postfix's lookups: netstrings in, netstrings out.
#include "protocols/postfix/socketmap.h"

#include <stdexcept>

#include "base/text.h"
#include "fuzz/session.h"
#include "protocols/netstring.h"

using namespace provost;
using namespace provost::protocols;

namespace {

// Answers by what the key begins with.
struct Site final : Maps {
    std::optional<mail::Map> named(std::string_view name) const override
    {
        for (auto map : mail::all_maps)
            if (name == mail::word(map)) return map;
        return std::nullopt;
    }
    directory::Found ask(mail::Map, std::string_view key, std::string& text) override
    {
        if (key.starts_with("throw")) throw std::runtime_error("a list in the replica is cut short");
        text = key.starts_with("empty") ? "" : key;
        if (key.starts_with("long")) text.assign(longest_socketmap_reply, 'x');
        if (key.starts_with("temp")) return directory::Found::cannot_tell;
        return key.find('@') == std::string_view::npos ? directory::Found::not_found : directory::Found::found;
    }
};

}  // namespace

FUZZ_TARGET(socketmap, input)
{
    static Metrics metrics;
    static SocketmapCounters counters(metrics);
    Site site;
    fuzz::Input from(input);
    auto const seed = from.byte();
    Socketmap whole(site, counters);
    Socketmap parted(site, counters);
    auto const said = fuzz::answers_of(whole, from.rest(), 0);
    HOLDS(said == fuzz::answers_of(parted, from.rest(), seed + 1U));
    HOLDS(said.held <= Socketmap::longest_request + 16);

    std::string_view left = said.bytes;
    while (!left.empty()) {
        auto const reply = read_netstring(left);
        HOLDS(reply.kind == Netstring::Kind::whole);
        HOLDS(reply.payload.size() <= longest_socketmap_reply);
        auto const word = reply.payload.substr(0, reply.payload.find(' '));
        HOLDS(word == "OK" || word == "NOTFOUND" || word == "TEMP" || word == "PERM");
        left.remove_prefix(reply.size());
    }
}
