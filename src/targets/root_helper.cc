// SPDX-License-Identifier: Apache-2.0
#include "targets/root_helper.h"

#include "net/line_client.h"

namespace provost::targets {

Result<void> RootHelper::ask(HelperRequest const& request) const
{
    net::LineClient::Limits limits;
    limits.timeout = timeout_;
    limits.longest_line = longest_helper_answer;
    auto client = TRY(net::LineClient::connect_unix(socket_, limits));
    CHECK_OK(client.write(helper_line(request)));
    auto const answer = TRY(client.read_line());
    return parse_helper_answer(answer);
}

}  // namespace provost::targets
