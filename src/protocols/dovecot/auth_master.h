// SPDX-License-Identifier: Apache-2.0
// The server's side of the Dovecot auth master protocol (version 1, any minor): what Dovecot's processes ask about
// users, and the second half of a sign-in. No password ever leaves here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "net/session.h"
#include "protocols/dovecot/pending_logins.h"
#include "protocols/line_session.h"
#include "protocols/questions.h"
#include "protocols/sign_ins.h"

namespace provost::protocols {

// The two sockets of this protocol: `userdb` may be open to many, and knows no REQUEST.
enum class MasterSocket : std::uint8_t { master, userdb };

// Adds uid, gid, home and quota in the words of 2.3 (quota_rule) and 2.4 (quota_storage_size, quota_message_count);
// each version leaves the other's aside. 0 is "unlimited" to both, so a bound of 0 is told as 1.
void append_user_fields(std::string& line, directory::UserFields const& fields);

// What all conversations of both sockets share; it must outlive their listeners.
class AuthMasters {
public:
    using Now = std::function<PendingLogins::Moment()>;

    // `server_id` (SPID) and `pending` as on the sockets of auth clients.
    AuthMasters(std::uint32_t server_id, Users& users, SignIns& sign_ins, PendingLogins& pending, Metrics& metrics,
                Now now = std::chrono::steady_clock::now);

    net::SessionMaker sessions(MasterSocket socket);

    struct Shared {
        std::uint32_t server_id;
        Users& users;
        SignIns& sign_ins;
        PendingLogins& pending;
        Counter& broken;
        Now now;
    };

private:
    std::shared_ptr<Shared> shared_;
};

class AuthMaster final : public LineSession {
public:
    static constexpr std::size_t longest_line = 8192;  // what clients of this protocol themselves read
    static constexpr std::size_t page = 500;           // names of a LIST that are fetched at a time

    AuthMaster(std::shared_ptr<AuthMasters::Shared> shared, MasterSocket socket)
        : LineSession(longest_line, shared->broken), shared_(std::move(shared)), socket_(socket)
    {
    }
    std::string greeting() override;

protected:
    bool on_line(std::string_view line, net::Exchange& exchange) override;

private:
    std::string user(std::uint32_t id, std::string_view arguments, bool is_pass);
    std::string request(std::uint32_t id, std::string_view arguments);
    void list(std::uint32_t id, std::string_view arguments, net::Exchange& exchange);

    std::shared_ptr<AuthMasters::Shared> shared_;
    MasterSocket socket_;
};

}  // namespace provost::protocols
