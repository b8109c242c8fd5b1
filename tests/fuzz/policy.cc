// SPDX-License-Identifier: Apache-2.0
// What Postfix's policy service asks: lines up to an empty one in, an action out.
#include "protocols/postfix/policy.h"

#include "fuzz/session.h"

using namespace provost;
using namespace provost::protocols;

namespace {

struct Site final : Rooms {
    directory::Room room(std::string_view recipient, std::int64_t declared) override
    {
        HOLDS(declared >= 0);
        if (recipient.starts_with("full")) return directory::Room::none;
        return recipient.empty() ? directory::Room::cannot_tell : directory::Room::there_is;
    }
};

}  // namespace

FUZZ_TARGET(policy, input)
{
    static Metrics metrics;
    static PolicyCounters counters(metrics);
    Site site;
    fuzz::Input from(input);
    auto const seed = from.byte();
    Policy whole(site, counters);
    Policy parted(site, counters);
    auto const said = fuzz::answers_of(whole, from.rest(), 0);
    HOLDS(said == fuzz::answers_of(parted, from.rest(), seed + 1U));
    HOLDS(said.held <= Policy::longest_request + 2);

    fuzz::Input answers(said.bytes);
    while (!answers.empty()) {
        auto const action = answers.until('\n');
        HOLDS(action == "action=DUNNO" || action == "action=552 5.2.2 Mailbox is full");
        HOLDS(answers.until('\n').empty());
    }
}
