// SPDX-License-Identifier: Apache-2.0
// The file of sockets that provost-holder reads.
#include "base/text.h"
#include "fuzz/target.h"
#include "net/holder.h"

using namespace provost;
using namespace provost::net;

FUZZ_TARGET(holder_plan, input)
{
    auto const sockets = parse_held_sockets(input);
    if (!sockets) {
        HOLDS(is_utf8(sockets.error().message));
        return;
    }
    HOLDS(!sockets->empty());
    for (auto const& socket : *sockets) {
        HOLDS(!socket.name.empty() && socket.name.find_first_of(": \n") == std::string::npos);
        if (auto const* unix_place = std::get_if<UnixPlace>(&socket.place)) {
            HOLDS(unix_place->path.starts_with('/'));
            HOLDS(unix_place->mode <= 0777);
        } else {
            HOLDS(std::get<TcpPlace>(socket.place).port != 0);
        }
    }
}
