// SPDX-License-Identifier: Apache-2.0
// What provost-helper may be asked, and how it answers; both sides of its socket. Pure.
//   remove-home <uuid>         the home of this mailbox goes, below the root of all mail
//   cyrus-sessions <user>      answers with what this user has open in Cyrus: imap:4711 pop3:4712
//   end-cyrus-sessions <user>  and these processes are asked to end
// One line each way: OK and words, NO and words (asking again will not help), TEMP and words (it may).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "targets/open_session.h"

namespace provost::targets {

struct RemoveHome {
    MailboxId mailbox;
};
struct CyrusSessions {
    std::string user;
    bool end = false;
};
using HelperRequest = std::variant<RemoveHome, CyrusSessions>;

constexpr std::size_t longest_helper_request = 320;  // bytes with the line end; a user has 254 at most
constexpr std::size_t longest_helper_answer = 4096;

// With its line end.
std::string helper_line(HelperRequest const& request);
// The line without its end, exactly as helper_line() writes it. Everything else is Fault::invalid.
Result<HelperRequest> parse_helper_line(std::string_view line);

// With its line end, printable. Fault::unavailable is TEMP, every other one is NO.
std::string helper_answer(Result<std::string> const& outcome);
// The words of OK in the line without its end. NO is Fault::denied; TEMP, and what is not understood,
// Fault::unavailable.
Result<std::string> parse_helper_answer(std::string_view line);

// "imap:4711 pop3:4712": as many as fit into an answer; the others show when these have ended.
std::string sessions_text(std::vector<OpenSession> const& sessions);
Result<std::vector<OpenSession>> parse_sessions(std::string_view text, std::string const& user);

}  // namespace provost::targets
