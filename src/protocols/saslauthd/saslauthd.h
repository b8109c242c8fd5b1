// SPDX-License-Identifier: Apache-2.0
// The server's side of the saslauthd protocol: Cyrus's servers, Postfix with Cyrus SASL, and whatever else is built on
// libsasl2 have passwords checked by it. One request a connection, which the client closes: where we did so with bytes
// of it unread, our answer would be lost to it. The wire names no client, so that failures are told later and later,
// and nobody is shut out; what is limited to networks is refused.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/metrics.h"
#include "net/session.h"
#include "protocols/sign_ins.h"

namespace provost::protocols {

// "OK" lets in; "NO" is a wrong password to whoever asks, so that where we cannot tell the answer is an empty one:
// libsasl2 calls it SASL_FAIL, Postfix 454, and Cyrus a generic failure. To close without an answer would be taken so
// as well, and leak a descriptor in the client.
std::string word_saslauthd(directory::LoginOutcome const& outcome);

// What may go wrong on this wire, counted by reason.
struct SaslauthdCounters {
    explicit SaslauthdCounters(Metrics& metrics);
    Counter& too_long;
};

class Saslauthd final : public net::Session {
public:
    // libsasl2 waits for ever, and a process of the server with it.
    static constexpr std::chrono::milliseconds deadline{8000};

    Saslauthd(SignIns& sign_ins, SaslauthdCounters& counters) : sign_ins_(sign_ins), counters_(counters) {}
    std::size_t on_bytes(std::string_view input, net::Exchange& exchange) override;

private:
    void verify(directory::LoginAttempt attempt, net::Exchange& exchange);

    SignIns& sign_ins_;
    SaslauthdCounters& counters_;
    bool was_asked_ = false;
};

// `sign_ins` and the counters must outlive the listener, and `sign_ins` whoever still checks passwords.
net::SessionMaker saslauthd_sessions(SignIns& sign_ins, SaslauthdCounters& counters);

}  // namespace provost::protocols
