// SPDX-License-Identifier: Apache-2.0
// The server's side of the Dovecot auth client protocol (version 1, any minor): Postfix's SASL and Dovecot's login
// processes have passwords checked by it. Whether a connection must be secured first is theirs to demand: they hide
// PLAIN and LOGIN, which we announce as plaintext, until it is.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/metrics.h"
#include "net/session.h"
#include "protocols/dovecot/auth_request.h"
#include "protocols/dovecot/pending_logins.h"
#include "protocols/line_session.h"
#include "protocols/sign_ins.h"

namespace provost::protocols {

// Who asks decides how "cannot tell" looks. Postfix takes every FAIL for a wrong password (535) and a lost connection
// for a temporary failure (454); Dovecot 2.3 takes a lost connection for a wrong password.
enum class AuthPeer : std::uint8_t { postfix, dovecot };

// The line that tells an outcome; nullopt where the peer is told by closing. `login` and `authzid` as they were sent.
std::optional<std::string> word_outcome(AuthPeer peer, std::uint32_t id, std::string_view login,
                                        std::string_view authzid, directory::LoginOutcome const& outcome);

// What all conversations of one socket share. It must outlive the listener; what it refers to must also outlive
// whoever still checks passwords.
class AuthClients {
public:
    using Now = std::function<PendingLogins::Moment()>;

    // `server_id` (SPID) must be the same on the master sockets, and not 0.
    AuthClients(AuthPeer peer, std::uint32_t server_id, SignIns& sign_ins, PendingLogins& pending, Metrics& metrics,
                Now now = std::chrono::steady_clock::now);

    net::SessionMaker sessions();

    struct Shared {
        AuthPeer peer;
        std::uint32_t server_id;
        SignIns& sign_ins;
        PendingLogins& pending;
        Counter& broken;
        Now now;
        std::atomic<std::uint32_t> connections = 0;
    };

private:
    std::shared_ptr<Shared> shared_;
};

class AuthClient final : public LineSession {
public:
    static constexpr std::size_t longest_line = 16'384;         // AUTH_CLIENT_MAX_LINE_LENGTH of Dovecot
    static constexpr std::size_t longest_name = 512;            // kept of a login: twice what an address may have
    static constexpr std::size_t most_open = 1000;              // waiting for the client's next step, on one connection
    static constexpr std::chrono::seconds open_time{150};       // MASTER_AUTH_SERVER_TIMEOUT_SECS of Dovecot
    static constexpr std::chrono::milliseconds deadline{8000};  // Postfix waits 10 s (AUTH_TIMEOUT)

    explicit AuthClient(std::shared_ptr<AuthClients::Shared> shared);

    std::string greeting() override;

protected:
    bool on_line(std::string_view line, net::Exchange& exchange) override;

private:
    // A sign-in that waits for the client's next step.
    struct Open {
        bool is_login = false;  // the mechanism: LOGIN or PLAIN
        bool nologin = false;
        std::optional<std::string> login = {};  // LOGIN: set when the name has come
        mail::Service service = mail::Service::imap;
        std::string from = {};
        PendingLogins::Moment since = {};
    };
    // A sign-in that waits for the directory; whoever takes the Responder out answers.
    struct Verification {
        Guarded<std::optional<net::Responder>> responder;
    };

    bool on_auth(std::string_view arguments, net::Exchange& exchange);
    bool on_continue(std::string_view arguments, net::Exchange& exchange);
    void on_cancel(std::string_view arguments);
    bool is_in_use(std::uint32_t id) const;
    bool challenge(std::uint32_t id, Open open, std::string_view base64, net::Exchange& exchange);
    bool step(std::uint32_t id, Open open, std::string_view base64, bool is_first, net::Exchange& exchange);
    void verify(std::uint32_t id, Open const& open, PlainMessage message, net::Exchange& exchange);
    bool cannot_tell(std::uint32_t id, std::string_view reason, net::Exchange& exchange) const;
    void forget_old();

    std::shared_ptr<AuthClients::Shared> shared_;
    std::string cookie_;
    std::optional<std::uint32_t> client_;
    std::map<std::uint32_t, Open> open_;
    std::map<std::uint32_t, std::weak_ptr<Verification>> verifying_;
};

}  // namespace provost::protocols
