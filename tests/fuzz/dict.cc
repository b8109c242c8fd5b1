// SPDX-License-Identifier: Apache-2.0
// What Dovecot's plugins report: how full mailboxes are, and who signed in.
#include "protocols/dovecot/dict.h"

#include "fuzz/session.h"

using namespace provost;
using namespace provost::protocols;

namespace {

struct Told {
    fuzz::Said said;
    Recorder::Taken taken;
};

Told talk(std::string_view bytes, unsigned seed)
{
    static Metrics metrics;
    static auto& broken = metrics.counter("broken", "");
    Recorder recorder(metrics, [](std::string_view name) { return std::string(name); });
    Dict dict(recorder, broken);
    auto said = fuzz::answers_of(dict, bytes, seed);
    return {std::move(said), recorder.take()};
}

}  // namespace

FUZZ_TARGET(dict, input)
{
    fuzz::Input from(input);
    auto const seed = from.byte();
    auto const whole = talk(from.rest(), 0);
    auto const parted = talk(from.rest(), seed + 1U);
    HOLDS(whole.said == parted.said);
    HOLDS(whole.said.held <= Dict::longest_line);
    HOLDS(whole.said.bytes.empty() || whole.said.bytes.back() == '\n');
    HOLDS(whole.taken.usage.size() == parted.taken.usage.size());
    HOLDS(whole.taken.logins.size() == parted.taken.logins.size());
    for (auto const& [name, usage] : whole.taken.usage) {
        HOLDS(!name.empty() && name.size() <= 1024);
        HOLDS(usage.bytes >= 0 && usage.messages >= 0);
    }
    for (auto const& login : whole.taken.logins)
        HOLDS(!login.name.empty() && login.at <= from_millis(253'402'300'799'000));
}
