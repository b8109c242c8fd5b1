// SPDX-License-Identifier: Apache-2.0
// A conversation in lines that end with LF, as all of Dovecot's are.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/metrics.h"
#include "net/session.h"

namespace provost::protocols {

class LineSession : public net::Session {
public:
    std::size_t on_bytes(std::string_view input, net::Exchange& exchange) final;

protected:
    // A line of more than `longest_line` bytes (without its LF) is a breach; breaches are counted in `broken`.
    LineSession(std::size_t longest_line, Counter& broken) : longest_line_(longest_line), broken_(broken) {}

    // Takes one line without its LF. false: the peer broke the protocol, and the conversation ends.
    virtual bool on_line(std::string_view line, net::Exchange& exchange) = 0;

private:
    std::size_t longest_line_;
    Counter& broken_;
    bool ended_ = false;
};

}  // namespace provost::protocols
