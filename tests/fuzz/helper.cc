// SPDX-License-Identifier: Apache-2.0
// Both sides of the root helper's socket: what it may be asked is one thing, whatever the bytes.
#include "base/text.h"
#include "fuzz/target.h"
#include "targets/cyrus_names.h"
#include "targets/helper_protocol.h"

using namespace provost;
using namespace provost::targets;

FUZZ_TARGET(helper, input)
{
    if (auto const request = parse_helper_line(input)) {
        HOLDS(helper_line(*request) == std::string(input) + "\n");
        HOLDS(input.size() < longest_helper_request);
        auto const* const home = std::get_if<RemoveHome>(&*request);
        HOLDS(home == nullptr || is_uuid(home->mailbox.text()));
        auto const* const sessions = std::get_if<CyrusSessions>(&*request);
        HOLDS(sessions == nullptr || check_cyrus_user(sessions->user).has_value());
    } else {
        auto const answer = helper_answer(tl::make_unexpected(request.error()));
        HOLDS(answer.size() <= longest_helper_answer);
        HOLDS(answer.find('\n') == answer.size() - 1);
    }
    auto const heard = parse_helper_answer(input);
    HOLDS(heard.has_value() == (input == "OK" || input.starts_with("OK ")));
    if (heard) static_cast<void>(parse_sessions(*heard, "alice"));
    if (!heard) HOLDS(is_utf8(heard.error().message));

    auto const told = helper_answer(fail(Fault::denied, std::string(input)));
    HOLDS(told.size() <= longest_helper_answer);
    HOLDS(told.starts_with("NO ") && told.find('\n') == told.size() - 1);
}
