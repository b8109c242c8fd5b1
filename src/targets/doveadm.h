// SPDX-License-Identifier: Apache-2.0
// Dovecot's doveadm HTTP API (2.3 and 2.4): what a request looks like, how to read every answer, and who to ask.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "net/http_client.h"

namespace provost::targets {

// The body of a request for one command. `who` lists one row a connection; `kick` takes one mask, in which * and ?
// stand for more than themselves.
std::string who_request();
std::string kick_request(std::string_view mask);
std::string quota_request(std::string_view user);

// An object of an answer; numbers and booleans are written as text, as Dovecot itself mostly does.
using DoveadmRow = std::map<std::string, std::string, std::less<>>;

struct DoveadmAnswer {
    std::vector<DoveadmRow> rows;
    int exit_code = 0;  // of the command: sysexits(3) and a few of doveadm's own
};

inline constexpr int doveadm_nobody = 68;  // EX_NOHOST: kick found nobody to kick (2.3)

// What one command answered. Commands that failed with an exit code are answers too; Fault::invalid is for a command
// or parameter that this Dovecot does not know, Fault::unavailable for what is no answer at all.
Result<DoveadmAnswer> parse_doveadm_answer(std::string_view body);

// Whether the exit code is success, or what to say about it: unavailable for EX_TEMPFAIL and what may be a passing
// state of the server, denied for EX_NOPERM.
Result<void> judge_exit_code(std::string_view command, int exit_code);

class Doveadm {
public:
    struct Settings {
        std::string url;  // "http://127.0.0.1:8080/doveadm/v1"
        Secret api_key;   // doveadm_api_key
        std::chrono::milliseconds connect_time{2'000};
        std::chrono::milliseconds total_time{5'000};
    };
    using Call = std::function<Result<net::HttpResponse>(net::HttpCall const&)>;
    explicit Doveadm(Settings settings, Call call = net::call);

    // Sends one request on a connection of its own: after some commands a connection has lost its privileges.
    Result<DoveadmAnswer> ask(std::string const& body) const;

private:
    Settings settings_;
    Call call_;
};

}  // namespace provost::targets
