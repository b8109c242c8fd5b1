// SPDX-License-Identifier: Apache-2.0
// The server's side of Dovecot's dict protocol, for the plugins quota_clone and last_login of 2.3 and 2.4
// (lib-dict/dict-client.h: majors 3 and 4). It takes reports; there is nothing to be read back.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "protocols/line_session.h"
#include "protocols/recorder.h"

namespace provost::protocols {

class Dict final : public LineSession {
public:
    static constexpr std::size_t longest_line = 64 << 10;  // what a client may send (DICT_CLIENT_MAX_LINE_LENGTH)
    static constexpr std::size_t most_transactions = 64;   // open on one connection; Dovecot's plugins have one
    static constexpr std::size_t most_changes = 16;        // of one transaction; Dovecot's plugins make two

    Dict(Recorder& recorder, Counter& broken) : LineSession(longest_line, broken), recorder_(recorder) {}

protected:
    bool on_line(std::string_view line, net::Exchange& exchange) override;

private:
    enum class Name : std::uint8_t { none, quota, lastlogin, other };
    struct Change {
        std::string key;
        std::string value;
    };
    struct Transaction {
        std::string user;
        std::vector<Change> changes = {};
        bool too_many = false;
        bool increments = false;
    };

    bool on_hello(std::string_view arguments);
    void begin(std::string_view arguments);
    void change(char command, std::string_view arguments);
    void commit(std::string_view arguments, bool answered, net::Exchange& exchange);
    std::string committed(std::uint32_t id);
    void observe_usage(Transaction const& transaction);
    void observe_logins(Transaction const& transaction);

    Recorder& recorder_;
    Name name_ = Name::none;
    std::map<std::uint32_t, Transaction> transactions_;
};

// For the socket `dovecot-dict`; the dicts are named "quota" and "lastlogin".
net::SessionMaker dict_sessions(Recorder& recorder, Metrics& metrics);

}  // namespace provost::protocols
