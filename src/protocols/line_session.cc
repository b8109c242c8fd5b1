// SPDX-License-Identifier: Apache-2.0
#include "protocols/line_session.h"

namespace provost::protocols {

std::size_t LineSession::on_bytes(std::string_view input, net::Exchange& exchange)
{
    std::size_t taken = 0;
    while (!ended_) {
        auto const rest = input.substr(taken);
        auto const end = rest.find('\n');
        auto const length = end == std::string_view::npos ? rest.size() : end;
        if (length > longest_line_) {
            ended_ = true;
        } else if (end == std::string_view::npos) {
            return taken;
        } else {
            ended_ = !on_line(rest.substr(0, end), exchange);
            taken += end + 1;
        }
        if (ended_) {
            broken_.add();
            exchange.close();
        }
    }
    return input.size();
}

}  // namespace provost::protocols
