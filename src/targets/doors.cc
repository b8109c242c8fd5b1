// SPDX-License-Identifier: Apache-2.0
#include "targets/doors.h"

#include "base/time.h"
#include "net/line_client.h"
#include "targets/sign_in.h"

namespace provost::targets {
namespace {

// RFC 5321 4.5.3.1.5 has 512 for SMTP, RFC 9051 4 none; Dovecot's longest line, its capabilities, is below 1 KiB.
constexpr std::size_t longest_line = 8192;
constexpr std::size_t longest_literal = 8192;

// A connection whose operations all fail once the deadline has passed.
class Socket : public Wire {
public:
    Socket(net::LineClient client, Stopwatch watch, std::chrono::milliseconds deadline)
        : client_(std::move(client)), watch_(watch), deadline_(deadline)
    {
    }

    Result<std::string> line() override
    {
        CHECK_OK(in_time());
        return client_.read_line();
    }
    Result<std::string> bytes(std::size_t count) override
    {
        CHECK_OK(in_time());
        return client_.read_bytes(count);
    }
    Result<void> send(std::string_view bytes) override
    {
        CHECK_OK(in_time());
        return client_.write(bytes);
    }
    Result<void> start_tls() override
    {
        CHECK_OK(in_time());
        return client_.start_tls(net::TlsCheck::none(is_a_door_of_this_host));
    }

private:
    Result<void> in_time()
    {
        auto const left = deadline_ - watch_.elapsed();
        if (left.count() <= 0) return fail(Fault::unavailable, "no decision within the deadline");
        client_.set_timeout(left);
        return {};
    }

    net::LineClient client_;
    Stopwatch watch_;
    std::chrono::milliseconds deadline_;
};

KnockResult knock_within(Stopwatch const& watch, Door const& door, std::string const& login, Secret const& password,
                         std::chrono::milliseconds deadline)
{
    auto client = net::LineClient::connect(door.host, door.port, {deadline, longest_line, longest_literal});
    if (!client) return {Knock::unreachable, client.error().message, {}};
    Socket socket(*std::move(client), watch, deadline);
    if (door.tls == DoorTls::implicit) {
        // Somebody listens there, and could let the account in a moment later.
        if (auto const started = socket.start_tls(); !started) return {Knock::temporary, started.error().message, {}};
    }
    return sign_in(door.kind, door.tls, socket, login, password);
}

}  // namespace

KnockResult knock(Door const& door, std::string const& login, Secret const& password,
                  std::chrono::milliseconds deadline)
{
    Stopwatch const watch;
    auto result = knock_within(watch, door, login, password, deadline);
    result.took = watch.elapsed();
    return result;
}

char const* word(Knock knock)
{
    switch (knock) {
        case Knock::let_in:
            return "let in";
        case Knock::refused:
            return "refused";
        case Knock::temporary:
            return "temporary";
        case Knock::unreachable:
            return "unreachable";
    }
    return "";
}

}  // namespace provost::targets
