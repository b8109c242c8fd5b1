// SPDX-License-Identifier: Apache-2.0
// The same bytes to two sessions of a kind, at once and in pieces: what is answered must not depend on the pieces.
#pragma once

#include <string>
#include <string_view>

#include "fuzz/target.h"
#include "protocols/test_exchange.h"

namespace provost::fuzz {

struct Said {
    std::string bytes;
    bool closed = false;
    std::size_t held = 0;  // bytes that wait for more

    bool operator==(Said const&) const = default;
};

// `seed` of 0 is all of it at once; else there are a hundred pieces or so at most, lest all time go to long inputs.
inline Said answers_of(net::Session& session, std::string_view bytes, unsigned seed)
{
    protocols::TestWire wire(session);
    auto said = seed == 0 ? wire.say(bytes) : wire.say_in_pieces(bytes, seed % 40 + 1 + bytes.size() / 50, seed);
    return {std::move(said), wire.exchange.is_closed(), wire.held()};
}

// What both say. Where the conversation was ended from our side, what had come with the last request may have been
// answered as well, or not.
inline void holds_same(Said const& whole, Said const& parted)
{
    HOLDS(whole.closed == parted.closed);
    HOLDS(whole.closed ? whole.bytes.starts_with(parted.bytes) : whole == parted);
}

}  // namespace provost::fuzz
