// SPDX-License-Identifier: Apache-2.0
// A command line on a desk of its own: a daemon of canned answers, and what was asked, printed and returned.
#pragma once

#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "provost/run.h"

namespace provost::cli {

struct TestDesk {
    TestDesk()
    {
        char name[] = "/tmp/provost-desk-XXXXXX";
        auto const fd = mkstemp(name);
        if (fd >= 0) close(fd);
        socket = name;
        around.ask_secret = [this](std::string const& prompt) -> Result<Secret> {
            prompts += prompt;
            auto typed_now = typed.front();
            typed.pop_front();
            return Secret(typed_now);
        };
        around.ask = [this](std::string const& question) {
            prompts += question;
            return agrees;
        };
        around.ask_text = [this](std::string const& prompt) {
            prompts += prompt;
            auto typed_now = typed.front();
            typed.pop_front();
            return typed_now;
        };
        around.read_secret = [this]() -> Result<Secret> { return Secret(input); };
        around.call = [this](net::HttpCall const& call) -> Result<net::HttpResponse> {
            asked.push_back(call.method + ' ' + call.url.substr(std::string("http://provost/api/v1").size()) +
                            (call.body.empty() ? "" : ' ' + call.body));
            if (answers.empty()) return fail(Fault::unavailable, "nobody answers");
            auto response = answers.front();
            if (answers.size() > 1) answers.pop_front();
            return response;
        };
    }
    ~TestDesk() { unlink(socket.c_str()); }
    TestDesk(TestDesk const&) = delete;
    TestDesk& operator=(TestDesk const&) = delete;

    // The last one is given again and again.
    void answer(std::string body, int status = 200)
    {
        answers.push_back({status, "application/json", std::move(body), {}});
    }

    int run(std::vector<std::string> args)
    {
        args.insert(args.begin(), {"--socket", socket});
        return static_cast<int>(cli::run(std::move(args), around));
    }

    std::ostringstream out, err;
    Surroundings around{out, err};
    std::string socket;
    std::deque<net::HttpResponse> answers;
    std::vector<std::string> asked;
    std::deque<std::string> typed;
    std::string input = "from stdin";
    std::string prompts;
    bool agrees = false;
};

// What the API answers to an act that was done.
inline std::string done_json(std::string const& subject, std::string const& proof = "null")
{
    return R"({"subject":")" + subject + R"(","revision":7,"dry_run":false,"answering":true,"notes":[],"proof":)" +
           proof + "}";
}

}  // namespace provost::cli
