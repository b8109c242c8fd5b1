// SPDX-License-Identifier: Apache-2.0
#include "targets/root_helper.h"

#include "net/line_client.h"
#include "targets/cyrus_names.h"

namespace provost::targets {

Result<std::string> RootHelper::answer_to(HelperRequest const& request) const
{
    net::LineClient::Limits limits;
    limits.timeout = timeout_;
    limits.longest_line = longest_helper_answer;
    auto client = TRY(net::LineClient::connect_unix(socket_, limits));
    CHECK_OK(client.write(helper_line(request)));
    auto const answer = TRY(client.read_line());
    return parse_helper_answer(answer);
}

Result<void> RootHelper::ask(HelperRequest const& request) const
{
    TRY(answer_to(request));
    return {};
}

// A name that Cyrus cannot have has nothing open there: former names of mailboxes may be such.
Result<std::vector<OpenSession>> RootHelper::cyrus_sessions(std::vector<std::string> const& users) const
{
    std::vector<OpenSession> open;
    for (auto const& user : users) {
        if (!check_cyrus_user(user)) continue;
        auto const text = TRY(answer_to(CyrusSessions{user, false}));
        auto const found = TRY(parse_sessions(text, user));
        open.insert(open.end(), found.begin(), found.end());
    }
    return open;
}

Result<void> RootHelper::end_cyrus_sessions(std::vector<std::string> const& users) const
{
    for (auto const& user : users)
        if (check_cyrus_user(user)) CHECK_OK(answer_to(CyrusSessions{user, true}));
    return {};
}

}  // namespace provost::targets
