// SPDX-License-Identifier: Apache-2.0
// A blocking conversation in lines with another server: IMAP, POP3, ManageSieve, SMTP. For workers and the command.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/fd.h"

namespace provost::net {

// What a server's certificate must prove.
class TlsCheck {
public:
    // It is valid for this name, by the system's authorities or those in `ca_file` (PEM).
    static TlsCheck for_name(std::string name, std::string ca_file = {})
    {
        return {std::move(name), std::move(ca_file), {}};
    }
    // Nothing; `reason` says why that is right, such as "loopback: its certificate names the public host".
    static TlsCheck none(std::string reason) { return {{}, {}, std::move(reason)}; }

    bool is_on() const { return !name_.empty(); }
    std::string const& name() const { return name_; }
    std::string const& ca_file() const { return ca_file_; }
    std::string const& reason() const { return reason_; }

private:
    TlsCheck(std::string name, std::string ca_file, std::string reason)
        : name_(std::move(name)), ca_file_(std::move(ca_file)), reason_(std::move(reason))
    {
    }
    std::string name_, ca_file_, reason_;
};

// Every operation ends within `timeout`. Trouble on the way is Fault::unavailable, also a line longer than the limit
// and an end of the conversation; a certificate that does not prove what it must is Fault::denied.
class LineClient {
public:
    struct Limits {
        std::chrono::milliseconds timeout{10'000};
        std::size_t longest_line = 64 << 10;     // bytes, without the line end
        std::size_t longest_literal = 16 << 20;  // bytes of read_bytes
    };

    static Result<LineClient> connect(std::string const& host, std::uint16_t port, Limits limits);
    static Result<LineClient> connect_unix(std::string const& path, Limits limits);
    // Over a socket that is connected, and does not block; `where` names it in errors.
    static LineClient over(Fd socket, std::string where, Limits limits);
    LineClient(LineClient&&) noexcept;
    LineClient& operator=(LineClient&&) noexcept;
    ~LineClient();

    std::string const& where() const;  // as errors name the server
    bool is_encrypted() const;
    // Whether the socket's other end is on this host: a UNIX socket, or a loopback address.
    bool is_on_this_host() const;

    // For the operations that follow; so that a whole conversation can have one deadline.
    void set_timeout(std::chrono::milliseconds timeout);

    // The TLS handshake: first thing, or after the server agreed to STARTTLS. Bytes that came before it in the clear
    // and were not read end the conversation: they are not from the server whose certificate we check.
    // The first one makes the process ignore SIGPIPE.
    Result<void> start_tls(TlsCheck const& check);

    Result<std::string> read_line();                    // without its CR LF or LF
    Result<std::string> read_bytes(std::size_t count);  // a literal
    Result<void> write(std::string_view bytes);         // as they are: bring your CR LF

private:
    struct Impl;
    explicit LineClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace provost::net
