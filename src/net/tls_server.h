// SPDX-License-Identifier: Apache-2.0
// The certificate that a Listener shows, and TLS on each of its connections.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;
struct bio_st;

namespace provost::net {

// One connection's TLS between the wire and the session, without a socket: bytes in, bytes out.
class TlsStream {
public:
    explicit TlsStream(ssl_ctx_st* context);
    ~TlsStream();
    TlsStream(TlsStream const&) = delete;
    TlsStream& operator=(TlsStream const&) = delete;

    // Takes what came, appends what it meant to `plain` and what must be answered to `wire`. False: not TLS, or broken.
    bool receive(std::string_view bytes, std::string& plain, std::string& wire);
    // Appends `plain` to `wire` as records. Before the handshake is done nothing can be sent: false, as when broken.
    bool send(std::string_view plain, std::string& wire);
    void close(std::string& wire);  // says that no more will come, once

    bool has_ended() const { return ended_; }  // the peer said that no more will come
    bool is_midway() const;                    // in a handshake, or within a record

private:
    void take_out(std::string& wire);

    ssl_st* tls_ = nullptr;
    bio_st* in_ = nullptr;  // both owned by tls_
    bio_st* out_ = nullptr;
    bool ended_ = false;
    bool closed_ = false;
};

class TlsServer {
public:
    // PEM files: the certificate with its chain, and its key.
    static Result<std::shared_ptr<TlsServer>> load(std::string certificate, std::string key);
    // Reads both again, after they were renewed; where that fails the old ones go on. From any thread.
    Result<void> reload();
    std::unique_ptr<TlsStream> accept();

private:
    TlsServer(std::string certificate, std::string key) : certificate_(std::move(certificate)), key_(std::move(key)) {}

    std::string const certificate_;
    std::string const key_;
    Guarded<std::shared_ptr<ssl_ctx_st>> context_;
};

}  // namespace provost::net
