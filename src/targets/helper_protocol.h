// SPDX-License-Identifier: Apache-2.0
// What provost-helper may be asked, and how it answers; both sides of its socket. Pure.
//   remove-home <uuid>    the home of this mailbox goes, below the root of all mail
// One line each way: OK, NO and words (asking again will not help), TEMP and words (it may).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

namespace provost::targets {

struct RemoveHome {
    MailboxId mailbox;
};
using HelperRequest = RemoveHome;  // the only one there is

constexpr std::size_t longest_helper_request = 64;  // bytes with the line end; remove-home has 49
constexpr std::size_t longest_helper_answer = 512;

// With its line end.
std::string helper_line(HelperRequest const& request);
// The line without its end, exactly as helper_line() writes it. Everything else is Fault::invalid.
Result<HelperRequest> parse_helper_line(std::string_view line);

// With its line end, printable. Fault::unavailable is TEMP, every other one is NO.
std::string helper_answer(Result<void> const& outcome);
// The line without its end. NO is Fault::denied; TEMP, and what is not understood, Fault::unavailable.
Result<void> parse_helper_answer(std::string_view line);

}  // namespace provost::targets
