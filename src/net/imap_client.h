// SPDX-License-Identifier: Apache-2.0
// A blocking conversation with an IMAP server (RFC 9051, RFC 3501). For workers and the command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "net/imap_command.h"
#include "net/imap_reply.h"
#include "net/line_client.h"

namespace provost::net {

// Where it is and how it is spoken to.
struct ImapServer {
    enum class Tls : std::uint8_t { none, starttls, implicit };

    std::string host = {};
    std::uint16_t port = 143;
    std::string unix_path = {};  // wins over host and port where it is set
    Tls tls = Tls::starttls;
    TlsCheck check = TlsCheck::for_name({});  // left out: for `host`
    LineClient::Limits limits = {};           // the timeout is for a whole command
    std::size_t most_answers = 100'000;       // untagged, of one command: as for a list of that many folders
    std::size_t largest_reply = 64 << 20;     // memory of all of them
};

// Trouble on the way, BYE and what is not understood are Fault::unavailable, with the server's words. They end the
// conversation: each later call says the same. Errors and replies hold no secret, even where the server repeats one.
//
// The timeout is for a command with all of its answer, however slowly that comes; of several, it begins anew with each
// reply. Connecting takes up to six such steps, signing in two.
class ImapClient {
public:
    // Greeted, under TLS where that is wanted, with its capabilities known. A certificate that does not prove what it
    // must is Fault::denied.
    static Result<ImapClient> connect(ImapServer const& server);
    // The same over a conversation that has just begun; `server` says how, not where.
    static Result<ImapClient> over(LineClient wire, ImapServer const& server);
    ImapClient(ImapClient&&) noexcept;
    ImapClient& operator=(ImapClient&&) noexcept;
    ~ImapClient();

    // What the server said last that it can: after TLS what it said under TLS, after sign-in what it said then.
    bool offers(std::string_view capability) const;
    bool is_signed_in() const;  // also by the server itself, which greets with PREAUTH

    // By SASL PLAIN, or LOGIN where there is no PLAIN and nobody to act as; `authzid`: act as this user. The server's
    // no is Fault::denied, and unavailable where it says that it cannot tell. Nothing is sent, and it is
    // Fault::invalid, unless the conversation is encrypted or both of its ends are on this host, which is known from
    // the address of the socket's other end.
    Result<void> sign_in(std::string_view login, Secret const& password, std::string_view authzid = {});

    // NO and BAD are replies. Fault::invalid: the command cannot be sent; the conversation goes on.
    Result<ImapReply> ask(ImapCommand const& command);
    // All on their way together; their replies in the order of the commands, in whatever order they come. What comes
    // untagged belongs to the reply that it precedes. Where there is trouble on the way, some may have been done.
    Result<std::vector<ImapReply>> ask_all(std::vector<ImapCommand> const& commands);

    Result<void> sign_out();  // nothing can be asked afterwards

private:
    struct Impl;
    explicit ImapClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace provost::net
