// SPDX-License-Identifier: Apache-2.0
// Where clients are, as limits on guessing tell them apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provost::password {

// Where a client is, as finely as one attacker is told from another: an IPv4 address, or an IPv6 /64.
class Network {
public:
    // Nothing for what is no address, and for loopback: what comes from there is a web mailer or a server that did
    // not pass its client on, so everybody would share one.
    static std::optional<Network> of(std::string_view address);  // "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"
    std::string const& bytes() const { return bytes_; }          // 4 or 8

private:
    explicit Network(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string bytes_;
};

// Some networks, such as "192.0.2.0/24 2001:db8:1::/48 198.51.100.7". Of IPv6 a /64 is the smallest that is told apart.
class Networks {
public:
    Networks() = default;
    explicit Networks(std::string_view words);  // std::invalid_argument where one of them is no network
    bool has(Network const& network) const;

private:
    struct Range {
        std::string bytes;  // 4 or 8
        std::size_t bits;
    };
    static Range range_of(std::string_view word);

    std::vector<Range> ranges_;
};

}  // namespace provost::password
