// SPDX-License-Identifier: Apache-2.0
// For tests: an IMAP client and a server that follows a script.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "net/imap_client.h"
#include "net/test_server.h"

namespace provost::net {

inline constexpr auto can = "* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN SASL-IR ID] ready\r\n";
inline constexpr auto can_little = "* OK [CAPABILITY IMAP4rev1] ready\r\n";

inline ImapServer on(std::uint16_t port, ImapServer::Tls tls = ImapServer::Tls::none)
{
    ImapServer server;
    server.host = "127.0.0.1";
    server.port = port;
    server.tls = tls;
    server.limits.timeout = std::chrono::seconds(20);
    return server;
}

inline bool says(Result<void> const& result, std::string_view words)
{
    return !result && result.error().message.find(words) != std::string::npos;
}
template <class T>
Result<void> outcome(Result<T> const& result)
{
    if (!result) return tl::make_unexpected(result.error());
    return {};
}

// A server that follows a script, in the clear.
class Scripted {
public:
    explicit Scripted(std::function<void(TestTalk&)> script)
        : server_([script = std::move(script)](int peer) {
              TestTalk talk(peer);
              script(talk);
          }),
          client(ImapClient::connect(on(server_.port)))
    {
    }

private:
    TestServer server_;

public:
    Result<ImapClient> client;
};

}  // namespace provost::net
